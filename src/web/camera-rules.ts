// What a camera is for and when it looks, read from the form of a steward into what kit.yaml and policy.yaml hold.
import type { Language } from "../languages/say.ts";
import { languageName } from "../policy/time-words.ts";
import { CameraEntry } from "../settings/camera-schema.ts";
import type { CameraPolicyEntry, CameraSettings } from "../settings/schema.ts";
import type { CameraDraft } from "./camera-drafts.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import { nameMistake, zoneOf } from "./forms.ts";
import { plainText } from "./html.ts";

/** `languages`: of the policy, in which its purpose is asked for. `devices`: ids that may trigger it. `taken`: ids of cameras. `today`: YYYY-MM-DD. */
export type RulesBy = {
  readonly languages: readonly string[];
  readonly devices: readonly string[];
  readonly taken: readonly string[];
  readonly today: string;
  readonly language: Language;
};

/** The draft with what was typed, as far as it can be read; `mistakes`: sentences, empty where all is well. */
export function withRules(
  draft: CameraDraft,
  asked: URLSearchParams,
  by: RulesBy,
): { readonly draft: CameraDraft; readonly mistakes: readonly string[] } {
  const { say } = by.language;
  const field = (name: string): string => plainText(asked.get(name) ?? "").trim();
  const mistakes: string[] = [];
  const name = field("name");
  const id = draft.isNew ? freeId(zoneOf(name), by.taken) : draft.camera.id;
  if (id === "" || name === "" || nameMistake(name, by.language) !== null) mistakes.push(say("camera.bad-name"));
  const zone = zoneOf(field("zone"));
  if (zone === "") mistakes.push(say("camera.bad-zone"));
  const number = (what: string, { label, least, most }: Bound): number => {
    const typed = field(what);
    const value = /^\d{1,6}$/.test(typed) ? Number(typed) : Number.NaN;
    if (value >= least && value <= most) return value;
    mistakes.push(say("camera.bad-number", { field: label, min: least, max: most }));
    return least;
  };
  const { perDayMax, hoursMax, cooldownMax } = CAMERA_PAGE_LIMITS;
  const until = field("until");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(until) || Number.isNaN(Date.parse(until)) || until < by.today)
    mistakes.push(say("camera.bad-until"));
  const schedule = scheduleOf(field);
  if (schedule === null) mistakes.push(say("camera.bad-times"));
  const policy: CameraPolicyEntry = {
    ...draft.policy,
    purpose: purposeOf(draft, field, { ...by, mistakes }),
    until,
    snapshotsPerDay: number("perDay", { label: say("camera.per-day"), least: 0, most: perDayMax }),
    retentionHours: number("hours", { label: say("camera.hours"), least: 1, most: hoursMax }),
    redact: {
      ...draft.policy.redact,
      level: levelOf(field("level")),
      whenUnsure: field("unsure") === "mosaic" ? "mosaic" : "withhold",
    },
  };
  const { schedule: _before, ...others } = draft.camera;
  const camera: CameraSettings = {
    ...others,
    id: id === "" ? others.id : id,
    name,
    zone: zone === "" ? others.zone : zone,
    triggers: asked.getAll("trigger").filter((trigger) => by.devices.includes(trigger)),
    cooldownS: number("cooldown", { label: say("camera.cooldown"), least: 0, most: cooldownMax }),
    ...(schedule !== null && Object.keys(schedule).length > 0 && { schedule }),
  };
  return { draft: { ...draft, camera, policy, hasRules: mistakes.length === 0 }, mistakes };
}

type Bound = { readonly label: string; readonly least: number; readonly most: number };
type Field = (name: string) => string;

/** `new` is the page that adds one. */
function freeId(wanted: string, taken: readonly string[]): string {
  const names = [wanted, ...Array.from({ length: taken.length + 1 }, (_, n) => `${wanted}-${n + 2}`)];
  return wanted === "" ? "" : (names.find((name) => name !== "new" && !taken.includes(name)) ?? "");
}

/** What is written in other languages than the policy's now stays. */
function purposeOf(
  { policy }: CameraDraft,
  field: Field,
  { languages, language, mistakes }: RulesBy & { readonly mistakes: string[] },
): CameraPolicyEntry["purpose"] {
  const typed = languages.map(
    (tag) => [tag, field(`purpose-${tag}`).slice(0, CAMERA_PAGE_LIMITS.purposeChars)] as const,
  );
  const [first = "en"] = languages;
  if (!typed.some(([tag, words]) => tag === first && words !== ""))
    mistakes.push(language.say("camera.bad-purpose", { language: languageName(first, language) }));
  const others = Object.entries(policy.purpose).filter(([tag]) => !languages.includes(tag));
  return Object.fromEntries([...others, ...typed.filter(([, words]) => words !== "")]);
}

function levelOf(typed: string): CameraPolicyEntry["redact"]["level"] {
  return typed === "thorough" || typed === "strict" ? typed : "normal";
}

/** Null: a time that is none. Empty: at any hour, and by nothing but its triggers. */
function scheduleOf(field: Field): NonNullable<CameraSettings["schedule"]> | null {
  const at = field("at")
    .split(/[\s,;]+/)
    .filter((time) => time !== "");
  const between =
    field("look") === "dark"
      ? ["sunset", "sunrise"]
      : field("look") === "own"
        ? [field("from").toLowerCase(), field("to").toLowerCase()]
        : null;
  const written = { ...(between !== null && { between }), ...(at.length > 0 && { at }) };
  const parsed = CameraEntry.shape.schedule.safeParse(written);
  return parsed.success ? (parsed.data ?? {}) : null;
}

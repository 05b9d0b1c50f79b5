// Step 3, what was agreed: the questions in plain words, from the policy to what a form shows and back. What no question is about
// stays as the file has it.
import { type Language, languageTags } from "../languages/say.ts";
import { TO_BE_NAMED } from "../settings/first-files.ts";
import { timeOfDay } from "../settings/forms.ts";
import { type Policy, SCHEMAS } from "../settings/schema.ts";
import { type Fields, zoneOf } from "./forms.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";

type Between = readonly [from: string, to: string];

/** As typed. `hours`: those that stay, and the one that is added where both its times are there. */
export type TypedPolicy = {
  readonly name: string;
  readonly contact: string;
  readonly languages: readonly string[];
  readonly motion: string;
  readonly light: string;
  readonly keptHours: string;
  readonly zones: string;
  readonly cellLetters: string;
  readonly quietZones: string;
  readonly hours: readonly Between[];
  readonly from: string;
  readonly to: string;
};

/** Hours that may be chosen for what could not be sent; nothing is kept for longer than 30 days (core/limits.ts). */
export const KEPT_HOURS = [24, 72, 168, 720] as const;
/** Letters of the cell that may be told. */
export const CELL_LETTERS = [0, 4, 5, 6] as const;

export function policyAsIs({ controller, languages, events, quiet }: Policy): TypedPolicy {
  const named = (said: string): string => (said === TO_BE_NAMED ? "" : said);
  return {
    name: named(controller.name),
    contact: named(controller.contact),
    languages,
    motion: events.motion.mode,
    light: yesOrNo(events.light),
    keptHours: String(events.retentionHours),
    zones: yesOrNo(events.zones),
    cellLetters: String(events.cellLetters),
    quietZones: quiet.zones.join(", "),
    hours: quiet.hours.map(({ between }) => between),
    from: "",
    to: "",
  };
}

/** A field for each language and each quiet hour that is there, so that it works without a script. */
export function typedPolicy(form: Fields): TypedPolicy {
  const numbered = Array.from({ length: SETUP_LIMITS.quietHours }, (_, at) => betweenOf(form(`keep-${at}`)));
  return {
    name: form("name").trim(),
    contact: form("contact").trim(),
    languages: languageTags().filter((tag) => form(`language-${tag}`) !== ""),
    motion: form("motion"),
    light: form("light"),
    keptHours: form("kept"),
    zones: form("zones"),
    cellLetters: form("cell"),
    quietZones: form("quiet-zones"),
    hours: numbered.filter((between) => between !== null),
    from: form("from").trim(),
    to: form("to").trim(),
  };
}

/** The policy as it is to be, or a sentence for each mistake. `now`: as the file has it. */
export function policyAsked(typed: TypedPolicy, now: Policy, language: Language): Policy | readonly string[] {
  const { name, contact, motion, light, zones } = typed;
  const hours = [...typed.hours, ...addedHours(typed)];
  const quietZones = zonesOf(typed.quietZones);
  const mistakes = mistakesIn(typed, { hours, quietZones }, language);
  if (mistakes.length > 0) return mistakes;
  const mode = motion === "each" || motion === "none" ? motion : "counts";
  const counts = now.events.motion.mode === "counts" ? now.events.motion : { mode: "counts" };
  const asked = SCHEMAS.policy.safeParse({
    ...now,
    controller: { name, contact },
    languages: inOrder(typed.languages, now.languages),
    events: {
      ...now.events,
      motion: mode === "counts" ? counts : { mode },
      light: light === "yes",
      retentionHours: Number(typed.keptHours),
      zones: zones === "yes",
      cellLetters: Number(typed.cellLetters),
    },
    quiet: { ...now.quiet, zones: quietZones, hours: hours.map((between) => ({ between })) },
  });
  return asked.success ? asked.data : [language.say("setup.bad-choice")];
}

/** Where nobody has said yet who answers for the data: so that the sign can be drawn all the same. */
export function withDots(typed: TypedPolicy): TypedPolicy {
  return { ...typed, name: typed.name || DOTS, contact: typed.contact || DOTS };
}

const DOTS = "…";

type Lists = { readonly hours: readonly Between[]; readonly quietZones: readonly (string | null)[] };

function mistakesIn(typed: TypedPolicy, { hours, quietZones }: Lists, { say }: Language): readonly string[] {
  const { name, contact, languages, motion, light, zones, from, to, keptHours, cellLetters } = typed;
  const { controllerChars, quietHours, quietZones: zonesMost } = SETUP_LIMITS;
  const isLong = Math.max(name.length, contact.length) > controllerChars;
  const isChosen =
    ["none", "counts", "each"].includes(motion) &&
    [light, zones].every((each) => each === "yes" || each === "no") &&
    [keptHours, cellLetters].every((each) => /^\d+(\.\d+)?$/.test(each));
  const isUnseen = /\p{Cc}/u.test(name + contact);
  const isHalf = (from === "") !== (to === "") || (from !== "" && (from === to || addedHours(typed).length === 0));
  const checks: readonly (readonly [isWrong: boolean, sentence: string])[] = [
    [name === "" || contact === "" || isUnseen || [name, contact].includes(TO_BE_NAMED), say("setup.bad-controller")],
    [isLong, say("setup.bad-controller-long", { most: controllerChars })],
    [languages.length === 0, say("setup.bad-languages")],
    [!isChosen, say("setup.bad-choice")],
    [isHalf, say("setup.bad-quiet")],
    [hours.length > quietHours, say("setup.bad-quiet-many", { most: quietHours })],
    [quietZones.length > zonesMost || quietZones.includes(null), say("setup.bad-quiet-zones", { most: zonesMost })],
  ];
  return checks.filter(([isWrong]) => isWrong).map(([, sentence]) => sentence);
}

/** "Private door, cellar" as the kit writes zones; null for one that has no Latin letter or digit. */
function zonesOf(typed: string): readonly (string | null)[] {
  const words = typed.split(/[,;،\n]/).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== "").map((word) => zoneOf(word) || null))];
}

function addedHours({ from, to }: TypedPolicy): readonly Between[] {
  const between = betweenOf(`${from}/${to}`);
  return between === null ? [] : [between];
}

/** Of "22:00/sunrise", as a field that stays carries it. */
function betweenOf(text: string): Between | null {
  const [from = "", to = ""] = text.split("/");
  return timeOfDay.safeParse(from).success && timeOfDay.safeParse(to).success ? [from, to] : null;
}

/** Those that were there first stay first: the sign begins with them. One that there are no words for stays too. */
function inOrder(chosen: readonly string[], before: readonly string[]): readonly string[] {
  const stay = before.filter((tag) => chosen.includes(tag) || !languageTags().includes(tag));
  return [...new Set([...stay, ...chosen])];
}

function yesOrNo(is: boolean): string {
  return is ? "yes" : "no";
}

// Camera by camera and rule by rule, what a newer policy lets cameras see, keep and show more or less.
import type { MessageKey } from "../languages/say.ts";
import type { CameraPolicyEntry, Policy } from "../settings/schema.ts";
import { changeOf, type PolicyChange, stepsTighter } from "./change.ts";

export type Redact = CameraPolicyEntry["redact"];
export type Mask = CameraPolicyEntry["masks"][number];
type Compare<T> = (before: T, now: T) => readonly PolicyChange[];

/** From the loosest to the tightest. */
export const LEVELS = ["normal", "thorough", "strict"] as const satisfies readonly Redact["level"][];
export const UNSURE = ["mosaic", "withhold"] as const satisfies readonly Redact["whenUnsure"][];

/** All differences of all cameras; one that is new, or gone, is one difference. Each names its camera. */
export function compareCameras(before: Policy["cameras"], now: Policy["cameras"]): PolicyChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((id) =>
    compareCamera(cameraOf(before, id), cameraOf(now, id)).map((change) => ({
      ...change,
      values: { camera: id, ...change.values },
      cameraId: id,
    })),
  );
}

/** Undefined where the policy does not name the camera; an id such as `constructor` is no name of an object's own. */
export function cameraOf(cameras: Policy["cameras"], id: string): CameraPolicyEntry | undefined {
  return Object.hasOwn(cameras, id) ? cameras[id] : undefined;
}

/** Two masks are the same where their corners are; a name hides nothing. */
export function cornersOf({ polygon }: Mask): string {
  return JSON.stringify(polygon);
}

/** Whether a purpose of before is worded otherwise or gone in some language: then it may be another one. */
export function isOtherPurpose(before: CameraPolicyEntry["purpose"], now: CameraPolicyEntry["purpose"]): boolean {
  return Object.entries(before).some(([language, text]) => purposeIn(now, language) !== text);
}

/** An own model is known by its digest; where its file lies does not matter. Null: the built-in one. */
export function modelOf(model: Redact["model"]): string | null {
  return model?.sha256 ?? null;
}

function compareCamera(
  before: CameraPolicyEntry | undefined,
  now: CameraPolicyEntry | undefined,
): readonly PolicyChange[] {
  if (before !== undefined && now !== undefined) return Object.values(RULES).flatMap((compare) => compare(before, now));
  if (now !== undefined) return changeOf(-1, { key: "change.camera-new" });
  return before === undefined ? [] : changeOf(1, { key: "change.camera-gone" });
}

const LEVEL_KEYS = {
  normal: "change.camera-level-normal",
  thorough: "change.camera-level-thorough",
  strict: "change.camera-level-strict",
} as const satisfies Record<Redact["level"], MessageKey>;

const UNSURE_KEYS = {
  withhold: "change.camera-unsure-withhold",
  mosaic: "change.camera-unsure-mosaic",
} as const satisfies Record<Redact["whenUnsure"], MessageKey>;

const REDACT_RULES: { readonly [K in keyof Redact]-?: Compare<Redact> } = {
  level: (before, now) => changeOf(stepsTighter(LEVELS, before.level, now.level), { key: LEVEL_KEYS[now.level] }),
  whenUnsure: (before, now) =>
    changeOf(stepsTighter(UNSURE, before.whenUnsure, now.whenUnsure), { key: UNSURE_KEYS[now.whenUnsure] }),
  // Nobody can tell which of two models finds more: another one is taken for looser.
  model: (before, now) =>
    changeOf(modelOf(before.model) === modelOf(now.model) ? 0 : -1, { key: "change.camera-model" }),
  persons: (before, now) =>
    changeOf(Number(now.persons) - Number(before.persons), {
      key: now.persons ? "change.camera-persons-on" : "change.camera-persons-off",
    }),
  // One that finds persons does nothing unless it is asked to.
  personModel: (before, now) =>
    changeOf(before.persons && now.persons && modelOf(before.personModel) !== modelOf(now.personModel) ? -1 : 0, {
      key: "change.camera-person-model",
    }),
};

const RULES: { readonly [K in keyof CameraPolicyEntry]-?: Compare<CameraPolicyEntry> } = {
  purpose: (before, now) => comparePurposes(before.purpose, now.purpose),
  until: (before, now) =>
    changeOf(before.until === now.until ? 0 : before.until > now.until ? 1 : -1, {
      key: "change.camera-until",
      values: { before: { day: before.until }, now: { day: now.until } },
    }),
  snapshotsPerDay: (before, now) =>
    changeOf(before.snapshotsPerDay - now.snapshotsPerDay, {
      key: "change.camera-per-day",
      values: { before: before.snapshotsPerDay, now: now.snapshotsPerDay },
    }),
  retentionHours: (before, now) =>
    changeOf(before.retentionHours - now.retentionHours, {
      key: "change.camera-hours",
      values: { before: { hours: before.retentionHours }, now: { hours: now.retentionHours } },
    }),
  masks: (before, now) => compareMasks(before.masks, now.masks),
  redact: (before, now) => Object.values(REDACT_RULES).flatMap((compare) => compare(before.redact, now.redact)),
};

type Purpose = CameraPolicyEntry["purpose"];

function comparePurposes(before: Purpose, now: Purpose): PolicyChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((tag): PolicyChange[] => {
    const [old, text] = [purposeIn(before, tag), purposeIn(now, tag)];
    const language = { language: tag };
    if (old === text) return [];
    if (text === undefined) return changeOf(-1, { key: "change.camera-purpose-gone", values: { language } });
    if (old === undefined)
      return [{ effect: "changed", key: "change.camera-purpose-new", values: { language, purpose: text } }];
    return changeOf(-1, { key: "change.camera-purpose", values: { language, purpose: text } });
  });
}

function purposeIn(purpose: Purpose, tag: string): string | undefined {
  return Object.hasOwn(purpose, tag) ? purpose[tag] : undefined;
}

/** A mask that moved is one gone and one more, however much it covers now: what it covered may be seen. */
function compareMasks(before: readonly Mask[], now: readonly Mask[]): PolicyChange[] {
  const [old, fresh] = [namesByCorners(before), namesByCorners(now)];
  const gone = [...old].filter(([corners]) => !fresh.has(corners));
  const more = [...fresh].filter(([corners]) => !old.has(corners));
  const renamed = [...fresh].filter(([corners, name]) => old.has(corners) && old.get(corners) !== name);
  return [
    ...more.flatMap(([, mask]) => changeOf(1, { key: "change.camera-mask-on", values: { mask } })),
    ...gone.flatMap(([, mask]) => changeOf(-1, { key: "change.camera-mask-off", values: { mask } })),
    ...renamed.map(
      ([, mask]): PolicyChange => ({ effect: "changed", key: "change.camera-mask-name", values: { mask } }),
    ),
  ];
}

function namesByCorners(masks: readonly Mask[]): Map<string, string> {
  return new Map(masks.map((mask) => [cornersOf(mask), mask.name]));
}

// Whether a picture that was taken under one policy shows more than another lets it: masks, faces and mosaic are in the pixels,
// and cannot be added afterwards.
import { isDeepStrictEqual } from "node:util";
import type { CameraPolicyEntry } from "../settings/schema.ts";

type Redact = CameraPolicyEntry["redact"];
type Picture = { readonly isMosaic: boolean };
type Rule<T> = (before: T, now: T, picture: Picture) => boolean;

const LEVELS: readonly Redact["level"][] = ["normal", "thorough", "strict"];
const NEVER = (): boolean => false;

const REDACT: { readonly [K in keyof Redact]-?: Rule<Redact> } = {
  level: (before, now) => LEVELS.indexOf(now.level) > LEVELS.indexOf(before.level),
  whenUnsure: (_, { whenUnsure }, { isMosaic }) => isMosaic && whenUnsure === "withhold",
  // Nobody can tell which of two models finds more.
  model: (before, now) => before.model?.sha256 !== now.model?.sha256,
  persons: (before, now) => now.persons && !before.persons,
  personModel: (before, now) => now.persons && before.personModel?.sha256 !== now.personModel?.sha256,
};

const CAMERA: { readonly [K in keyof CameraPolicyEntry]-?: Rule<CameraPolicyEntry> } = {
  // What may be taken from now on, and for how long it is kept, is not in the picture.
  purpose: NEVER,
  until: NEVER,
  snapshotsPerDay: NEVER,
  retentionHours: NEVER,
  masks: (before, now) =>
    now.masks.some(({ polygon }) => !before.masks.some((mask) => isDeepStrictEqual(mask.polygon, polygon))),
  redact: (before, now, picture) => Object.values(REDACT).some((rule) => rule(before.redact, now.redact, picture)),
};

/** Whether the camera's picture of before hides less than the policy of now asks for. */
export function isPictureLessHidden(before: CameraPolicyEntry, now: CameraPolicyEntry, picture: Picture): boolean {
  return Object.values(CAMERA).some((rule) => rule(before, now, picture));
}

// How hard each level of the policy looks and how it paints. The numbers belong together and to the model: change one, and
// what may be promised has to be measured again.
import type { CameraPolicyEntry } from "../settings/schema.ts";
import type { Look } from "./detector.ts";

export type Level = CameraPolicyEntry["redact"]["level"];

/** The long side at which a face must be at least about 16 px tall to be promised; boxes are grown in pixels of it. */
export const DETECTION_SIDE = 1280;

const LEVELS = {
  normal: { longSides: [1280, 512], threshold: 0.03, paint: "mosaic" },
  // Its scales are those of normal and a finer one, at which smaller faces are found.
  thorough: { longSides: [1920, 1280, 512], threshold: 0.03, paint: "mosaic" },
  strict: { longSides: [1280, 512], threshold: 0.02, paint: "fill" },
} as const satisfies Record<Level, Look & { readonly paint: "mosaic" | "fill" }>;

/** Each side of a found face is grown by this share of the face and these pixels at the detection side. */
export const GROW = { share: 0.25, px: 3 } as const;

/**
 * A soft picture is searched at one more, coarser scale, at which its faces are sharp, and with the lower threshold, since
 * blur takes from the score of faces and leaves little else that looks like one: 22 of 22 faces and at most 4 false ones in
 * six photographs, where without 19 to 21 were found.
 */
const SOFT = { longSide: 256, threshold: 0.01 } as const;

export function lookOf(level: Level, { isSoft = false } = {}): Look {
  const { longSides, threshold } = LEVELS[level];
  if (!isSoft) return { longSides, threshold };
  return { longSides: [...longSides, SOFT.longSide], threshold: Math.min(threshold, SOFT.threshold) };
}

export function paintOf(level: Level): "mosaic" | "fill" {
  return LEVELS[level].paint;
}

/** One line for the receipt: how this picture was searched (null: not at all), enough for an outsider to repeat it. */
export function settingsLine(of: {
  readonly level: Level;
  readonly masks: number;
  readonly searched: { readonly isSoft: boolean; readonly spread: "haze" | "shadows" | null } | null;
}): string {
  const { level, masks, searched } = of;
  const end = `grow=${GROW.share}+${GROW.px}px paint=${paintOf(level)} masks=${masks}`;
  if (searched === null) return `ssd2 level=${level} searched=no ${end}`;
  const { longSides, threshold } = lookOf(level, searched);
  const spread = searched.spread === null ? "" : `+${searched.spread}`;
  return `ssd2 level=${level} searched=${longSides.join("+")}${spread} threshold=${threshold} ${end}`;
}

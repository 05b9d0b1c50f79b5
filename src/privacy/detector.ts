// The detector port: what looks for faces in a picture. The redaction around it never trusts its silence (canary.ts).

import type { CameraPolicyEntry } from "../settings/schema.ts";
import type { Stretch } from "./night.ts";

/** Decoded pixels: width·height·3 bytes, red green blue, rows from the top. */
export type Picture = { readonly rgb: Buffer; readonly width: number; readonly height: number };

/** Pixels from the top left; fractions allowed; may reach over the edge. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Face = Box & { readonly score: number };

/**
 * How hard to look: long sides in pixels at which the picture is searched (never enlarged), and the score from which a find
 * counts. `stretch`: the tones of the detector's copy are spread so (night.ts), in place of what it does by itself.
 */
export type Look = { readonly longSides: readonly number[]; readonly threshold: number; readonly stretch?: Stretch };

export type Level = CameraPolicyEntry["redact"]["level"];

/**
 * The numbers that belong to a model: with another's they mean nothing. `kind` names it in receipts. `soft`: of a soft picture,
 * a coarser side besides (null: the model knows one size only) and a threshold that is never above the level's.
 * `shadowScore`: what counts where shadows were lifted. `again`: the second look, at the encoded picture. `grow`: by how much a
 * found face is painted larger, as a share of it and in pixels at DETECTION_SIDE (redact-levels.ts). `turned`: how copies on
 * their sides are looked at (turned-look.ts); without it they are not.
 */
export type Tuning = {
  readonly kind: string;
  readonly looks: Readonly<Record<Level, Look>>;
  readonly soft: { readonly longSide: number | null; readonly threshold: number };
  readonly shadowScore: number;
  readonly again: Look;
  readonly turned?: Look;
  readonly grow: { readonly share: number; readonly px: number };
};

export type Detector = AsyncDisposable & {
  /** SHA-256 of the model's weights, lower-case hex; it goes into each receipt. */
  readonly modelSha256: string;
  readonly tuning: Tuning;
  /**
   * All faces that score at least the look's threshold, in pixels of the picture, not yet grown. One call at a time.
   * The picture is not changed; copies are zeroed before returning (I1). Throws when the model gives anything but finite
   * numbers or cannot run: a detector in doubt must never answer "no faces".
   */
  detect(picture: Picture, look: Look): Promise<Face[]>;
};

/** Area of overlap over area of union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** How much a look reduces this picture: 1 when its long side is already small enough, 2 when it is halved. */
export function reductionOf({ width, height }: Pick<Picture, "width" | "height">, longSide: number): number {
  return Math.max(1, Math.max(width, height) / longSide);
}

// How hard each level of the policy looks and how it paints. The numbers belong together and to the model: change one, and
// what may be promised has to be measured again. Those of an operator's model: own-model-tuning.ts.
import type { Level, Look, Tuning } from "./detector.ts";
import type { Searched } from "./redactor-protocol.ts";

/** The long side at which a face must be at least about 16 px tall to be promised; boxes are grown in pixels of it. */
export const DETECTION_SIDE = 1280;

/** Of the built-in detector. */
export const SSD2_TUNING: Tuning = {
  kind: "ssd2",
  looks: {
    normal: { longSides: [1280, 512], threshold: 0.03 },
    // Its scales are those of normal and a finer one, at which smaller faces are found.
    thorough: { longSides: [1920, 1280, 512], threshold: 0.03 },
    strict: { longSides: [1280, 512], threshold: 0.02 },
  },
  /**
   * A soft picture is searched at one more, coarser scale, at which its faces are sharp, and with the lower threshold, since
   * blur takes from the score of faces and leaves little else that looks like one: 22 of 22 faces and at most 4 false ones in
   * six photographs, where without 19 to 21 were found.
   */
  soft: { longSide: 256, threshold: 0.01 },
  /**
   * Surer finds than by day, since lifted noise looks like faces too: people beside a bright doorway scored 0.3 and more at
   * 5 % of their brightness.
   */
  shadowScore: 0.25,
  /**
   * Coarse scales, a fifth of the first look's work; what they find with less confidence the first look had weighed. At 256 a
   * face that fills half the frame is one that the network knows: 22 of 22 were found so, 20 without.
   */
  again: { longSides: [512, 256], threshold: 0.3 },
  /**
   * Of faces of 40 px turned by 75 or 90° it finds 69 of 70, without it 52, of 20 px 91 of 100 in place of 64; 0.3 to 0.5 % more
   * is painted of pictures whose faces are upright. Half the side finds no more than half of these.
   */
  turned: { longSides: [1280], threshold: 0.25 },
  /** Each side of a found face is grown by this share of the face and these pixels at the detection side. */
  grow: { share: 0.25, px: 3 },
};

const PAINT = { normal: "mosaic", thorough: "mosaic", strict: "fill" } as const satisfies Record<Level, string>;

/** Two more looks at 1280: three times the time of strict, 1.7 times that of thorough in pictures that are wider. */
const TURNED = { normal: false, thorough: true, strict: true } as const satisfies Record<Level, boolean>;

export function lookOf(level: Level, { isSoft = false, tuning = SSD2_TUNING } = {}): Look {
  const look = tuning.looks[level];
  if (!isSoft) return look;
  const { longSide, threshold } = tuning.soft;
  const longSides = longSide === null ? look.longSides : [...look.longSides, longSide];
  return { longSides, threshold: Math.min(look.threshold, threshold) };
}

/** How copies on their sides are looked at; null where time matters more, and with a model that is not looked with so. */
export function turnedLookOf(level: Level, tuning: Tuning): Look | null {
  return TURNED[level] ? (tuning.turned ?? null) : null;
}

export function paintOf(level: Level): "mosaic" | "fill" {
  return PAINT[level];
}

/** One line for the receipt: how this picture was searched (null: not at all), enough for an outsider to repeat it. */
export function settingsLine(of: {
  readonly level: Level;
  readonly masks: number;
  readonly searched: Searched | null;
}): string {
  const { level, masks, searched } = of;
  const end = `paint=${paintOf(level)} masks=${masks}`;
  if (searched === null) return `level=${level} searched=no ${end}`;
  const { kind, longSides, threshold, spread, turned, grow, card, persons } = searched;
  const sides = `${longSides.join("+")}${spread === null ? "" : `+${spread}`}`;
  const words = [
    `${kind} level=${level} searched=${sides} threshold=${threshold} grow=${grow.share}+${grow.px}px ${end}`,
  ];
  if (turned !== null) words.push(`turned=${turned.longSide} at ${turned.threshold}`);
  if (card !== null) words.push(`card=${card}`);
  if (persons !== null) words.push(`persons=${persons.kind}:${persons.sha256} at ${persons.threshold}`);
  return words.join(" ");
}

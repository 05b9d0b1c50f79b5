// What the policy's levels mean with an operator's model: its own numbers, scaled as the built-in model's are. Measured are
// these only for that one; with another, `npm run bench -- redaction` on one's own pictures is what tells.
import type { Tuning } from "./detector.ts";
import type { FaceCard, PersonCard } from "./own-model-card.ts";

/** Strict counts finds from this part of the threshold, as 0.02 is of 0.03; a soft picture's from half of that. */
const STRICT = 2 / 3;
const SOFT = 1 / 3;
/** Thorough looks once more at a side this much larger, as 1920 is of 1280. */
const FINER = 1.5;
/** No larger: a model of full convolutions takes memory by the pixel. */
const SIDE_MAX = 2048;
const SIDE_MIN = 64;
/** What is called a head is generous already (person-boxes.ts). */
const NOTHING = { share: 0, px: 0 } as const;

/**
 * Normal: the card's sides and threshold. Thorough: a finer side besides. Strict: two thirds of the threshold. A soft picture:
 * half the smallest side besides, and a third. In lifted shadows, and of copies on their sides: half-way to `certain`. The
 * second look: half and a quarter of the largest side, from `certain` on. A model of one size cannot look finer: there thorough
 * has strict's threshold.
 */
export function tuningOf(card: FaceCard | PersonCard): Tuning {
  const { kind, threshold, certain, size } = card;
  const longSides = card.longSides ?? [Math.max(size?.width ?? 0, size?.height ?? 0)];
  const [largest, smallest] = [Math.max(...longSides), Math.min(...longSides)];
  const isFree = size === undefined;
  const between = (threshold + certain) / 2;
  const finer = Math.min(SIDE_MAX, Math.round(largest * FINER));
  return {
    kind,
    looks: {
      normal: { longSides, threshold },
      thorough: isFree ? { longSides: [finer, ...longSides], threshold } : { longSides, threshold: threshold * STRICT },
      strict: { longSides, threshold: threshold * STRICT },
    },
    soft: { longSide: isFree ? reduced(smallest, 2) : null, threshold: threshold * SOFT },
    shadowScore: between,
    turned: { longSides: [largest], threshold: between },
    again: { longSides: isFree ? [reduced(largest, 2), reduced(largest, 4)] : longSides, threshold: certain },
    grow: "grow" in card ? card.grow : NOTHING,
  };
}

function reduced(side: number, by: number): number {
  return Math.max(SIDE_MIN, Math.round(side / by));
}

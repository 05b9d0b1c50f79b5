// What an operator's model answers, checked before it is believed: shapes that fit what was asked, and numbers that are ones.
import { type Box, type Face, overlap } from "./detector.ts";
import type { OutputTensor } from "./onnx-session.ts";

/** A find in pixels of the model's input, from its corners. */
export type Corners = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

/** Finds that are kept, best first: more than can be painted, so that a picture of noise is in doubt and not cut short. */
const FINDS_MAX = 3000;

/** The numbers of an output. Throws RangeError if there are not so many, or one of them is not finite. */
export function numbersOf(output: OutputTensor | undefined, expected: number, what: string): Float32Array {
  if (output === undefined) throw new RangeError(`the model gives no ${what}`);
  const { shape, values } = output;
  if (values.length !== expected)
    throw new RangeError(`the model's ${what} has the shape ${shape.join("x")}, not ${expected} numbers`);
  if (!values.every((value) => Number.isFinite(value))) throw new RangeError(`the model's ${what} is not finite`);
  return values;
}

/** Throws RangeError for a box that is none. */
export function faceOf({ left, top, right, bottom }: Corners, score: number): Face {
  const [width, height] = [right - left, bottom - top];
  if (!Number.isFinite(left + top + width + height + score) || width <= 0 || height <= 0)
    throw new RangeError("the model gives a box that is none");
  return { x: left, y: top, width, height, score };
}

/** A find that is given by its middle. Throws RangeError for a box that is none. */
export function faceAround({ x, y, width, height }: Box, score: number): Face {
  return faceOf({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 }, score);
}

/** Best first, without those that overlap a better one by more than this. */
export function withoutDoubles(finds: readonly Face[], sameFrom: number): Face[] {
  const kept: Face[] = [];
  for (const find of finds.toSorted((a, b) => b.score - a.score)) {
    if (kept.length >= FINDS_MAX) break;
    if (kept.every((better) => overlap(better, find) <= sameFrom)) kept.push(find);
  }
  return kept;
}

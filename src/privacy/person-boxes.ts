// From the numbers of a person model to persons in pixels of its input, and from a person to where the head may be.
import type { Face } from "./detector.ts";
import type { Answer } from "./own-model-faces.ts";
import type { PersonCard } from "./own-model-card.ts";
import { faceAround, faceOf, numbersOf } from "./own-model-outputs.ts";

/**
 * The upper part of a person's box in which the head is looked for, by how slender the box is (height over width). A standing
 * adult's head is the upper 13 % (the chin is at 0.87 of the stature: Drillis and Contini 1966), a small child's 20 to 25, and
 * raised arms push it to about 35. Sitting, bent or cut off at the waist it is 25 to 50 %. A box that is hardly higher than wide
 * is of head and shoulders alone, or of somebody who lies, crouches or leans: there the head may be anywhere.
 */
const PARTS = [
  { slenderFrom: 2, part: 0.35 },
  { slenderFrom: 1.25, part: 0.6 },
] as const;
/** Detectors place a box's upper edge up to so far below the crown: a twentieth of the box. */
const ABOVE = 0.05;

/** The outputs that are read, by their usual names; null: the first so many in the model's own order. */
export function personOutputs(card: PersonCard): { readonly names: readonly string[] | null; readonly count: number } {
  return card.kind === "boxes" ? { names: ["boxes", "scores"], count: 2 } : { names: null, count: 1 };
}

/** Finds of at least the threshold, doubles included. Throws RangeError for outputs that do not fit the input or are not finite. */
export function personsIn(card: PersonCard, answer: Answer): Face[] {
  switch (card.kind) {
    case "boxes":
      return boxedPersons(card, answer);
    case "yolox":
      return yoloxPersons(card, answer);
  }
}

/** Where a person's head may be, over the box's whole width: heads lean. */
export function headOf(person: Face): Face {
  const { x, y, width, height, score } = person;
  const part = PARTS.find(({ slenderFrom }) => height / width >= slenderFrom)?.part ?? 1;
  const above = height * ABOVE;
  return { x, y: y - above, width, height: height * part + above, score };
}

/**
 * What exports of torchvision and of the SSD zoo give: corners, scores by box (with a third output, the class of each) or by box
 * and class.
 */
function boxedPersons(card: Extract<PersonCard, { kind: "boxes" }>, answer: Answer): Face[] {
  const [boxesOut, scoresOut, classesOut] = answer.outputs;
  const count = (boxesOut?.values.length ?? Number.NaN) / 4;
  if (!Number.isInteger(count)) throw new RangeError(`the model's boxes have the shape ${boxesOut?.shape.join("x")}`);
  if (count === 0) return [];
  const boxes = numbersOf(boxesOut, count * 4, "boxes");
  const perBox = (scoresOut?.values.length ?? Number.NaN) / count;
  if (!Number.isInteger(perBox) || perBox < 1 || (perBox > 1 && card.classIndex >= perBox))
    throw new RangeError(`the model's scores have the shape ${scoresOut?.shape.join("x")}`);
  const scores = numbersOf(scoresOut, count * perBox, "scores");
  const classes = classesOut === undefined ? null : numbersOf(classesOut, count, "classes");
  const [unitX, unitY] = card.units === "fractions" ? [answer.width, answer.height] : [1, 1];
  const persons: Face[] = [];
  for (let i = 0; i < count; i += 1) {
    const score = scores[perBox === 1 ? i : i * perBox + card.classIndex] ?? 0;
    if (score < answer.threshold || (classes !== null && classes[i] !== card.classIndex)) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.subarray(i * 4, i * 4 + 4);
    const box = { left: left * unitX, top: top * unitY, right: right * unitX, bottom: bottom * unitY };
    persons.push(faceOf(box, Math.min(1, score)));
  }
  return persons;
}

/** YOLOX (yolox/utils/demo_utils.py): per cell of each stride middle, size, whether it is anything, and each class. */
function yoloxPersons(card: Extract<PersonCard, { kind: "yolox" }>, answer: Answer): Face[] {
  const { outputs, width, height, threshold } = answer;
  const [output] = outputs;
  const grids = card.strides.map((stride) => ({
    stride,
    columns: Math.floor(width / stride),
    cells: Math.floor(width / stride) * Math.floor(height / stride),
  }));
  const count = grids.reduce((sum, { cells }) => sum + cells, 0);
  const numbers = output?.shape.at(-1) ?? 0;
  if (numbers <= 5 + card.classIndex)
    throw new RangeError(`the model's output has the shape ${output?.shape.join("x")}: no class ${card.classIndex}`);
  const values = numbersOf(output, count * numbers, "output");
  const persons: Face[] = [];
  let at = 0;
  for (const { stride, columns, cells } of grids) {
    for (let cell = 0; cell < cells; cell += 1, at += numbers) {
      const [right = 0, down = 0, wide = 0, high = 0, anything = 0] = values.subarray(at, at + 5);
      const score = anything * (values[at + 5 + card.classIndex] ?? 0);
      if (score < threshold) continue;
      const box = {
        x: ((cell % columns) + right) * stride,
        y: (Math.floor(cell / columns) + down) * stride,
        width: Math.exp(wide) * stride,
        height: Math.exp(high) * stride,
      };
      persons.push(faceAround(box, Math.min(1, score)));
    }
  }
  return persons;
}

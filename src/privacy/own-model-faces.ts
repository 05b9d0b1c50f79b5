// From the numbers of a face model to faces in pixels of its input, for the four families whose files are to be had. Written
// after the decoders that the models' own projects publish; each is named at its function.
import type { Face } from "./detector.ts";
import type { OutputTensor } from "./onnx-session.ts";
import type { FaceCard } from "./own-model-card.ts";
import { faceAround, faceOf, numbersOf } from "./own-model-outputs.ts";

/** `outputs`: in the order of `faceOutputs`. `width`, `height`: of the input, in pixels. */
export type Answer = {
  readonly outputs: readonly OutputTensor[];
  readonly width: number;
  readonly height: number;
  readonly threshold: number;
};

/** CenterFace's map has one cell for each 4 x 4 pixels. */
const CENTERFACE_STRIDE = 4;

/** The outputs that are read, by their usual names; null: the first so many in the model's own order. */
export function faceOutputs(card: FaceCard): { readonly names: readonly string[] | null; readonly count: number } {
  switch (card.kind) {
    case "yunet": {
      const names = ["cls", "obj", "bbox"].flatMap((what) => card.strides.map((stride) => `${what}_${stride}`));
      return { names, count: names.length };
    }
    case "scrfd":
      return { names: null, count: card.strides.length * 2 };
    case "ultraface":
      return { names: ["scores", "boxes"], count: 2 };
    case "centerface":
      return { names: null, count: 3 };
  }
}

/** Finds of at least the threshold, doubles included. Throws RangeError for outputs that do not fit the input or are not finite. */
export function facesIn(card: FaceCard, answer: Answer): Face[] {
  switch (card.kind) {
    case "yunet":
      return card.strides.flatMap((stride, level) =>
        yunetFaces(answer, { stride, level, levels: card.strides.length }),
      );
    case "scrfd":
      return card.strides.flatMap((stride, level) =>
        scrfdFaces(answer, { stride, level, levels: card.strides.length, anchors: card.anchors }),
      );
    case "ultraface":
      return ultraFaces(answer);
    case "centerface":
      return centerFaces(answer);
  }
}

/** OpenCV's FaceDetectorYN (modules/objdetect/src/face_detect.cpp): class, object and box for each cell of each stride. */
function yunetFaces(answer: Answer, by: { stride: number; level: number; levels: number }): Face[] {
  const { outputs, width, height, threshold } = answer;
  const { stride, level, levels } = by;
  const columns = Math.floor(width / stride);
  const cells = columns * Math.floor(height / stride);
  const classes = numbersOf(outputs[level], cells, `class scores of stride ${stride}`);
  const objects = numbersOf(outputs[levels + level], cells, `object scores of stride ${stride}`);
  const boxes = numbersOf(outputs[2 * levels + level], cells * 4, `boxes of stride ${stride}`);
  const faces: Face[] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const score = Math.sqrt(clamped(classes[cell]) * clamped(objects[cell]));
    if (score < threshold) continue;
    const [right = 0, down = 0, wide = 0, high = 0] = boxes.subarray(cell * 4, cell * 4 + 4);
    const middle = { x: ((cell % columns) + right) * stride, y: (Math.floor(cell / columns) + down) * stride };
    faces.push(faceAround({ ...middle, width: Math.exp(wide) * stride, height: Math.exp(high) * stride }, score));
  }
  return faces;
}

/** InsightFace's SCRFD (detection/scrfd): from each cell's corner the distances to four sides, in strides. */
function scrfdFaces(answer: Answer, by: { stride: number; level: number; levels: number; anchors: number }): Face[] {
  const { outputs, width, height, threshold } = answer;
  const { stride, level, levels, anchors } = by;
  const columns = Math.floor(width / stride);
  const places = columns * Math.floor(height / stride) * anchors;
  const scores = numbersOf(outputs[level], places, `scores of stride ${stride}`);
  const boxes = numbersOf(outputs[levels + level], places * 4, `boxes of stride ${stride}`);
  const faces: Face[] = [];
  for (let place = 0; place < places; place += 1) {
    const score = scores[place] ?? 0;
    if (score < threshold) continue;
    const cell = Math.floor(place / anchors);
    const [x, y] = [(cell % columns) * stride, Math.floor(cell / columns) * stride];
    const [left = 0, up = 0, right = 0, down = 0] = boxes.subarray(place * 4, place * 4 + 4);
    const corners = {
      left: x - left * stride,
      top: y - up * stride,
      right: x + right * stride,
      bottom: y + down * stride,
    };
    faces.push(faceOf(corners, clamped(score)));
  }
  return faces;
}

/** Linzaer's Ultra-Light-Fast-Generic-Face-Detector: class scores (background first) and corners as fractions. */
function ultraFaces({ outputs, width, height, threshold }: Answer): Face[] {
  const [scoresOut, boxesOut] = outputs;
  const count = (boxesOut?.values.length ?? 0) / 4;
  const classes = scoresOut?.shape.at(-1) ?? 0;
  if (!Number.isInteger(count) || count === 0 || classes < 2)
    throw new RangeError(`the model's scores have the shape ${scoresOut?.shape.join("x")}`);
  const scores = numbersOf(scoresOut, count * classes, "scores");
  const boxes = numbersOf(boxesOut, count * 4, "boxes");
  const faces: Face[] = [];
  for (let i = 0; i < count; i += 1) {
    const score = Math.max(...scores.subarray(i * classes + 1, (i + 1) * classes));
    if (score < threshold) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.subarray(i * 4, i * 4 + 4);
    const corners = { left: left * width, top: top * height, right: right * width, bottom: bottom * height };
    faces.push(faceOf(corners, clamped(score)));
  }
  return faces;
}

/** CenterFace (prj-python/centerface.py): a map of middles, the logarithms of height and width over 4, and where in the cell. */
function centerFaces({ outputs, width, height, threshold }: Answer): Face[] {
  const columns = Math.floor(width / CENTERFACE_STRIDE);
  const cells = columns * Math.floor(height / CENTERFACE_STRIDE);
  const heat = numbersOf(outputs[0], cells, "heat map");
  const scale = numbersOf(outputs[1], cells * 2, "scales");
  const offset = numbersOf(outputs[2], cells * 2, "offsets");
  const faces: Face[] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const score = heat[cell] ?? 0;
    if (score < threshold) continue;
    const number = (of: Float32Array, which: 0 | 1): number => of[which * cells + cell] ?? Number.NaN;
    const middle = {
      x: ((cell % columns) + number(offset, 1) + 0.5) * CENTERFACE_STRIDE,
      y: (Math.floor(cell / columns) + number(offset, 0) + 0.5) * CENTERFACE_STRIDE,
    };
    const size = {
      width: Math.exp(number(scale, 1)) * CENTERFACE_STRIDE,
      height: Math.exp(number(scale, 0)) * CENTERFACE_STRIDE,
    };
    faces.push(faceAround({ ...middle, ...size }, clamped(score)));
  }
  return faces;
}

function clamped(value = Number.NaN): number {
  return Math.max(0, Math.min(1, value));
}

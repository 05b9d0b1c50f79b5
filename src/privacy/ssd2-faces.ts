// From the network's numbers to faces: decode each scale, drop doubles, join what both scales saw and score it anew.
import { type Face, overlap } from "./detector.ts";
import type { OutputTensor } from "./onnx-session.ts";
import { type Anchors, LAYERS } from "./ssd2-graph.ts";

/** The network's faint finds that are worth joining with the other scale's. */
const CANDIDATE_SCORE = 0.02;
/** Finds of one scale that overlap more than this are one face. */
const SAME_IN_SCALE = 0.45;
/** Finds of two scales that overlap more than this are one face. */
const SAME_ACROSS_SCALES = 0.4;
const SAME_AT_LAST = 0.5;
/** Finds of one scale that are kept, best first: bounds the comparison of each with each on a picture of noise. */
const FINDS_MAX = 3000;
/** Class scores per prior box: nothing, face, and one that training left unused. */
const CLASSES = 3;

/** How the network's box numbers were scaled in training (tf object detection API, faster_rcnn_box_coder). */
const CENTRE_SCALE = 10;
const SIZE_SCALE = 5;

/**
 * A fitted logistic: `fine` and `coarse` are the log odds of the two scales above 0.01, `size` is log2 of the height over
 * 32 px, `scales` how many of the two saw it. The thresholds of redact-levels.ts belong to these numbers: measure anew
 * when one changes.
 */
const FITTED = {
  offset: -5.07,
  fine: 1.2,
  coarse: 0.81,
  size: 0.17,
  sizeSquared: -0.28,
  best: 0.29,
  scales: -1.59,
} as const;
const LOG_ODDS_FLOOR = logOdds(0.01);

/**
 * Faces of one look of the network, in pixels of its input. Throws when an output is missing, misshapen or not finite: that is a broken detector, not an empty street.
 */
export function facesOfScale({
  outputs,
  anchors,
}: {
  outputs: ReadonlyMap<string, OutputTensor>;
  anchors: readonly Anchors[];
}): Face[] {
  const found: Face[] = [];
  for (let layer = 0; layer < LAYERS; layer += 1) {
    found.push(
      ...facesOfLayer({
        boxes: finiteOutput(outputs, `box${layer}`),
        classes: finiteOutput(outputs, `class${layer}`),
        anchors: anchors[layer] ?? [],
        cellPx: 16 * 2 ** layer,
      }),
    );
  }
  return dropDoubles(found, SAME_IN_SCALE);
}

/** One list of the finds of one scale's tiles: what two of them found is one face. */
export function joinTiles(finds: readonly Face[]): Face[] {
  return dropDoubles(finds, SAME_IN_SCALE);
}

/** One list from a fine and a coarse look (a face's score is anew the chance that it is one), best first. */
export function joinScales({
  fine,
  coarse,
  threshold,
}: {
  fine: readonly Face[];
  coarse: readonly Face[];
  threshold: number;
}): Face[] {
  const tagged = [...fine.map((face) => ({ face, isFine: true })), ...coarse.map((face) => ({ face, isFine: false }))];
  let rest = tagged.toSorted((a, b) => b.face.score - a.face.score);
  const joined: Face[] = [];
  for (let best = rest[0]; best !== undefined; best = rest[0]) {
    const { face } = best;
    const cluster = rest.filter((other) => other === best || overlap(face, other.face) > SAME_ACROSS_SCALES);
    const inCluster = new Set(cluster);
    rest = rest.filter((other) => !inCluster.has(other));
    const box = meanBox(cluster.map((each) => each.face));
    const score = scoreAnew({
      fine: bestLogOdds(cluster.filter((each) => each.isFine)),
      coarse: bestLogOdds(cluster.filter((each) => !each.isFine)),
      height: box.height,
    });
    if (score >= threshold) joined.push({ ...box, score });
  }
  return dropDoubles(joined, SAME_AT_LAST);
}

function facesOfLayer(of: { boxes: OutputTensor; classes: OutputTensor; anchors: Anchors; cellPx: number }): Face[] {
  const { boxes, classes, anchors, cellPx } = of;
  const [, channels = 0, rows = 0, columns = 0] = boxes.shape;
  const cells = rows * columns;
  if (channels !== anchors.length * 4 || classes.values.length !== anchors.length * CLASSES * cells) {
    throw new RangeError(`the model's outputs have the shapes ${boxes.shape.join("x")} and ${classes.shape.join("x")}`);
  }
  const faces: Face[] = [];
  anchors.forEach((anchor, a) => {
    for (let cell = 0; cell < cells; cell += 1) {
      const score = sigmoid(classes.values[(a * CLASSES + 1) * cells + cell] ?? Number.NaN);
      if (score < CANDIDATE_SCORE) continue;
      const number = (which: number): number => boxes.values[(a * 4 + which) * cells + cell] ?? Number.NaN;
      const centreY = (number(0) / CENTRE_SCALE) * anchor.height + (Math.floor(cell / columns) + 0.5) * cellPx;
      const centreX = (number(1) / CENTRE_SCALE) * anchor.width + ((cell % columns) + 0.5) * cellPx;
      const height = Math.exp(number(2) / SIZE_SCALE) * anchor.height;
      const width = Math.exp(number(3) / SIZE_SCALE) * anchor.width;
      if (!Number.isFinite(centreX + centreY + width + height))
        throw new RangeError("the model gives a box that is not finite");
      faces.push({ x: centreX - width / 2, y: centreY - height / 2, width, height, score });
    }
  });
  return faces;
}

function finiteOutput(outputs: ReadonlyMap<string, OutputTensor>, name: string): OutputTensor {
  const output = outputs.get(name);
  if (output === undefined) throw new RangeError(`the model gives no output ${name}`);
  if (!output.values.every((value) => Number.isFinite(value)))
    throw new RangeError(`the model's output ${name} is not finite`);
  return output;
}

function dropDoubles(faces: readonly Face[], sameFrom: number): Face[] {
  const kept: Face[] = [];
  for (const face of faces.toSorted((a, b) => b.score - a.score)) {
    if (kept.length >= FINDS_MAX) break;
    if (kept.every((better) => overlap(better, face) <= sameFrom)) kept.push(face);
  }
  return kept;
}

/** Weighted by score. */
function meanBox(faces: readonly Face[]): Omit<Face, "score"> {
  const weight = faces.reduce((sum, { score }) => sum + score, 0);
  const mean = (side: "x" | "y" | "width" | "height"): number =>
    faces.reduce((sum, face) => sum + face[side] * face.score, 0) / weight;
  return { x: mean("x"), y: mean("y"), width: mean("width"), height: mean("height") };
}

function bestLogOdds(finds: readonly { readonly face: Face }[]): number {
  return finds.reduce((best, { face }) => Math.max(best, logOdds(face.score) - LOG_ODDS_FLOOR), 0);
}

function scoreAnew({ fine, coarse, height }: { fine: number; coarse: number; height: number }): number {
  const size = Math.log2(Math.max(4, height) / 32);
  const scales = Number(fine > 0) + Number(coarse > 0);
  return sigmoid(
    FITTED.offset +
      FITTED.fine * fine +
      FITTED.coarse * coarse +
      FITTED.size * size +
      FITTED.sizeSquared * size * size +
      FITTED.best * Math.max(fine, coarse) +
      FITTED.scales * scales,
  );
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function logOdds(chance: number): number {
  return Math.log(Math.max(0.01, chance) / Math.max(0.001, 1 - chance));
}

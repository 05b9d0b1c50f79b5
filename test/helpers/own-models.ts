// Models that an operator could bring, made here: of the built-in detector's weights, put into the shape of another family, and
// of nothing but constants. None is committed, and none is downloaded.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OnnxGraph } from "../../src/privacy/onnx-graph.ts";
import { type Anchors, buildSsd } from "../../src/privacy/ssd2-graph.ts";
import { readWeights } from "../../src/privacy/tensor-weights.ts";
import { modelDirectory } from "./sample-photographs.ts";

/** As a policy names it. */
export type WrittenModel = { readonly file: string; readonly sha256: string };

/** Each in a file of its own: a card that changes beside the same file would be a swapped one. */
let written = 0;

export async function writeModel(directory: string, model: Buffer, card: object): Promise<WrittenModel> {
  const sha256 = sha256Of(model);
  written += 1;
  const file = join(directory, `model-${written}.onnx`);
  await writeFile(file, model);
  await writeFile(`${file}.json`, JSON.stringify(card));
  return { file, sha256 };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** How a picture is fed to the built-in weights, and scores that its raw answers deserve. */
export const SSD2_CARD = {
  longSides: [1280, 512],
  channelOrder: "rgb",
  mean: 127.5,
  std: 127.5,
  threshold: 0.1,
  certain: 0.5,
} as const;
/** The layers that have a YuNet answer, by the size of their cells, and which anchor of each. */
const YUNET_LAYERS = [
  { stride: 16, anchor: 0 },
  { stride: 32, anchor: 0 },
  { stride: 64, anchor: 0 },
] as const;
export const YUNET_CARD = {
  ...SSD2_CARD,
  kind: "yunet",
  strides: YUNET_LAYERS.map(({ stride }) => stride),
  stride: 64,
} as const;
export const SCRFD_CARD = {
  ...SSD2_CARD,
  kind: "scrfd",
  strides: [16],
  anchors: 3,
  outputs: ["score_16", "bbox_16"],
} as const;

/** A YuNet-shaped model that finds faces: the built-in weights with one anchor a cell, its boxes turned by a convolution each. */
export async function yunetOfSsd2(): Promise<Buffer> {
  const { model, anchors } = await builtIn();
  const more = new OnnxGraph();
  YUNET_LAYERS.forEach(({ stride, anchor }, layer) => {
    const turned = new TurnedLayer(more, { layer, stride, anchors: anchors[layer] ?? [] });
    turned.scores([anchor], `cls_${stride}`);
    turned.scores([anchor], `obj_${stride}`);
    turned.cellsLast(turned.boxes([anchor], ["x", "y", "width", "height"]), `bbox_${stride}`);
    for (const what of ["cls", "obj", "bbox"]) more.output(`${what}_${stride}`, SHAPE);
  });
  return Buffer.concat([model, more.bytes()]);
}

/** An SCRFD-shaped model that finds faces: all three anchors of the built-in model's finest layer. */
export async function scrfdOfSsd2(): Promise<Buffer> {
  const { model, anchors } = await builtIn();
  const more = new OnnxGraph();
  const turned = new TurnedLayer(more, { layer: 0, stride: 16, anchors: anchors[0] ?? [] });
  const half = more.constant("half", [], Float32Array.of(0.5));
  const logSizes = turned.boxes([0, 1, 2], ["width", "height", "width", "height"]);
  const sizes = more.node("Exp", { inputs: [logSizes], output: "sizes" });
  const halves = more.node("Mul", { inputs: [sizes, half], output: "halves" });
  const middles = turned.boxes([0, 1, 2], ["-x", "-y", "x", "y"]);
  turned.cellsLast(turned.scores([0, 1, 2], "scores"), "score_16");
  turned.cellsLast(more.node("Add", { inputs: [middles, halves], output: "distances" }), "bbox_16");
  for (const name of ["score_16", "bbox_16"]) more.output(name, SHAPE);
  return Buffer.concat([model, more.bytes()]);
}

/** A model of any size that answers each cell of 8 x 8 pixels with the same numbers, as YuNet's outputs. */
export function constantYunet(by: { cls?: number; obj?: number; bbox?: readonly number[] } = {}): Buffer {
  const { cls = 0, obj = 1, bbox = [0.5, 0.5, 1, 1] } = by;
  const graph = new OnnxGraph();
  const image = graph.input("input", [1, 3, "height", "width"]);
  for (const [name, values] of [
    ["cls_8", [cls]],
    ["obj_8", [obj]],
    ["bbox_8", bbox],
  ] as const) {
    const cells = cellsOf(graph, { from: image, channels: 3, name, weights: () => 0, bias: values, stride: 8 });
    graph.node("Transpose", { inputs: [cells], output: name, attributes: { perm: [0, 2, 3, 1] } });
    graph.output(name, SHAPE);
  }
  return graph.bytes();
}
export const CONSTANT_CARD = { ...SSD2_CARD, kind: "yunet", strides: [8] } as const;

/**
 * A model of any size that calls every cell of 8 x 8 pixels that is mostly white a person (or face) of `side` pixels, as YOLOX's
 * one output: middle, size, anything, one class.
 */
export function whiteYolox({ width, height }: { readonly width: number; readonly height: number }): Buffer {
  const graph = new OnnxGraph();
  const image = graph.input("images", [1, 3, "height", "width"]);
  const mean = graph.node("AveragePool", {
    inputs: [image],
    output: "mean",
    attributes: { kernel_shape: [8, 8], strides: [8, 8] },
  });
  // Brightness of 0 to 1 by channel: 0 below 0.8 of white, then steep.
  const white = cellsOf(graph, { from: mean, channels: 3, name: "white", weights: () => 13, bias: [-35], stride: 1 });
  const certain = graph.node("Sigmoid", { inputs: [white], output: "certain" });
  const sizes = [0.5, 0.5, Math.log(width / 8), Math.log(height / 8)];
  const box = cellsOf(graph, { from: mean, channels: 3, name: "box", weights: () => 0, bias: sizes, stride: 1 });
  const all = graph.node("Concat", { inputs: [box, certain, certain], output: "all", attributes: { axis: 1 } });
  graph.node("Transpose", { inputs: [all], output: "output", attributes: { perm: [0, 2, 3, 1] } });
  graph.output("output", SHAPE);
  return graph.bytes();
}
export const WHITE_CARD = {
  kind: "yolox",
  title: "white things",
  longSides: [640],
  strides: [8],
  channelOrder: "rgb",
  std: 255,
  threshold: 0.3,
  certain: 0.5,
} as const;

/** A model of `layers` convolutions of 7 x 7 over `channels` channels at full size: it takes minutes, or more memory than there is. */
export function heavyModel({ layers, channels }: { readonly layers: number; readonly channels: number }): Buffer {
  const graph = new OnnxGraph();
  const image = graph.input("input", [1, 3, "height", "width"]);
  const attributes = { kernel_shape: [7, 7], auto_pad: "SAME_UPPER" };
  const kernel = graph.constant("kernel", [channels, channels, 7, 7], new Float32Array(channels * channels * 49));
  const wide = {
    from: image,
    channels: 3,
    name: "wide",
    weights: () => 0,
    bias: Array.from({ length: channels }, () => 0),
    stride: 1,
  };
  let features = cellsOf(graph, wide);
  for (let i = 0; i < layers; i += 1) features = graph.node("Conv", { inputs: [features, kernel], attributes });
  for (const name of ["cls_8", "obj_8", "bbox_8"]) {
    graph.node("Flatten", { inputs: [features], output: name });
    graph.output(name, SHAPE);
  }
  return graph.bytes();
}

/** Two dimensions and more: the runtime does not hold outputs to what is declared of them. */
const SHAPE = ["cells", "numbers"] as const;

/** One layer of the built-in model's answers, brought into the form of another family. */
class TurnedLayer {
  readonly #graph: OnnxGraph;
  readonly #of: { readonly layer: number; readonly stride: number; readonly anchors: Anchors };
  #made = 0;

  constructor(graph: OnnxGraph, of: { readonly layer: number; readonly stride: number; readonly anchors: Anchors }) {
    this.#graph = graph;
    this.#of = of;
  }

  /** How sure the model is of a face, 0 to 1, of these anchors; the second of three classes is a face. */
  scores(anchors: readonly number[], output: string): string {
    const { layer } = this.#of;
    const rows = anchors.map((anchor) => ({ from: anchor * 3 + 1, by: 1, plus: 0 }));
    const from = this.#linear(`class${layer}`, this.#of.anchors.length * 3, rows);
    return this.#graph.node("Sigmoid", { inputs: [from], output });
  }

  /** For each anchor these numbers: the middle in cells from the cell's corner (or its negative), sizes as logarithms of cells. */
  boxes(anchors: readonly number[], numbers: readonly ("x" | "y" | "-x" | "-y" | "width" | "height")[]): string {
    const { layer, stride } = this.#of;
    const rows = anchors.flatMap((anchor) => {
      const { width, height } = this.#of.anchors[anchor] ?? { width: 1, height: 1 };
      // The built-in model gives top, left, height and width in tenths and fifths of the anchor.
      const all = {
        y: { from: anchor * 4, by: height / stride / 10, plus: 0.5 },
        x: { from: anchor * 4 + 1, by: width / stride / 10, plus: 0.5 },
        "-y": { from: anchor * 4, by: -height / stride / 10, plus: -0.5 },
        "-x": { from: anchor * 4 + 1, by: -width / stride / 10, plus: -0.5 },
        height: { from: anchor * 4 + 2, by: 1 / 5, plus: Math.log(height / stride) },
        width: { from: anchor * 4 + 3, by: 1 / 5, plus: Math.log(width / stride) },
      };
      return numbers.map((number) => all[number]);
    });
    return this.#linear(`box${layer}`, this.#of.anchors.length * 4, rows);
  }

  /** From planes of one number each to the numbers of one cell after another. */
  cellsLast(from: string, output: string): string {
    return this.#graph.node("Transpose", { inputs: [from], output, attributes: { perm: [0, 2, 3, 1] } });
  }

  #linear(from: string, channels: number, rows: readonly { from: number; by: number; plus: number }[]): string {
    this.#made += 1;
    const name = `turned-${this.#of.layer}-${this.#made}`;
    const weights = (row: number, channel: number): number => (rows[row]?.from === channel ? (rows[row]?.by ?? 0) : 0);
    return cellsOf(this.#graph, { from, channels, name, weights, bias: rows.map(({ plus }) => plus), stride: 1 });
  }
}

/** A convolution of single pixels: as many outputs as `bias` has numbers. */
function cellsOf(
  graph: OnnxGraph,
  by: {
    readonly from: string;
    readonly channels: number;
    readonly name: string;
    readonly weights: (row: number, channel: number) => number;
    readonly bias: readonly number[];
    readonly stride: number;
  },
): string {
  const { from, channels, name, weights, bias, stride } = by;
  const kernel = Float32Array.from({ length: bias.length * channels }, (_, i) =>
    weights(Math.floor(i / channels), i % channels),
  );
  const inputs = [
    from,
    graph.constant(`${name}/kernel`, [bias.length, channels, 1, 1], kernel),
    graph.constant(`${name}/bias`, [bias.length], Float32Array.from(bias)),
  ];
  const attributes = { kernel_shape: [1, 1], strides: [stride, stride] };
  return graph.node("Conv", { inputs, output: `${name}/out`, attributes });
}

async function builtIn(): Promise<ReturnType<typeof buildSsd>> {
  const folder = join(modelDirectory, "model");
  const manifest = await readFile(join(folder, "ssd_mobilenetv1_model-weights_manifest.json"), "utf8");
  const bytes = await readFile(join(folder, "ssd_mobilenetv1_model.bin"));
  return buildSsd(readWeights({ manifest: JSON.parse(manifest), bytes }));
}

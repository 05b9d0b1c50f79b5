// The built-in detector's network: SSD-MobileNetV1 for faces, from the weights in @vladmandic/face-api 1.7.15 (MIT,
// trained on WIDER FACE), as an ONNX graph without fixed input size, so that one model serves every scale.
import { OnnxGraph } from "./onnx-graph.ts";
import { toOutputFirst, type WeightTensor } from "./tensor-weights.ts";

/** Feature layers; layer n has one cell per 16·2ⁿ pixels. Outputs are named `box<n>` and `class<n>`. */
export const LAYERS = 6;
/** Input name; 1 x 3 x height x width, RGB from -1 to 1, sides divisible by 32. */
export const INPUT = "input";

/** Prior boxes of one layer: width and height in pixels of the network's input. */
export type Anchors = readonly { readonly width: number; readonly height: number }[];

/** What tf.slim's batch normalisation adds to the variance when the model was trained. */
const EPSILON = 0.001;
/** MobileNetV1's depthwise layers that halve the picture (Howard et al. 2017, table 1). */
const HALVING = new Set([2, 4, 6, 12]);
/** The side the stored prior boxes are fractions of, and the cells per layer at that side. */
const ANCHOR_SIDE = 512;
const ANCHOR_CELLS = [32, 16, 8, 4, 2, 1] as const;

/** Builds the model's bytes and the prior boxes of each layer. Throws when a weight is missing or misshapen. */
export function buildSsd(weights: ReadonlyMap<string, WeightTensor>): {
  readonly model: Buffer;
  readonly anchors: readonly Anchors[];
} {
  const graph = new GraphOfLayers(weights);
  let features = graph.pointwise(graph.input, "MobilenetV1/Conv2d_0_pointwise", 2);
  const layers: string[] = [];
  for (let i = 1; i <= 13; i += 1) {
    features = graph.depthwise(features, `MobilenetV1/Conv2d_${i}_depthwise`, HALVING.has(i) ? 2 : 1);
    features = graph.pointwise(features, `MobilenetV1/Conv2d_${i}_pointwise`, 1);
    if (i === 11 || i === 13) layers.push(features);
  }
  for (let i = 0; i < 8; i += 1) {
    const isHalving = i % 2 === 1;
    features = graph.pointwise(features, `Prediction/Conv2d_${i}_pointwise`, isHalving ? 2 : 1);
    if (isHalving) layers.push(features);
  }
  layers.forEach((layer, i) => {
    graph.predictor(layer, `Prediction/BoxPredictor_${i}/BoxEncodingPredictor`, `box${i}`);
    graph.predictor(layer, `Prediction/BoxPredictor_${i}/ClassPredictor`, `class${i}`);
  });
  return { model: graph.bytes(), anchors: anchorsOf(tensor(weights, "Output/extra_dim")) };
}

class GraphOfLayers {
  readonly #weights: ReadonlyMap<string, WeightTensor>;
  readonly #graph = new OnnxGraph();
  readonly input: string;

  constructor(weights: ReadonlyMap<string, WeightTensor>) {
    this.#weights = weights;
    this.input = this.#graph.input(INPUT, [1, 3, "height", "width"]);
    this.#graph.constant("zero", [], Float32Array.of(0));
    this.#graph.constant("six", [], Float32Array.of(6));
  }

  /** A full convolution whose batch normalisation is already folded into kernel and offset, then ReLU6. */
  pointwise(from: string, name: string, stride: number): string {
    const kernel = toOutputFirst(tensor(this.#weights, `${name}/weights`));
    const bias = tensor(this.#weights, `${name}/convolution_bn_offset`).values;
    return this.#relu6(this.#convolve(from, { name, kernel, bias, stride }));
  }

  /** A convolution of each channel by itself, with its batch normalisation folded in here, then ReLU6. */
  depthwise(from: string, name: string, stride: number): string {
    const { shape, values } = tensor(this.#weights, `${name}/depthwise_weights`);
    const [height = 0, width = 0, channels = 0] = shape;
    // Height, width, channel, 1 → channel, 1, height, width is the same turn with the last two axes swapped.
    const kernel = toOutputFirst({ shape: [height, width, 1, channels], values });
    const norm = (part: string): Float32Array => tensor(this.#weights, `${name}/BatchNorm/${part}`).values;
    const [gamma, beta, mean, variance] = [norm("gamma"), norm("beta"), norm("moving_mean"), norm("moving_variance")];
    const bias = new Float32Array(channels);
    for (let c = 0; c < channels; c += 1) {
      const scale = (gamma[c] ?? Number.NaN) / Math.sqrt((variance[c] ?? Number.NaN) + EPSILON);
      bias[c] = (beta[c] ?? Number.NaN) - (mean[c] ?? Number.NaN) * scale;
      const channel = kernel.values.subarray(c * height * width, (c + 1) * height * width);
      channel.forEach((value, i) => {
        channel[i] = value * scale;
      });
    }
    return this.#relu6(this.#convolve(from, { name, kernel, bias, stride, groups: channels }));
  }

  predictor(from: string, name: string, output: string): void {
    const kernel = toOutputFirst(tensor(this.#weights, `${name}/weights`));
    const bias = tensor(this.#weights, `${name}/biases`).values;
    this.#convolve(from, { name, kernel, bias, stride: 1, output });
    this.#graph.output(output, [1, bias.length, `${output}-rows`, `${output}-columns`]);
  }

  bytes(): Buffer {
    return this.#graph.bytes();
  }

  #convolve(
    from: string,
    by: { name: string; kernel: WeightTensor; bias: Float32Array; stride: number; groups?: number; output?: string },
  ): string {
    const { name, kernel, bias, stride, groups = 1, output } = by;
    const inputs = [
      from,
      this.#graph.constant(`${name}/kernel`, kernel.shape, kernel.values),
      this.#graph.constant(`${name}/bias`, [bias.length], bias),
    ];
    const attributes = {
      kernel_shape: kernel.shape.slice(2),
      strides: [stride, stride],
      auto_pad: "SAME_UPPER",
      group: groups,
    };
    return this.#graph.node("Conv", { inputs, attributes, ...(output !== undefined && { output }) });
  }

  #relu6(from: string): string {
    return this.#graph.node("Clip", { inputs: [from, "zero", "six"] });
  }
}

/** The prior boxes are stored for every cell as top, left, bottom, right; all cells of a layer have the same sizes. */
function anchorsOf({ values }: WeightTensor): Anchors[] {
  let at = 0;
  return ANCHOR_CELLS.map((cells, layer) => {
    const perCell = layer === 0 ? 3 : 6;
    const anchors = Array.from({ length: perCell }, (_, i) => {
      const [top = 0, left = 0, bottom = 0, right = 0] = values.subarray((at + i) * 4, (at + i) * 4 + 4);
      return { width: (right - left) * ANCHOR_SIDE, height: (bottom - top) * ANCHOR_SIDE };
    });
    at += cells * cells * perCell;
    return anchors;
  });
}

function tensor(weights: ReadonlyMap<string, WeightTensor>, name: string): WeightTensor {
  const found = weights.get(name);
  if (found === undefined) throw new RangeError(`the model's weights lack ${name}`);
  return found;
}

// Reads the weights of a TensorFlow.js model: a JSON manifest of names and shapes, and one file of quantised numbers.
import { z } from "zod";

/** `values`: row-major over `shape`; convolution kernels come as height, width, in, out. */
export type WeightTensor = { readonly shape: readonly number[]; readonly values: Float32Array };

// tfjs-core, io/types.ts (WeightsManifestEntry): value = stored * scale + min.
const Manifest = z.array(
  z.object({
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().min(0)),
        dtype: z.enum(["float32", "int32"]),
        quantization: z.object({ scale: z.number(), min: z.number(), dtype: z.literal("uint8") }).optional(),
      }),
    ),
  }),
);

/** Returns the tensors by name. Throws when the manifest is not of this form or does not fit the file's length. */
export function readWeights({
  manifest,
  bytes,
}: {
  manifest: unknown;
  bytes: Buffer;
}): ReadonlyMap<string, WeightTensor> {
  const tensors = new Map<string, WeightTensor>();
  let offset = 0;
  for (const { name, shape, quantization } of Manifest.parse(manifest).flatMap((group) => group.weights)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const size = quantization === undefined ? count * 4 : count;
    if (offset + size > bytes.length) throw new RangeError(`the weights end within ${name}`);
    const values = new Float32Array(count);
    for (let i = 0; i < count; i += 1) {
      values[i] =
        quantization === undefined
          ? bytes.readFloatLE(offset + i * 4)
          : bytes.readUInt8(offset + i) * quantization.scale + quantization.min;
    }
    tensors.set(name, { shape, values });
    offset += size;
  }
  if (offset !== bytes.length) throw new RangeError(`the weights hold ${bytes.length} bytes, their manifest ${offset}`);
  return tensors;
}

/** Height, width, in, out → out, in, height, width (what ONNX's Conv takes). */
export function toOutputFirst({ shape, values }: WeightTensor): WeightTensor {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const turned = new Float32Array(values.length);
  let from = 0;
  for (let at = 0; at < height * width; at += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let o = 0; o < outputs; o += 1) {
        turned[(o * inputs + i) * height * width + at] = values[from] ?? Number.NaN;
        from += 1;
      }
    }
  }
  return { shape: [outputs, inputs, height, width], values: turned };
}

// The one door to the detector's runtime, ONNX Runtime on the CPU. Only the redactor child comes through it.
import { InferenceSession, Tensor } from "onnxruntime-node";

/** One output, row-major over `shape`; whole numbers as 32-bit floats too. */
export type OutputTensor = { readonly shape: readonly number[]; readonly values: Float32Array };

export type OnnxSession = AsyncDisposable & {
  /** The inputs as the model declares them; a dimension that is free has a name, a shape that is not declared no dimensions. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
  /** In the model's own order. */
  readonly outputs: readonly string[];
  /**
   * Runs the model on one input of 1 x 3 x height x width, or 3 x height x width where it declares three dimensions, and gives
   * the outputs named, or all. Blocks this process meanwhile. Throws what the runtime throws.
   */
  run(
    input: {
      readonly name: string;
      readonly values: Float32Array;
      readonly height: number;
      readonly width: number;
    },
    outputs?: readonly string[],
  ): Promise<ReadonlyMap<string, OutputTensor>>;
};

/** Loads a model from memory. Without its arena the runtime returns memory between pictures; see test/bench/redaction.ts. */
export async function openSession({ model, threads }: { model: Buffer; threads: number }): Promise<OnnxSession> {
  const session = await InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
    // Its threads sleep while they wait for each other: a fifth less work, and the gateway shares the machine.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    // 3: errors only. Nothing the runtime prints may reach the pipe that carries answers.
    logSeverityLevel: 3,
  });
  const inputs = session.inputMetadata.map((each) => ({ name: each.name, shape: each.isTensor ? each.shape : [] }));
  return {
    inputs,
    outputs: session.outputNames,
    async run({ name, values, height, width }, outputs = session.outputNames) {
      const isBatch = inputs.find((input) => input.name === name)?.shape.length !== 3;
      const tensor = new Tensor("float32", values, isBatch ? [1, 3, height, width] : [3, height, width]);
      const results = await session.run({ [name]: tensor }, [...outputs]);
      return new Map(Object.entries(results).map(([output, result]) => [output, toOutput(output, result)]));
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

function toOutput(
  name: string,
  { dims, data }: { readonly dims: readonly number[]; readonly data: unknown },
): OutputTensor {
  if (data instanceof BigInt64Array) return { shape: dims, values: Float32Array.from(data, Number) };
  if (data instanceof Int32Array) return { shape: dims, values: Float32Array.from(data) };
  if (!(data instanceof Float32Array))
    throw new TypeError(`the model's output ${name} holds neither 32-bit floats nor whole numbers`);
  return { shape: dims, values: data };
}

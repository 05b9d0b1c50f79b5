// The one door to the detector's runtime, ONNX Runtime on the CPU. Only the redactor child comes through it.
import { InferenceSession, Tensor } from "onnxruntime-node";

/** One output of 32-bit floats, row-major over `shape`. */
export type OutputTensor = { readonly shape: readonly number[]; readonly values: Float32Array };

export type OnnxSession = AsyncDisposable & {
  /** Runs the model on one input of 1 x 3 x height x width. Blocks this process meanwhile. Throws what the runtime throws. */
  run(input: {
    readonly name: string;
    readonly values: Float32Array;
    readonly height: number;
    readonly width: number;
  }): Promise<ReadonlyMap<string, OutputTensor>>;
};

/** Loads a model from memory. Without its arena the runtime returns memory between pictures; see test/bench/redaction.ts. */
export async function openSession({ model, threads }: { model: Buffer; threads: number }): Promise<OnnxSession> {
  const session = await InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
    // 3: errors only. Nothing the runtime prints may reach the pipe that carries answers.
    logSeverityLevel: 3,
  });
  return {
    async run({ name, values, height, width }) {
      const results = await session.run({ [name]: new Tensor("float32", values, [1, 3, height, width]) });
      return new Map(Object.entries(results).map(([output, tensor]) => [output, toOutput(output, tensor)]));
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

function toOutput(
  name: string,
  { dims, data }: { readonly dims: readonly number[]; readonly data: unknown },
): OutputTensor {
  if (!(data instanceof Float32Array)) throw new TypeError(`the model's output ${name} does not hold 32-bit floats`);
  return { shape: dims, values: data };
}

// One picture through all steps of a redaction in this process, with the real models: for what a test changes or measures inside.
import { systemClock } from "../../src/core/clock.ts";
import { openCanary } from "../../src/privacy/canary.ts";
import type { Detector } from "../../src/privacy/detector.ts";
import { redactPicture } from "../../src/privacy/redaction.ts";
import type { Redaction, RedactRequest } from "../../src/privacy/redactor-protocol.ts";
import { openSsd2 } from "../../src/privacy/ssd2.ts";
import { modelDirectory } from "./sample-photographs.ts";

export type RedactHere = AsyncDisposable & {
  /** The built-in one. */
  readonly detector: Detector;
  /** `by` looks in place of the built-in detector. Rejects where the redactor child would end. */
  readonly redact: (encoded: Buffer, ask?: Partial<RedactRequest>, by?: Detector) => Promise<Redaction>;
};

const PLAIN = {
  kind: "redact",
  id: 1,
  level: "normal",
  whenUnsure: "withhold",
  masks: [],
  checkCanary: false,
} as const;

export async function openRedactHere(): Promise<RedactHere> {
  const detector = await openSsd2({ directory: modelDirectory, threads: 2 });
  const canary = await openCanary(modelDirectory);
  return {
    detector,
    redact: (encoded, ask, by = detector) =>
      redactPicture(encoded, { ...PLAIN, ...ask }, { detector: by, canary, clock: systemClock }),
    [Symbol.asyncDispose]: () => detector[Symbol.asyncDispose](),
  };
}

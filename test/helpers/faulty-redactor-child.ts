// A redactor child whose detector is broken in the way its argument names: everything else of it is the real one.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/clock.ts";
import type { Detector } from "../../src/privacy/detector.ts";
import { serveRedactor } from "../../src/privacy/redactor-service.ts";
import { openSsd2 } from "../../src/privacy/ssd2.ts";

const directory = dirname(dirname(fileURLToPath(import.meta.resolve("@vladmandic/face-api"))));

/** Works for the canary at the start, so that the fault meets a picture; `blind` does not. */
async function openFaulty(): Promise<Detector> {
  const detector = await openSsd2({ directory, threads: 1 });
  const fault = process.argv[2];
  let looks = 0;
  return {
    modelSha256: detector.modelSha256,
    tuning: detector.tuning,
    async detect(picture, look) {
      looks++;
      if (fault === "blind") return [];
      if (looks === 1) return await detector.detect(picture, look);
      if (fault === "throws") throw new Error("the detector broke");
      if (fault === "hangs") return await new Promise(() => undefined);
      if (fault === "spins") for (;;) looks++;
      if (fault === "nan") return [{ x: Number.NaN, y: 10, width: 40, height: 40, score: 0.9 }];
      if (fault === "crashes") process.abort();
      return await detector.detect(picture, look);
    },
    [Symbol.asyncDispose]: () => detector[Symbol.asyncDispose](),
  };
}

await serveRedactor({
  input: process.stdin,
  output: process.stdout,
  directory,
  openDetector: openFaulty,
  clock: systemClock,
});

// The program that redact.ts starts: the only process that loads a picture decoder and the detector's runtime. It has
// no network and writes no file (core/child-process.ts sees to both), and ends when its standard input does, which is when the
// gateway ends. Arguments: the model's folder, if it is another; LOW_MEMORY.
import { setPriority } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../core/clock.ts";
import { LOW_MEMORY, threadsFor } from "./machine-fit.ts";
import { encodeMessage, plainDetail } from "./redactor-protocol.ts";

/**
 * Far below the gateway's: a sensor's acknowledgement comes before a picture. Measured with 20 cameras at once on two cores: the
 * acknowledgements' p99 was 3.1 times its value at rest with 5, and 1.1 times with 15, for as many pictures.
 */
const NICENESS = 15;

// Nothing may be printed: an error's text or a stack could carry what it was working on.
process.on("uncaughtException", () => process.exit(70));
process.on("unhandledRejection", () => process.exit(70));
setPriority(NICENESS);
const isLowMemory = process.argv.includes(LOW_MEMORY);
const [modelDirectory] = process.argv.slice(2).filter((word) => word !== LOW_MEMORY);

try {
  // Loaded late, so that a native library that does not fit this machine is an answer and not a riddle.
  const [{ serveRedactor }, { openSsd2 }] = await Promise.all([import("./redactor-service.ts"), import("./ssd2.ts")]);
  await serveRedactor({
    input: process.stdin,
    output: process.stdout,
    directory: modelDirectory ?? dirname(dirname(fileURLToPath(import.meta.resolve("@vladmandic/face-api")))),
    openDetector: (directory) => openSsd2({ directory, threads: threadsFor(), isLowMemory }),
    clock: systemClock,
  });
} catch (cause) {
  for (const part of encodeMessage({ kind: "failed", detail: plainDetail(cause) })) process.stdout.write(part);
}
process.exit(0);

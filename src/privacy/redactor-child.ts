// The program that redact.ts starts: the only process that loads a picture decoder and the detector's runtime. It opens
// no connection (nothing in it does; the system does not forbid it), may write no file (--permission forbids it), and ends
// when its standard input does, which is when the gateway ends.
import { setPriority } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { encodeMessage, plainDetail } from "./redactor-protocol.ts";

/** Below the gateway's: a sensor's acknowledgement comes before a picture. */
const NICENESS = 5;

// Nothing may be printed: an error's text or a stack could carry what it was working on.
process.on("uncaughtException", () => process.exit(70));
process.on("unhandledRejection", () => process.exit(70));
setPriority(NICENESS);

try {
  // Loaded late, so that a native library that does not fit this machine is an answer and not a riddle.
  const [{ serveRedactor }, { openSsd2 }] = await Promise.all([import("./redactor-service.ts"), import("./ssd2.ts")]);
  await serveRedactor({
    input: process.stdin,
    output: process.stdout,
    directory: process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.resolve("@vladmandic/face-api")))),
    openDetector: (directory) => openSsd2({ directory, threads: LIMITS.redactorThreads }),
    clock: systemClock,
  });
} catch (cause) {
  for (const part of encodeMessage({ kind: "failed", detail: plainDetail(cause) })) process.stdout.write(part);
}
process.exit(0);

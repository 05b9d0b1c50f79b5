// How much of a machine the redactor takes: threads by its cores, tiles where its memory is small.
import { availableParallelism, totalmem } from "node:os";
import { LIMITS } from "../core/limits.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

/** The redactor child's argument where `isLowMemory` says so. */
export const LOW_MEMORY = "--low-memory";

/** As in gateway.yaml. */
export type LowMemory = "auto" | "yes" | "no";

/** Threads of decoder and detector: one core stays with the broker, unless there is only one. */
export function threadsFor(cores = availableParallelism()): number {
  return Math.max(1, Math.min(LIMITS.redactorThreads, cores - 1));
}

/** Whether pictures are searched tile by tile. `memoryBytes`: what this machine, or the container around us, has. */
export function isLowMemory(setting: LowMemory, memoryBytes = memoryOfMachine()): boolean {
  return setting === "yes" || (setting === "auto" && memoryBytes < PRIVACY_LIMITS.lowMemoryBytes);
}

/** The redactor child's arguments. `modelDirectory`: where its model lies, if it is not the built-in one. */
export function childArguments({
  modelDirectory,
  lowMemory = "auto",
}: {
  readonly modelDirectory?: string;
  readonly lowMemory?: LowMemory;
}): string[] {
  return [...(modelDirectory === undefined ? [] : [modelDirectory]), ...(isLowMemory(lowMemory) ? [LOW_MEMORY] : [])];
}

/** A limit of the control group, where one is set and smaller. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

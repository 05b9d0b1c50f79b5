// The pace of the simulated kit: things happen again and again, never quite on the beat.
import { setTimeout as sleep } from "node:timers/promises";

/** Ends after about `ms`, or at once when `stop` aborts. */
export async function wait(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch((thrown: unknown) => {
    if (!stop.aborted) throw thrown;
  });
}

/** Does the work first after `firstMs`, then about every `everyMs` (give or take a fifth), until `stop` aborts. */
export async function repeatedly(
  { firstMs, everyMs }: { firstMs: number; everyMs: number },
  work: () => void | Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  await wait(firstMs, stop);
  while (!stop.aborted) {
    await work();
    await wait(around(everyMs, everyMs / 5), stop);
  }
}

/** A whole number near `middle`. */
export function around(middle: number, spread: number): number {
  return Math.max(0, Math.round(middle + (Math.random() - 0.5) * spread));
}

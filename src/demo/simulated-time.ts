// The pace of the simulated kit: things happen again and again, never quite on the beat.
import { waitFor } from "../core/wait.ts";

/** Does the work first after `firstMs`, then about every `everyMs` (give or take a fifth), until `stop` aborts. */
export async function repeatedly(
  { firstMs, everyMs }: { firstMs: number; everyMs: number },
  work: () => void | Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  await waitFor(firstMs, stop);
  while (!stop.aborted) {
    await work();
    await waitFor(around(everyMs, everyMs / 5), stop);
  }
}

/** A whole number near `middle`. */
export function around(middle: number, spread: number): number {
  return Math.max(0, Math.round(middle + (Math.random() - 0.5) * spread));
}

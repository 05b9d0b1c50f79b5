// Promise 6 after a fault: the two sums of I9 as the running gateway tells them, which have to hold whatever happened before.
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { callGateway } from "../../src/web/local-socket.ts";

/** The gateway tells sums that are a moment old; for so long it may say that something waits which has just gone. */
const PATIENCE_MS = 30_000;
const ASK_MS = 50;

/**
 * Asks the gateway that runs on this data directory until nothing waits by its own count; each answer's sums have to hold. What
 * was made is for the caller to know: all zero holds as well.
 */
export async function expectConserved({ dataDir }: { readonly dataDir: string }): Promise<void> {
  const { isBalanced, ...last } = await settledSums(dataDir);
  expect(isBalanced, `sums that do not hold (I9): ${JSON.stringify(last)}`).toBe(true);
}

/** The first that do not hold, or the first of a moment in which nothing waits. */
async function settledSums(dataDir: string) {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const status = await callGateway(dataDir, "status", {});
    if (status === null) throw new Error("no gateway runs here that could be asked for its sums");
    const { readings, sinks } = status.conservation;
    const isBalanced = readings.isBalanced && sinks.every((sum) => sum.isBalanced);
    const isSettled = sinks.every(({ waiting }) => waiting === 0);
    if (!isBalanced || isSettled) return { isBalanced, readings, sinks };
    if (performance.now() > until) throw new Error(`it says that something waits: ${JSON.stringify(sinks)}`);
    await sleep(ASK_MS);
  }
}

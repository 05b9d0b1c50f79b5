// The broker of these contracts as a process of its own, so that its memory and its event loop can be looked at from outside.
// Arguments: options of openBrokerHouse as JSON. To each message it answers with a Look; to "collect" after a collection.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openBrokerHouse } from "../../helpers/broker-house.ts";

/** `loopMs`: the longest that the event loop was blocked since the look before. `taken`: messages, by topic. */
export type Look = {
  readonly port: number;
  readonly rssBytes: number;
  /** What is in use, buffers among it. */
  readonly usedBytes: number;
  readonly loopMs: number;
  readonly taken: number;
  readonly counters: Record<string, number>;
};

let taken = 0;
const house = await openBrokerHouse({
  ...JSON.parse(process.argv[2] ?? "{}"),
  take: () => {
    taken += 1;
    return Promise.resolve();
  },
});
const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();
const look = (message?: unknown) => {
  const loopMs = delays.max / 1e6;
  if (message === "collect") globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const seen: Look = {
    port: house.broker.port,
    rssBytes: rss,
    usedBytes: heapUsed + external,
    loopMs,
    taken,
    counters: house.board.all(),
  };
  delays.reset();
  process.send?.(seen);
};
process.on("message", look);
process.on("disconnect", () => process.exit());
look();

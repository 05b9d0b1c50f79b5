// What the house does by itself, about once a second: closes count windows, notices silent devices, erases what is past its
// hour and says so (promise 7), makes room where the buffer is full, and ends the gateway when the disk has failed.
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./core/clock.ts";
import { GatewayError } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import type { EventRoad } from "./event-road.ts";
import { makeRoom } from "./eviction.ts";
import type { Policy } from "./settings/schema.ts";
import { SPOOL_LIMITS } from "./spool/spool-limits.ts";
import type { Spool } from "./spool/spool.ts";
import { bury } from "./tombstones.ts";

const TICK_MS = 1000;

/** `tickMs`: shorter in tests. */
type Deps = {
  readonly eventRoad: Pick<EventRoad, "tick" | "tell" | "flush">;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Log;
  /** The policy's: what goes when the buffer is full. */
  readonly evictFirst: Policy["events"]["evictFirst"];
  readonly tickMs?: number;
};

export type Housekeeping = AsyncDisposable & {
  /** Rejects with the reason when the gateway must end. */
  readonly failed: Promise<never>;
};

export function openHousekeeping(deps: Deps): Housekeeping {
  const closing = new AbortController();
  const running = run(deps, closing.signal);
  const failed = new Promise<never>((_, reject) => {
    running.catch(reject);
  });
  failed.catch(() => undefined); // whoever waits for it hears it; before that it is nobody's unhandled rejection
  return {
    failed,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running.catch(() => undefined); // told by `failed`
      // What was put off (last heard, counted repeats) is written before the spool closes; on a full disk that may never be.
      const flushed = deps.eventRoad
        .flush()
        .catch((cause: unknown) => deps.log.warn({ cause: String(cause) }, "what was put off could not be written"));
      await Promise.race([flushed, sleep(LIMITS.flushAtStopMs, undefined, { ref: false })]);
    },
  };
}

async function run(deps: Deps, stop: AbortSignal): Promise<void> {
  const { eventRoad, spool, clock, log, evictFirst, tickMs = TICK_MS } = deps;
  const failures: unknown[] = [];
  const end = (cause: unknown) => {
    // No room, or too many open files: that passes, and the next tick tries again.
    if (cause instanceof GatewayError && cause.code === "SPOOL_FULL")
      log.warn({ cause: cause.message }, "not erased yet");
    else failures.push(cause);
  };
  // None waits for another: on a full disk appends wait, and it is erasing that makes room.
  const tick = oneAtATime(
    () => eventRoad.tick(),
    (cause) => log.error({ cause: String(cause) }, "housekeeping could not write"),
  );
  const tell: EventRoad["tell"] = (fact, discard) => eventRoad.tell(fact, discard);
  let wasFull = false;
  const making = oneAtATime(async () => {
    // At once, and not at the next tick: sensors wait for their acknowledgements meanwhile.
    do {
      wasFull = false;
      await makeRoom({ evictFirst, spool, tell, clock, log });
    } while (wasFull && !stop.aborted);
    await spool.giveBack();
  }, end);
  const unwatch = spool.onFull(() => {
    wasFull = true;
    making();
  });
  stop.addEventListener("abort", unwatch, { once: true });
  const erasing = [erasePictures, eraseEntries, eraseDeadLetters].map((erase) => oneAtATime(() => erase(deps), end));
  while (!stop.aborted) {
    // Rejects with what the disk said: the gateway ends, so that nothing is acknowledged that is not kept.
    if (spool.condition() === "failed") await spool.settled();
    tick();
    for (const erase of erasing) erase();
    making();
    await sleep(tickMs, undefined, { signal: stop }).catch(() => undefined); // aborted: the loop ends
    if (failures.length > 0 && spool.condition() !== "failed") throw failures[0];
  }
}

/** Gives what starts the work unless it still runs. */
function oneAtATime(work: () => Promise<void>, failed: (cause: unknown) => void): () => void {
  let isRunning = false;
  return () => {
    if (isRunning) return;
    isRunning = true;
    void work()
      .catch(failed)
      .finally(() => {
        isRunning = false;
      });
  };
}

async function erasePictures(deps: Deps): Promise<void> {
  await deps.spool.sweepPictures(await deps.spool.timeSettled());
}

async function eraseDeadLetters(deps: Deps): Promise<void> {
  await deps.spool.sweepDeadLetters(await deps.spool.timeSettled());
}

/**
 * What is past its hour, and what no sink can ever be given: each goes with a tombstone. Also while the clock is not believed:
 * the spool counts hours by running time then.
 */
async function eraseEntries(deps: Deps): Promise<void> {
  const { spool } = deps;
  // Several tombstones' worth at once: after weeks without power all of a long backlog is past its hour.
  for (let round = 0; round < SPOOL_LIMITS.expiriesPerTick; round++) {
    const expired = spool.expired(await spool.timeSettled(), LIMITS.tombstoneSequences);
    if (expired.length === 0) break;
    await discard(deps, { sequences: expired, how: "expired" });
  }
  await discard(deps, {
    sequences: spool.undeliverable(LIMITS.tombstoneSequences),
    how: "erased",
    why: "undeliverable",
  });
  await discard(deps, { sequences: spool.damaged(LIMITS.tombstoneSequences), how: "erased", why: "damaged" });
}

async function discard(
  { eventRoad, spool, clock, log }: Deps,
  gone: {
    readonly sequences: number[];
    readonly how: "expired" | "erased";
    readonly why?: "damaged" | "undeliverable";
  },
): Promise<void> {
  if (gone.sequences.length === 0) return;
  await bury({ spool, tell: (fact, how) => eventRoad.tell(fact, how), clock }, gone);
  log.warn({ entries: gone.sequences.length, how: gone.how }, "entries go unsent");
}

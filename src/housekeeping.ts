// What the house does by itself, about once a second: closes count windows, notices silent devices, erases what is past its
// hour and says so (promise 7), and ends the gateway when the disk has failed.
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./core/clock.ts";
import { GatewayError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import type { EventRoad } from "./event-road.ts";
import type { Spool } from "./spool/spool.ts";

const TICK_MS = 1000;
/** Sequences in one tombstone: keeps the event far below a batch's size. */
const GONE_AT_ONCE = 500;

type Deps = { readonly eventRoad: EventRoad; readonly spool: Spool; readonly clock: Clock; readonly log: Log };

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
      // What was put off (last heard, counted repeats) is written before the spool closes.
      await deps.eventRoad
        .flush()
        .catch((cause: unknown) => deps.log.warn({ cause: String(cause) }, "what was put off could not be written"));
    },
  };
}

async function run(deps: Deps, stop: AbortSignal): Promise<void> {
  const { eventRoad, spool } = deps;
  let ticking: Promise<void> | null = null;
  while (!stop.aborted) {
    if (spool.condition() === "failed") {
      throw new GatewayError(
        "SPOOL_FAILED",
        "the disk refused a write; the gateway ends, so that nothing is acknowledged that is not kept",
      );
    }
    // Not awaited: on a full disk its append waits, and erasing below is what makes room.
    ticking ??= eventRoad.tick().finally(() => {
      ticking = null;
    });
    ticking.catch((cause: unknown) => deps.log.error({ cause: String(cause) }, "housekeeping could not write"));
    await erasePastTheirHour(deps);
    await sleep(TICK_MS, undefined, { signal: stop }).catch(() => undefined); // aborted: the loop ends
  }
}

/** Nothing is erased while the clock cannot be believed: a Pi that boots in the wrong year would delete everything. */
async function erasePastTheirHour({ eventRoad, spool, clock, log }: Deps): Promise<void> {
  if (!clock.isSynced()) return;
  const nowMs = clock.nowMs();
  const sequences = spool.expired(nowMs, GONE_AT_ONCE);
  if (sequences.length > 0) {
    await eventRoad.tell(
      { kind: "entries-gone", how: "expired", sequences, atMs: nowMs },
      { sequences, how: "expired" },
    );
    log.warn({ entries: sequences.length }, "entries expired unsent");
  }
  await spool.sweepPictures(nowMs);
}

// Time comes in as an argument, so that tests can hold it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Wall time for what people read and platforms store, monotonic time for waits and ages. */
export type Clock = {
  /** Milliseconds since 1970-01-01 UTC; may jump when the clock is set. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never jumps. */
  monotonicMs(): number;
  /** Whether the wall clock can be believed: a Pi has no clock battery and boots in the past. */
  isSynced(): boolean;
};

/** A wall clock before this was never set: no Hedgerow existed then. */
export const EARLIEST_BELIEVABLE_MS = Date.UTC(2026, 0, 1);

/** A battery's clock that is further away did not set this one: it says 1970 itself, or the local time. */
const RTC_TOLERANCE_MS = 10 * 60_000;
/** From one look for who set the clock to the next; it is asked with each event. */
const LOOK_MS = 1000;

export const systemClock: Clock = createSystemClock();

/**
 * The machine's clock. A Pi boots with the hour at which it was switched off, which looks right and is not: where systemd's time
 * service runs (`/run/systemd/timesync`), the clock is believed once that says so, or a clock with a battery agrees. Elsewhere
 * (chrony, containers, a person who set it with the service off) each hour after EARLIEST_BELIEVABLE_MS is. Once believed,
 * it is for the whole run. `root` and `nowMs` are others in tests.
 */
export function createSystemClock({
  root = "/",
  nowMs = () => Date.now(), // asked each time: fake timers put another one in its place
}: {
  root?: string;
  nowMs?: () => number;
} = {}): Clock {
  let isTold = false;
  let lookAtMs = Number.NEGATIVE_INFINITY;
  return {
    nowMs,
    monotonicMs: () => performance.now(),
    isSynced() {
      if (nowMs() < EARLIEST_BELIEVABLE_MS) return false;
      if (!isTold && performance.now() >= lookAtMs) {
        lookAtMs = performance.now() + LOOK_MS;
        isTold = isSet(root, nowMs());
      }
      return isTold;
    },
  };
}

function isSet(root: string, nowMs: number): boolean {
  const service = join(root, "run/systemd/timesync");
  if (!existsSync(service) || existsSync(join(service, "synchronized"))) return true;
  const batteryMs = secondsIn(join(root, "sys/class/rtc/rtc0/since_epoch")) * 1000;
  return Math.abs(nowMs - batteryMs) < RTC_TOLERANCE_MS;
}

/** NaN where there is none: most Pis. */
function secondsIn(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10);
  } catch {
    return Number.NaN; // no such clock, or one that does not answer
  }
}

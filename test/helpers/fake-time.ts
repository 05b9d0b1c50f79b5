// A clock whose two hands a test moves: time passes on both, setting moves the wall clock alone; and that is believed or not.
import type { Clock } from "../../src/core/clock.ts";

export function fakeTime(nowMs = Date.UTC(2026, 10, 21, 12), isSynced = true) {
  const hands = { wallMs: nowMs, monotonicMs: 1000, isSynced };
  const clock: Clock = {
    nowMs: () => hands.wallMs,
    monotonicMs: () => hands.monotonicMs,
    isSynced: () => hands.isSynced,
  };
  return {
    clock,
    pass(ms: number): void {
      hands.wallMs += ms;
      hands.monotonicMs += ms;
    },
    /** As by NTP or a person; negative sets it back. */
    set(byMs: number): void {
      hands.wallMs += byMs;
    },
    believe(isTrue: boolean): void {
      hands.isSynced = isTrue;
    },
  };
}

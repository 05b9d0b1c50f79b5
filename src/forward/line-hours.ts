// The hours in which a sink may use its line (a metered SIM, cheap at night), and what goes outside them.
import type { Clock } from "../core/clock.ts";
import { isOpen, type Sun, timesBetween } from "../core/day-times.ts";
import type { HttpsSinkSettings } from "../settings/schema.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";

/** `opensAtMs`: wall time, null where nobody knows. `why`: for a person. */
export type Hours =
  | { readonly isOpen: true }
  | { readonly isOpen: false; readonly opensAtMs: number | null; readonly why: string };

/** `isUrgentFree`: what is urgent goes at any hour. */
export type LineHours = { readonly isUrgentFree: boolean; now(): Hours };

type Needs = {
  /** As in gateway.yaml, the same for each kind of sink. */
  readonly connect: HttpsSinkSettings["connect"];
  readonly timezone: string;
  /** Null where the site has no cell. */
  readonly sun: Sun | null;
  readonly clock: Clock;
};

const DAY_MS = 24 * 3_600_000;
const ALWAYS: LineHours = { isUrgentFree: true, now: () => ({ isOpen: true }) };

/**
 * The hours of a sink; without `connect` it is always open. The answer may be FORWARD_LIMITS.hoursLookMs old. While the clock is
 * not believed the line stays closed but for what is urgent: a wrong hour may cost the association its month's data; after
 * FORWARD_LIMITS.hoursUnknownMs of that it opens.
 */
export function createLineHours({ connect, timezone, sun, clock }: Needs): LineHours {
  if (connect === undefined) return ALWAYS;
  const { between, urgent } = connect;
  const when = { timezone, sun };
  const said = `sends from ${between[0]} to ${between[1]}`;
  let unsureSinceMs: number | null = null;
  let last: { readonly hours: Hours; readonly atMs: number } | null = null;

  const look = (): Hours => {
    if (!clock.isSynced()) {
      unsureSinceMs ??= clock.monotonicMs();
      return clock.monotonicMs() - unsureSinceMs >= FORWARD_LIMITS.hoursUnknownMs
        ? { isOpen: true }
        : { isOpen: false, opensAtMs: null, why: `${said}, and the time of day is not known yet` };
    }
    unsureSinceMs = null;
    const nowMs = clock.nowMs();
    if (isOpen({ between }, nowMs, when)) return { isOpen: true };
    const [opensAtMs = null] = timesBetween({ at: [between[0]] }, { afterMs: nowMs, untilMs: nowMs + DAY_MS }, when);
    return { isOpen: false, opensAtMs, why: said };
  };

  return {
    isUrgentFree: urgent,
    now() {
      const atMs = clock.monotonicMs();
      if (last === null || atMs - last.atMs >= FORWARD_LIMITS.hoursLookMs) last = { hours: look(), atMs };
      return last.hours;
    },
  };
}

/** What may go through one sink's line now: by its hours, or since a person said "send now". */
export class Gate {
  readonly #hours: LineHours;
  readonly #clock: Clock;
  readonly #newestSequence: () => number;
  #wasOpen = false;
  /** What waited when a person said "send now", and until when (monotonic) that holds. */
  #now: { readonly upTo: number; readonly untilMs: number } | null = null;

  constructor(needs: {
    readonly hours: LineHours | undefined;
    readonly clock: Clock;
    readonly newestSequence: () => number;
  }) {
    this.#hours = needs.hours ?? ALWAYS;
    this.#clock = needs.clock;
    this.#newestSequence = needs.newestSequence;
  }

  /** `upTo`: the sequence up to which anything may go; above it only what is urgent, if `isUrgentFree`. */
  may(): { readonly upTo: number; readonly isUrgentFree: boolean } {
    if (this.#hours.now().isOpen) return { upTo: Number.MAX_SAFE_INTEGER, isUrgentFree: true };
    const { isUrgentFree } = this.#hours;
    if (this.#now !== null && this.#clock.monotonicMs() >= this.#now.untilMs) this.#now = null;
    return { upTo: this.#now?.upTo ?? 0, isUrgentFree };
  }

  /** True once after each opening, at the start too. */
  hasJustOpened(): boolean {
    const { isOpen: isNowOpen } = this.#hours.now();
    const hasJust = isNowOpen && !this.#wasOpen;
    this.#wasOpen = isNowOpen;
    if (hasJust) this.#now = null;
    return hasJust;
  }

  /** Outside the hours, why and until when; else null. */
  closed(): { readonly why: string; readonly untilMs: number | null } | null {
    const hours = this.#hours.now();
    return hours.isOpen ? null : { why: hours.why, untilMs: hours.opensAtMs };
  }

  /** All that waits now may go once, hours or not. */
  sendNow(): void {
    if (!this.#hours.now().isOpen)
      this.#now = {
        upTo: this.#newestSequence(),
        untilMs: this.#clock.monotonicMs() + FORWARD_LIMITS.sendNowMs,
      };
  }

  /** It has gone. */
  hasSentNow(): void {
    this.#now = null;
  }
}

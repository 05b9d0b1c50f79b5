// How fast the buffer fills: bytes taken per hour over the last day of running, whatever waits or has left since.
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** The counter of bytes that entries and their pictures took when they were made. */
export const TAKEN_BYTES = "spool.taken-bytes";
/** Under which key of the spool's state the rate is kept. */
export const RATE_KEY = "spool:rate";

const HOUR_MS = 3_600_000;

/** A stretch of running, and what was taken in it. */
type Stretch = { readonly ms: number; readonly bytes: number };

/** `taken`: the durable counter of bytes; only what it grows by counts. Times are monotonic milliseconds. */
export class Rate {
  /** Whole hours, the oldest first. */
  #hours: Stretch[];
  #current: Stretch;
  #last: { readonly taken: number; readonly atMs: number };
  #savedAtMs: number;

  /** `kept`: what `text` gave in an earlier run, or null; a text that is none counts as none. */
  constructor(kept: string | null, start: { readonly taken: number; readonly atMs: number }) {
    const stretches = kept === null ? [] : stretchesOf(kept);
    this.#current = stretches.pop() ?? { ms: 0, bytes: 0 };
    this.#hours = stretches.slice(-SPOOL_LIMITS.rateHours);
    this.#last = start;
    this.#savedAtMs = start.atMs;
  }

  look(now: { readonly taken: number; readonly atMs: number }): void {
    const ms = this.#current.ms + now.atMs - this.#last.atMs;
    const bytes = this.#current.bytes + Math.max(0, now.taken - this.#last.taken);
    this.#last = now;
    if (ms < HOUR_MS) {
      this.#current = { ms, bytes };
      return;
    }
    this.#hours = [...this.#hours, { ms, bytes }].slice(-SPOOL_LIMITS.rateHours);
    this.#current = { ms: 0, bytes: 0 };
  }

  /** To be kept for the next run, when that is due; else null. */
  textWhenDue(): string | null {
    if (this.#last.atMs - this.#savedAtMs < SPOOL_LIMITS.rateSaveMs) return null;
    this.#savedAtMs = this.#last.atMs;
    return JSON.stringify([...this.#hours, this.#current].map(({ ms, bytes }) => [Math.round(ms), bytes]));
  }

  /** How long so many bytes last, whole hours; null while nothing comes, or for too short a time to tell. */
  hoursFor(bytes: number): number | null {
    const all = [...this.#hours, this.#current];
    const ms = all.reduce((sum, each) => sum + each.ms, 0);
    const taken = all.reduce((sum, each) => sum + each.bytes, 0);
    if (ms < SPOOL_LIMITS.rateNeedsMs || taken === 0) return null;
    return Math.floor((Math.max(0, bytes) / taken) * (ms / HOUR_MS));
  }
}

function stretchesOf(text: string): Stretch[] {
  try {
    const kept: unknown = JSON.parse(text);
    if (!Array.isArray(kept)) return [];
    const pairs = kept.filter((pair): pair is [number, number] => Array.isArray(pair) && pair.every(isAmount));
    return pairs.map(([ms, bytes]) => ({ ms, bytes }));
  } catch {
    return [];
  }
}

function isAmount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

// Guessing is slowed down, and nobody is locked out: each address waits in a line of its own, the longer the more it failed.
//
// Who guesses takes all the places there are, from one address or from many. So when all are taken, the address with the
// most failures and places loses its newest one to whoever has fewer; of those whose wait is over, the one with the fewest
// failures goes first; and a line is served in the order of arrival, so that an honest login behind a flood from its own
// address waits for those before it and no others. An honest address of no failures goes before all who ever failed.
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { networkOf } from "../core/network-of.ts";

/** What is remembered of an address. `turn`: settles when the last of its line is through. */
type Line = { failures: number; lastMs: number; waiting: number; turn: Promise<unknown> };

/** One waiting attempt; `lost` aborts when its place goes to another. */
type Place = { readonly line: Line; readonly lost: AbortController };

/** An attempt whose wait is over, while another runs. */
type Ready = { readonly line: Line; readonly go: () => void };

/** Beyond so many failures the wait is at its bound, and all who are there go in the order of arrival. */
const FAILURES_TOLD = 6;

/** The waits; tests shrink them. */
export type AttemptDelays = { readonly attemptDelayMs: number; readonly attemptDelayMsMax: number };

export class Attempts {
  readonly #lines = new Map<string, Line>();
  /** In the order of arrival. */
  readonly #places = new Set<Place>();
  readonly #clock: Clock;
  readonly #delays: AttemptDelays;
  #isBusy = false;
  #ready: readonly Ready[] = [];

  constructor({ clock, delays = LIMITS }: { clock: Clock; delays?: AttemptDelays }) {
    this.#clock = clock;
    this.#delays = delays;
  }

  /**
   * Runs the attempt when it is its turn: attempts of one address one after another, each after the wait that earlier
   * failures earned, and one at a time in all (each takes 32 MiB). "too-many": there was no place, or it was lost to an
   * address with fewer failures; nothing ran. Throws what the attempt throws, and when `stop` aborts the wait.
   */
  async run(
    from: string,
    attempt: () => Promise<boolean>,
    stop: AbortSignal,
  ): Promise<"passed" | "failed" | "too-many"> {
    const line = this.#lineOf(from);
    if (!this.#makeRoom(line)) return "too-many";
    const place: Place = { line, lost: new AbortController() };
    this.#places.add(place);
    line.waiting += 1;
    const gone = AbortSignal.any([stop, place.lost.signal]);
    // Settled, not awaited: a failure reaches the caller of its own attempt, and the next in line does not stumble over it.
    const mine = line.turn.then(() => this.#take(place, attempt, gone));
    line.turn = Promise.allSettled([mine]);
    try {
      return (await Promise.race([mine, rejectedOnceGone(gone)])) ? "passed" : "failed";
    } catch (cause) {
      if (place.lost.signal.aborted) return "too-many";
      throw cause;
    } finally {
      this.#leave(place);
    }
  }

  async #take(place: Place, attempt: () => Promise<boolean>, gone: AbortSignal): Promise<boolean> {
    const { line } = place;
    gone.throwIfAborted();
    const waitMs = delayMs(line.failures, this.#delays);
    if (waitMs > 0) await pause(waitMs, undefined, { signal: gone, ref: false });
    await this.#turn(line, gone);
    try {
      gone.throwIfAborted();
      // What runs can be taken from nobody any more.
      this.#leave(place);
      const isRight = await attempt();
      line.failures = isRight ? 0 : line.failures + 1;
      line.lastMs = this.#clock.monotonicMs();
      return isRight;
    } finally {
      this.#passOn();
    }
  }

  /** Resolves when no other attempt runs; who gets it owes `#passOn`. */
  async #turn(line: Line, gone: AbortSignal): Promise<void> {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const ready: Ready = { line, go: turn.resolve };
    this.#ready = [...this.#ready, ready];
    const giveUp = () => {
      this.#ready = this.#ready.filter((each) => each !== ready);
      turn.reject(gone.reason);
    };
    gone.addEventListener("abort", giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      gone.removeEventListener("abort", giveUp);
    }
  }

  #passOn(): void {
    const [next] = this.#ready.toSorted((a, b) => told(a.line) - told(b.line));
    this.#ready = this.#ready.filter((each) => each !== next);
    this.#isBusy = next !== undefined;
    next?.go();
  }

  /** Whether one more may wait in this line; when all places are taken, whoever has more failures and places loses one. */
  #makeRoom(line: Line): boolean {
    if (line.waiting >= LIMITS.attemptsWaitingPerAddress) return false;
    if (this.#places.size < LIMITS.attemptsWaiting) return true;
    // The newest of the heaviest: of equals the sort keeps the order it is given.
    const [heaviest] = [...this.#places].toReversed().toSorted((a, b) => burden(b.line) - burden(a.line));
    if (heaviest === undefined || burden(heaviest.line) <= burden(line) + 1) return false;
    this.#leave(heaviest);
    heaviest.lost.abort();
    return true;
  }

  #leave(place: Place): void {
    if (this.#places.delete(place)) place.line.waiting -= 1;
  }

  #lineOf(from: string): Line {
    const key = networkOf(from);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#lines.get(key);
    const isFresh = known !== undefined && (known.waiting > 0 || nowMs - known.lastMs < LIMITS.attemptMemoryMs);
    const line = isFresh ? known : { failures: 0, lastMs: nowMs, waiting: 0, turn: Promise.resolve() };
    this.#lines.delete(key);
    this.#lines.set(key, line);
    const oldest = this.#lines.keys().next().value;
    if (this.#lines.size > LIMITS.attemptAddresses && oldest !== undefined) this.#lines.delete(oldest);
    return line;
  }
}

function told({ failures }: Line): number {
  return Math.min(failures, FAILURES_TOLD);
}

/** A place counts as a failure to come, so that addresses never seen before cannot take all places at once. */
function burden({ failures, waiting }: Line): number {
  return failures + waiting;
}

function rejectedOnceGone(gone: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (gone.aborted) reject(gone.reason);
  else gone.addEventListener("abort", () => reject(gone.reason), { once: true });
  return promise;
}

/** The wait before the next attempt, in milliseconds, after so many failures in a row. */
export function delayMs(failures: number, { attemptDelayMs, attemptDelayMsMax }: AttemptDelays = LIMITS): number {
  if (failures < LIMITS.attemptsFree) return 0;
  return Math.min(attemptDelayMsMax, attemptDelayMs * 2 ** Math.min(failures - LIMITS.attemptsFree, 20));
}

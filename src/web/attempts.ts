// Guessing is slowed down, and nobody is locked out: each address waits in a line of its own, the longer the more it failed.
//
// Who guesses takes all the places there are, from one address or from many. So when all are taken, the address with the
// most failures and places loses its newest one to whoever has fewer; of those whose wait is over, the one with the fewest
// failures goes first; and a line is served in the order of arrival, so that an honest login behind a flood from its own
// address waits for those before it and no others. An honest address of no failures goes before all who ever failed.
//
// Who guesses one name from many addresses waits for that name, too: the longer, the more was guessed at it, one after another.
// A browser that was let in before has a line of its own instead of its address's and the name's (OWASP, "device cookies"): so
// who hammers a name from elsewhere, or from the same network, cannot keep its owner out.
import { createHmac, randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { networkOf } from "../core/network-of.ts";
import { PEOPLE_LIMITS } from "./people-limits.ts";
import { Turns } from "./turns.ts";

/** What is remembered of an address. `turn`: settles when the last of its line is through. */
type Line = { failures: number; lastMs: number; waiting: number; turn: Promise<unknown> };

/** One waiting attempt; `lost` aborts when its place goes to another. */
type Place = { readonly line: Line; readonly lost: AbortController };

/** Wrong attempts at one name, and whose turn it is to try it. */
type Lane = { failures: number; lastMs: number; readonly turns: Turns };

/** `address`: as sockets tell it. `account`: the name that is tried. `browser`: a word of a browser that was let in before; it counts instead of both. */
export type Approach = { readonly address: string; readonly account?: string; readonly browser?: string };

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
  readonly #turns = new Turns();
  readonly #lanes = new Map<number, Lane>();
  /** Nobody outside can tell which names share a lane. */
  readonly #laneKey = randomBytes(16);

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
    from: string | Approach,
    attempt: () => Promise<boolean>,
    stop: AbortSignal,
  ): Promise<"passed" | "failed" | "too-many"> {
    const approach = typeof from === "string" ? { address: from } : from;
    const line = this.#lineOf(keyOf(approach));
    if (!this.#makeRoom(line)) return "too-many";
    const place: Place = { line, lost: new AbortController() };
    this.#places.add(place);
    line.waiting += 1;
    const gone = AbortSignal.any([stop, place.lost.signal]);
    const lane = this.#laneOf(approach);
    // Settled, not awaited: a failure reaches the caller of its own attempt, and the next in line does not stumble over it.
    const mine = line.turn.then(() => this.#take({ place, lane, attempt }, gone));
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

  async #take({ place, lane, attempt }: Taking, gone: AbortSignal): Promise<boolean> {
    const { line } = place;
    gone.throwIfAborted();
    await this.#wait(line.failures, gone);
    await lane?.turns.take(() => told(line), gone);
    try {
      // From the last one on: the wait of who comes an hour later is over.
      if (lane !== null) await this.#wait(lane.failures, gone, this.#clock.monotonicMs() - lane.lastMs);
      return await this.#attempt({ place, lane, attempt }, gone);
    } finally {
      lane?.turns.pass();
    }
  }

  async #attempt({ place, lane, attempt }: Taking, gone: AbortSignal): Promise<boolean> {
    const { line } = place;
    await this.#turns.take(() => told(line), gone);
    try {
      gone.throwIfAborted();
      // What runs can be taken from nobody any more.
      this.#leave(place);
      const isRight = await attempt();
      for (const each of [line, ...(lane === null ? [] : [lane])]) {
        each.failures = isRight ? 0 : each.failures + 1;
        each.lastMs = this.#clock.monotonicMs();
      }
      return isRight;
    } finally {
      this.#turns.pass();
    }
  }

  async #wait(failures: number, gone: AbortSignal, sinceMs = 0): Promise<void> {
    const waitMs = delayMs(failures, this.#delays) - sinceMs;
    if (waitMs > 0) await pause(waitMs, undefined, { signal: gone, ref: false });
  }

  /** Null where no name is tried, or by a browser that is known. */
  #laneOf({ account, browser }: Approach): Lane | null {
    if (account === undefined || browser !== undefined) return null;
    const mark = createHmac("sha256", this.#laneKey).update(account).digest().readUInt32BE(0);
    const nowMs = this.#clock.monotonicMs();
    const lane = this.#lanes.get(mark % PEOPLE_LIMITS.accountLanes) ?? {
      failures: 0,
      lastMs: nowMs,
      turns: new Turns(),
    };
    if (nowMs - lane.lastMs >= LIMITS.attemptMemoryMs) lane.failures = 0;
    this.#lanes.set(mark % PEOPLE_LIMITS.accountLanes, lane);
    return lane;
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

  #lineOf(key: string): Line {
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

type Taking = { readonly place: Place; readonly lane: Lane | null; readonly attempt: () => Promise<boolean> };

function keyOf({ address, browser }: Approach): string {
  return browser === undefined ? networkOf(address) : `browser ${browser}`;
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

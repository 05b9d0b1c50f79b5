// House time: what the hours of the spool's rows are counted by, so that no setting of the clock takes time from them or gives
// them any.
//
// Decision: rows hold house time, not wall time. It runs with the monotonic clock while the gateway runs, and on a machine whose
// clock is right it equals the wall clock. Whoever sets the clock, to whatever hour, changes only the difference of the two,
// which is kept here; nothing on the disk is touched. (Moving all rows by each setting was tried before: it cost a write for
// every row, and a crash between two settings left them an hour that nobody could repair.)
// What no clock tells is how long the gateway was off. It is known only where the clock was believed before and is believed again:
// then house time leaps by what was missing. The last moment that is certain is the one at which the clock was last believed:
// - what was made before it has aged by all of the leap;
// - what earlier runs made after it with an unbelieved clock has, too: it may have been off at any time since, and retention
//   beats delivery, so its hours count from that moment and from its running time since, as if it was made right before a gap;
// - what this run made has not: its rows are moved along with the leap.
// If the clock was never believed there is no such moment: hours count by running time alone, and the first believed clock
// moves all rows with house time, so that their age stays.
// Without any believed clock house time goes on by running time, over all runs: pictures are erased after their hours of running
// time at the latest (promise 7). What cannot be told from a gateway that was off is a clock that was wrong at a start, though believed.
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** What is on disk. `sure`: the last moment at which the clock was believed, on both clocks; null: never. */
export type KeptTime = {
  readonly houseMs: number;
  readonly sure: { readonly houseMs: number; readonly wallMs: number } | null;
};

/** A moment for a transaction: house time after the leap that the transaction makes (0: none), and what it is to keep. */
export type Moment = {
  readonly nowMs: number;
  readonly leapMs: number;
  readonly leapOf: "this-run" | "all";
  readonly kept: KeptTime;
  /** The clock is believed, so `kept` says so of this moment. */
  readonly isSure: boolean;
  /** `kept` goes along with the transaction; it need not with each one. */
  readonly isToKeep: boolean;
};

/** The clocks' relation when a batch was handed over. */
export type Stamp = { readonly aheadMs: number; readonly leaptMs: number };

/** For entries from this sequence on house time was ahead of the wall clock by `aheadMs`. */
type Segment = { readonly fromSequence: number; readonly aheadMs: number };

/** `kept`: what the last run left. `nextSequence`: of the next entry, as of the last commit. `stepped`: the clock was set by that much. */
type Deps = {
  readonly clock: Clock;
  readonly kept: KeptTime;
  readonly nextSequence: () => number;
  readonly stepped: (byMs: number) => void;
};

export class HouseTime {
  readonly #deps: Deps;
  #kept: KeptTime;
  /** House time less monotonic time; wall time less monotonic time as of the last look. */
  #offsetMs: number;
  #wallOffsetMs: number;
  /** Believed once in this run: from then on the monotonic clock knows better than any setting. */
  #isSure = false;
  #leaptMs = 0;
  /** Until the disk knows of it: the next start would take the setting for time in which the gateway was off. */
  #hasStepped = false;
  #segments: Segment[] = [];

  constructor(deps: Deps) {
    const { clock, kept } = deps;
    this.#deps = deps;
    this.#kept = kept;
    const monotonicMs = clock.monotonicMs();
    this.#offsetMs = kept.houseMs - monotonicMs;
    this.#wallOffsetMs = clock.nowMs() - monotonicMs;
    // Nothing was made in this run, so nothing has to be moved along: this leap needs no transaction, and nothing that passed
    // its hour while the gateway was off is offered before one.
    if (kept.sure !== null && clock.isSynced()) {
      this.#offsetMs += this.#leap().leapMs;
      this.#isSure = true;
    }
    this.#addSegment();
  }

  /** House time now; a leap that is not on disk yet is not in it. */
  nowMs(): number {
    this.#look();
    return this.#houseMs();
  }

  /** House time of a wall time; never later than now, also where the clock was set since that time was read. */
  fromWall(wallMs: number): number {
    this.#look();
    return Math.min(wallMs + this.#aheadMs(), this.#houseMs());
  }

  toWall(houseMs: number): number {
    this.#look();
    return houseMs - this.#aheadMs();
  }

  /** The wall time that it is at least; the gateway may have been off for longer than is known. */
  earliestWallMs(): number {
    const houseMs = this.nowMs();
    const { sure } = this.#kept;
    return sure === null ? houseMs - this.#aheadMs() : sure.wallMs + houseMs - sure.houseMs;
  }

  stamp(): Stamp {
    this.#look();
    return { aheadMs: this.#aheadMs(), leaptMs: this.#leaptMs };
  }

  /**
   * What makes house times of the wall times in a batch that was handed over at `stamp`, when its transaction runs at `moment`;
   * `isLate`: the clock was set between the two.
   */
  since(stamp: Stamp, { leapMs }: Moment): { readonly lateByMs: number; readonly isLate: boolean } {
    const leaptMs = this.#leaptMs + leapMs - stamp.leaptMs;
    return {
      lateByMs: stamp.aheadMs + leaptMs,
      isLate: Math.abs(this.#aheadMs() + leapMs - stamp.aheadMs - leaptMs) >= LIMITS.clockStepMs,
    };
  }

  /** Now, for a transaction; `mayLeap` is false where its writes would not fit. */
  look({ mayLeap = true }: { readonly mayLeap?: boolean } = {}): Moment {
    this.#look();
    const { leapMs, leapOf } = mayLeap ? this.#leap() : { leapMs: 0, leapOf: "this-run" as const };
    const nowMs = this.#houseMs() + leapMs;
    const isBelieved = this.#deps.clock.isSynced() && (mayLeap || this.#isSure);
    const sure = isBelieved ? { houseMs: nowMs, wallMs: nowMs - this.#aheadMs() - leapMs } : this.#kept.sure;
    const isNews = leapMs !== 0 || this.#hasStepped || (isBelieved && !this.#isSure);
    const isToKeep = isNews || this.#sinceKeptMs() >= SPOOL_LIMITS.timeKeepMs;
    return { nowMs, leapMs, leapOf, kept: { houseMs: nowMs, sure }, isSure: isBelieved, isToKeep };
  }

  /** The transaction of that moment is on disk. */
  acted({ leapMs, kept, isSure, isToKeep }: Moment): void {
    if (isToKeep) {
      this.#kept = kept;
      this.#hasStepped = false;
    }
    if (isSure) this.#isSure = true;
    if (leapMs === 0) return;
    this.#offsetMs += leapMs;
    this.#leaptMs += leapMs;
    this.#segments = this.#segments.map((each) => ({ ...each, aheadMs: each.aheadMs + leapMs }));
  }

  /** Whether a leap, a setting of the clock, or the passing of time itself, should be on disk by now. */
  get isSaveDue(): boolean {
    this.#look();
    return this.#leap().leapMs !== 0 || this.#hasStepped || this.#sinceKeptMs() >= SPOOL_LIMITS.timeKeepMsMax;
  }

  /** What to add to the wall times in an entry of this run, as far as is known now; null where that is forgotten. */
  wrongBy(sequence: number): number | null {
    this.#look();
    const then = this.#segments.findLast(({ fromSequence }) => fromSequence <= sequence);
    return then === undefined ? null : then.aheadMs - this.#aheadMs();
  }

  /** Follows slewing in silence: house time goes with the wall clock there, so that both stay the same. */
  #look(): void {
    const { clock, stepped } = this.#deps;
    const wallOffsetMs = clock.nowMs() - clock.monotonicMs();
    const byMs = wallOffsetMs - this.#wallOffsetMs;
    this.#wallOffsetMs = wallOffsetMs;
    if (Math.abs(byMs) < SPOOL_LIMITS.slewMs) {
      this.#offsetMs += byMs;
      return;
    }
    this.#addSegment();
    this.#hasStepped = true;
    if (Math.abs(byMs) >= LIMITS.clockStepMs) stepped(Math.round(byMs));
  }

  #addSegment(): void {
    const segment = { fromSequence: this.#deps.nextSequence(), aheadMs: this.#aheadMs() };
    this.#segments = [...this.#segments, segment].slice(-SPOOL_LIMITS.clockSegments);
  }

  #leap(): Pick<Moment, "leapMs" | "leapOf"> {
    if (this.#isSure || !this.#deps.clock.isSynced()) return { leapMs: 0, leapOf: "this-run" };
    const houseMs = this.#houseMs();
    const wallMs = houseMs - this.#aheadMs();
    const { sure } = this.#kept;
    if (sure === null) return { leapMs: wallMs - houseMs, leapOf: "all" };
    const offMs = wallMs - sure.wallMs - (houseMs - sure.houseMs);
    return { leapMs: Math.max(0, offMs), leapOf: "this-run" };
  }

  #sinceKeptMs(): number {
    return this.#houseMs() - this.#kept.houseMs;
  }

  #houseMs(): number {
    return Math.round(this.#deps.clock.monotonicMs() + this.#offsetMs);
  }

  #aheadMs(): number {
    return Math.round(this.#offsetMs - this.#wallOffsetMs);
  }
}

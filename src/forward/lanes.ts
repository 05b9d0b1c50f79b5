// A sink's queue in three lanes: what is urgent, what is live, and the backlog of an outage; and which of them goes next.
//
// Each lane has one batch in a round, the urgent ones first: a live event waits for one batch of the backlog at most, and the
// backlog never starves. Order holds within a lane (per subject, see lane.ts); across lanes a live event overtakes the backlog.
import { LIMITS } from "../core/limits.ts";
import type { Entry, SpoolReader } from "../spool/spool.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";
import type { HeldBack } from "./held-back.ts";
import { Lane } from "./lane.ts";
import type { Pace } from "./pace.ts";

const ORDER = ["urgent", "live", "backlog"] as const;
export type LaneName = (typeof ORDER)[number];

type Needs = {
  readonly spool: Pick<SpoolReader, "peek" | "newestSequence">;
  readonly sinkId: string;
  readonly pace: Pace;
  /** A new, empty one. */
  readonly holding: () => HeldBack;
};

/** What may go just now. `upTo`: of live events and backlog, up to this sequence; `isUrgentFree`: urgent ones whatever their sequence. */
export type May = {
  readonly nowMs: number;
  readonly monotonicMs: number;
  readonly upTo: number;
  readonly isUrgentFree: boolean;
};

/** Entries of one lane, in sequence order; or none: then `inMs` says when to look again whatever is appended (null: need not), `hasMore` at once. */
export type Found =
  | { readonly lane: LaneName; readonly entries: readonly Entry[] }
  | { readonly lane: null; readonly inMs: number | null; readonly hasMore: boolean };

export class Lanes {
  readonly #needs: Needs;
  readonly #served = new Set<LaneName>();
  #lanes: Readonly<Record<LaneName, Lane>>;
  #backlogUpTo = 0;
  #newestMissed = 0;

  /** All is live, until `begin`. */
  constructor(needs: Needs) {
    this.#needs = needs;
    this.#lanes = this.#open(0);
  }

  /** At the start and when a line's hours begin: all that waits now is backlog, and is offered anew. `nowMs`: wall time. */
  begin(nowMs: number): void {
    this.#begin(this.#isShort(nowMs, 0) ? 0 : this.#needs.spool.newestSequence());
  }

  /** The platform did not take what was offered. */
  missed(): void {
    this.#newestMissed = this.#needs.spool.newestSequence();
  }

  /**
   * After an outage: what was live until then is backlog too, unless one batch carries it: a platform that comes and goes changes
   * nothing. Live stays what was made since it was last asked in vain, a batch at most.
   */
  beginAgain(nowMs: number): void {
    if (this.#isShort(nowMs, this.#backlogUpTo)) return;
    this.#begin(Math.max(this.#newestMissed, this.#needs.spool.newestSequence() - LIMITS.batchEvents));
  }

  next(may: May): Found {
    const found = this.#round(may);
    if (found.lane !== null || this.#served.size === 0) return found;
    this.#served.clear();
    return this.#round(may);
  }

  /** What the platform said of entries of a lane. False when one of the kept could not be held back: it is offered again at once. */
  settle(
    name: LaneName,
    { settled, kept }: { readonly settled: readonly Entry[]; readonly kept: readonly Entry[] },
    monotonicMs: number,
  ): boolean {
    const lane = this.#lanes[name];
    lane.release(settled);
    lane.answered(settled.length + kept.length);
    return kept.map((entry) => lane.held.hold(entry, monotonicMs)).every((isHeld) => isHeld);
  }

  lookAgain(): void {
    for (const lane of Object.values(this.#lanes)) lane.lookAgain();
  }

  #round(may: May): Found {
    const waits: (number | null)[] = [];
    let hasMore = false;
    for (const name of ORDER.filter((each) => !this.#served.has(each))) {
      const lane = this.#lanes[name];
      const { closedMs, isLight, upTo } = this.#terms(name, may);
      if (closedMs === 0) {
        const bytesMax = this.#needs.pace.bytesAtOnce;
        const taken = lane.take({ nowMs: may.nowMs, monotonicMs: may.monotonicMs, upTo, bytesMax, isLight });
        if (taken.entries.length > 0) {
          this.#served.add(name);
          return { lane: name, entries: taken.entries };
        }
        hasMore ||= taken.hasMore;
      }
      const paidMs = isLight ? this.#needs.pace.inMs("all", may.monotonicMs) : closedMs;
      const heldMs = lane.held.nextDueInMs(may.monotonicMs, upTo);
      waits.push(paidMs > 0 ? paidMs : heldMs);
    }
    const due = waits.filter((ms) => ms !== null);
    return { lane: null, hasMore, inMs: due.length === 0 ? null : Math.min(...due) };
  }

  /** `closedMs`: nothing of the lane may go for so long. */
  #terms(name: LaneName, may: May): { readonly closedMs: number; readonly isLight: boolean; readonly upTo: number } {
    const { pace } = this.#needs;
    const all = pace.inMs("all", may.monotonicMs);
    switch (name) {
      case "urgent":
        return { closedMs: 0, isLight: false, upTo: may.isUrgentFree ? Number.MAX_SAFE_INTEGER : may.upTo };
      case "live":
        return { closedMs: pace.inMs("light", may.monotonicMs), isLight: all > 0, upTo: may.upTo };
      case "backlog":
        return { closedMs: all, isLight: false, upTo: may.upTo };
    }
  }

  #begin(backlogUpTo: number): void {
    this.#backlogUpTo = backlogUpTo;
    this.#lanes = this.#open(backlogUpTo);
  }

  #open(newest: number): Readonly<Record<LaneName, Lane>> {
    const { spool, sinkId, holding } = this.#needs;
    const last = Number.MAX_SAFE_INTEGER;
    const urgent = holding();
    const plain = { spool, sinkId, isUrgent: false, behind: [urgent] };
    this.#served.clear();
    return {
      urgent: new Lane({ spool, sinkId, after: 0, upTo: last, isUrgent: true, held: urgent, behind: [] }),
      live: new Lane({ ...plain, after: newest, upTo: last, held: holding() }),
      backlog: new Lane({ ...plain, after: 0, upTo: newest, held: holding() }),
    };
  }

  /** What waits after a sequence and one batch carries is no backlog: then all goes in one order. Each picture takes a while by itself. */
  #isShort(nowMs: number, after: number): boolean {
    const { spool, sinkId, pace } = this.#needs;
    const waiting = spool.peek({ sinkId, nowMs, after, entriesMax: LIMITS.batchEvents, bytesMax: pace.bytesAtOnce });
    const last = waiting.at(-1);
    if (last === undefined) return true;
    const more = spool.peek({ sinkId, nowMs, after: last.sequence, entriesMax: 1, bytesMax: 1 });
    const pictures = waiting.filter(({ image }) => image !== undefined).length;
    return more.length === 0 && pictures <= FORWARD_LIMITS.livePictures;
  }
}

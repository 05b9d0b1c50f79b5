// Carries entries from the spool to one sink: take what may go, deliver, settle what the platform named, rest, again.
import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import type { Entry, SpoolReader } from "../spool/spool.ts";
import { probeOf } from "./batch.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";
import { HeldBack } from "./held-back.ts";
import { type LaneName, Lanes } from "./lanes.ts";
import { Gate, type LineHours } from "./line-hours.ts";
import { Pace } from "./pace.ts";
import { Patience } from "./patience.ts";
import { Rest } from "./rest.ts";
import type { DeliveryReport, Next, Sink, SinkState } from "./sink.ts";
import { sortOut } from "./sorting.ts";
import { Standing } from "./standing.ts";

/** `wait` ends after `ms` or when the signal aborts, and never throws; tests bring their own, and their own `limits`. */
export type PumpNeeds = {
  readonly spool: SpoolReader;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  /** When the line may be used; always, without it. */
  readonly hours?: LineHours;
  /** The cap on what is sent; none, without it. */
  readonly bytesPerSecond?: number;
  readonly random?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly limits?: Partial<PumpLimits>;
};

export type PumpLimits = {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly entriesHeldBack: number;
  readonly pausedProbeMs: number;
  readonly pumpStopMs: number;
};

/**
 * `rest`: nothing may go, for `inMs` unless something is appended. `next-entry`: entries left the queue without the platform being
 * asked, which says nothing of it; or there is more to look through.
 */
type Turn = Next | { readonly kind: "rest"; readonly inMs: number | null } | { readonly kind: "next-entry" };

export type Pump = AsyncDisposable & {
  state(): SinkState;
  /** Tries again now, in a pause, a wait or outside the line's hours: a person has acted and wants to see what happens. */
  resume(): void;
  /** Calls back after each delivery or change of the state, until the returned function is called. The callback must not throw. */
  onChange(watcher: () => void): () => void;
};

/**
 * Starts the pump of one sink; there is one per sink, and none waits for another. Only what the platform named leaves the queue.
 * When `stop` aborts (or on closing) the request in flight has LIMITS.pumpStopMs to end, is then cut, and its entries are kept.
 * Counts on the board `forward.<sink>.retries`, `.kept`, `.pauses` and `.failures`; what was forwarded and rejected is counted by
 * the spool.
 */
export function openPump(needs: PumpNeeds, stop: AbortSignal): Pump {
  const pump = new RunningPump(needs, stop);
  pump.start();
  return pump;
}

class RunningPump implements Pump {
  readonly #needs: PumpNeeds;
  readonly #limits: PumpLimits;
  readonly #gate: Gate;
  readonly #pace: Pace;
  readonly #lanes: Lanes;
  readonly #standing: Standing;
  readonly #patience: Patience;
  readonly #rest: Rest;
  readonly #close = new AbortController();
  /** No further delivery begins. */
  readonly #stop: AbortSignal;
  /** The delivery in flight is cut. */
  readonly #cut = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(needs: PumpNeeds, stop: AbortSignal) {
    const { backoffMinMs, backoffMaxMs, entriesHeldBack, pausedProbeMs, pumpStopMs } = LIMITS;
    const own = { backoffMinMs, backoffMaxMs, entriesHeldBack, pausedProbeMs, pumpStopMs };
    const { spool, sink, clock, log } = needs;
    this.#needs = needs;
    this.#limits = { ...own, ...needs.limits };
    this.#gate = new Gate({ hours: needs.hours, clock, newestSequence: () => spool.newestSequence() });
    this.#pace = new Pace(needs.bytesPerSecond ?? null);
    this.#standing = new Standing({ sinkId: sink.id, clock, log });
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = this.#limits;
    const awayMs = () => this.#standing.awayMs;
    const random = needs.random ?? Math.random;
    this.#patience = new Patience({ minMs, maxMs, random, awayMs });
    const holding = () => new HeldBack(this.#limits.entriesHeldBack, { minMs, maxMs, random });
    this.#lanes = new Lanes({ spool, sinkId: sink.id, pace: this.#pace, holding });
    this.#stop = AbortSignal.any([stop, this.#close.signal]);
    this.#rest = new Rest(needs.wait ?? waitFor, this.#stop);
  }

  start(): void {
    const unwatch = this.#needs.spool.onAppend(() => this.#rest.appended());
    this.#stop.addEventListener("abort", () => this.#cutLater(), { once: true });
    this.#ended = this.#run().finally(unwatch);
  }

  state(): SinkState {
    return this.#standing.state();
  }

  resume(): void {
    this.#patience.reset();
    this.#lanes.lookAgain();
    this.#gate.sendNow();
    this.#rest.resume();
  }

  onChange(watcher: () => void): () => void {
    return this.#standing.onChange(watcher);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.aborted) {
      // A pump that died in silence would look like an outage of the platform: whatever goes wrong here is shown, and tried again.
      const next = await this.#turn().catch((thrown: unknown) => this.#failed(thrown));
      if (!this.#stop.aborted) await this.#goOn(next);
    }
  }

  async #turn(): Promise<Turn> {
    const { sink, spool, clock } = this.#needs;
    this.#rest.looks();
    if (this.#gate.hasJustOpened()) {
      this.#lanes.begin(clock.nowMs());
      this.#standing.wake();
    }
    const monotonicMs = clock.monotonicMs();
    const found = this.#lanes.next({ nowMs: clock.nowMs(), monotonicMs, ...this.#gate.may() });
    if (found.lane === null) return found.hasMore ? { kind: "next-entry" } : { kind: "rest", inMs: found.inMs };
    const entries = this.#standing.isPaused ? probeOf(found.entries) : found.entries;
    const report = await sink.deliver(entries, (sha256) => spool.image(sha256), this.#cut.signal);
    const isLight = found.lane !== "backlog" && entries.every(({ image }) => image === undefined);
    this.#pace.spent({ bytes: report.bytesSent ?? bytesOf(entries, report), isLight }, clock.monotonicMs());
    const isProgress = await this.#settle(found.lane, entries, report);
    if (report.next.kind !== "go-on") {
      this.#lanes.missed();
      return report.next;
    }
    if (!isProgress) return { kind: "wait", retryAfterMs: null, why: "nothing was settled" };
    const wasAsked = [...report.deliveries.values()].some(({ kind }) => kind !== "undeliverable");
    return wasAsked ? report.next : { kind: "next-entry" };
  }

  /** True when something left the queue or will be held back: the next turn offers something else. */
  async #settle(lane: LaneName, entries: readonly Entry[], { deliveries }: DeliveryReport): Promise<boolean> {
    const { accepted, rejected, undeliverable, kept } = sortOut(entries, deliveries);
    for (const { entry, why } of undeliverable)
      this.#needs.log.warn({ sink: this.#needs.sink.id, entry: entry.id, why }, "an entry is lost");
    const lost = undeliverable.map(({ entry }) => entry);
    const settled = [...accepted, ...rejected.map(({ entry }) => entry), ...lost];
    if (settled.length > 0)
      await this.#needs.spool.settle({ sinkId: this.#needs.sink.id, accepted, rejected, undeliverable: lost });
    if (accepted.length > 0) this.#standing.accepted();
    if (kept.length > 0) this.#count("kept", kept.length);
    const isHeld = this.#lanes.settle(lane, { settled, kept }, this.#needs.clock.monotonicMs());
    return settled.length > 0 || (kept.length > 0 && isHeld);
  }

  async #goOn(turn: Turn): Promise<void> {
    switch (turn.kind) {
      case "go-on":
        return this.#back();
      case "next-entry":
        return yieldToOthers();
      case "rest":
        return this.#standing.isPaused ? this.#restPaused() : this.#restUntilAppend(turn.inMs);
      case "wait":
        // A probe that found nobody says nothing of the refusal: it is still what a person has to cure.
        return this.#standing.isPaused ? this.#restPaused(turn.retryAfterMs ?? 0) : this.#backOff(turn);
      case "pause":
        if (this.#standing.pause(turn.why)) this.#count("pauses");
        return this.#restPaused();
    }
  }

  #restPaused(atLeastMs = 0): Promise<void> {
    return this.#rest.wait({ ms: Math.max(this.#limits.pausedProbeMs, atLeastMs), until: "resume" });
  }

  async #restUntilAppend(inMs: number | null): Promise<void> {
    const closed = this.#gate.closed();
    if (closed === null) return this.#rest.wait({ ms: inMs, until: "append" });
    if (inMs === null) this.#gate.hasSentNow();
    this.#standing.rest(closed);
    await this.#needs.sink.rest?.();
    const ms = Math.min(FORWARD_LIMITS.hoursLookMs, inMs ?? Number.POSITIVE_INFINITY);
    await this.#rest.wait({ ms, until: "append" });
  }

  async #backOff({ retryAfterMs, why }: Next & { kind: "wait" }): Promise<void> {
    this.#count("retries");
    this.#standing.away(why);
    await this.#rest.wait({ ms: this.#patience.failed(retryAfterMs), until: "resume" });
  }

  #back(): void {
    this.#patience.reset();
    if (this.#standing.awayMs > 0) this.#lanes.beginAgain(this.#needs.clock.nowMs());
    this.#standing.back();
  }

  #failed(thrown: unknown): Next {
    this.#count("failures");
    this.#needs.log.error({ sink: this.#needs.sink.id, err: thrown }, "forwarding failed");
    return { kind: "wait", retryAfterMs: null, why: `something went wrong here: ${messageOf(thrown)}` };
  }

  #cutLater(): void {
    const cut = AbortSignal.timeout(this.#limits.pumpStopMs);
    cut.addEventListener("abort", () => this.#cut.abort(), { once: true });
  }

  #count(what: string, by = 1): void {
    this.#needs.board.count(`forward.${this.#needs.sink.id}.${what}`, by);
  }
}

/** What a sink that does not say may have sent: the bodies, and the pictures of those that were answered. */
function bytesOf(entries: readonly Entry[], { deliveries }: DeliveryReport): number {
  return entries
    .filter(({ id }) => deliveries.has(id))
    .reduce((sum, { body, image }) => sum + Buffer.byteLength(body) + (image?.bytes ?? 0), 0);
}

// Carries entries from the spool to one sink: peek, deliver, settle what the platform named, rest, again.
import { backoffMs } from "../core/backoff.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { ERROR_CODES, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import type { Entry, SpoolReader } from "../spool/spool.ts";
import { probeOf } from "./batch.ts";
import { HeldBack } from "./held-back.ts";
import { Rest } from "./rest.ts";
import type { DeliveryReport, Next, Sink, SinkState } from "./sink.ts";
import { sortOut } from "./sorting.ts";

/** `wait` ends after `ms` or when the signal aborts, and never throws; tests bring their own, and their own `limits`. */
export type PumpNeeds = {
  readonly spool: SpoolReader;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
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

/** `rest`: nothing is due. `next-entry`: entries left the queue without the platform being asked, which says nothing of it. */
type Turn = Next | { readonly kind: "rest" } | { readonly kind: "next-entry" };

export type Pump = AsyncDisposable & {
  state(): SinkState;
  /** Tries again now, in a pause or a wait: a person has acted and wants to see what happens. */
  resume(): void;
  /** Calls back after each delivery or change of the state, until the returned function is called. The callback must not throw. */
  onChange(watcher: () => void): () => void;
};

/**
 * Starts the pump of one sink; there is one per sink. Only what the platform named leaves the queue. When `stop` aborts (or on
 * closing) the request in flight has LIMITS.pumpStopMs to end, is then cut, and its entries are kept. Counts on the board
 * `forward.<sink>.retries`, `.kept`, `.pauses` and `.failures`; what was forwarded and rejected is counted by the spool.
 */
export function openPump(needs: PumpNeeds, stop: AbortSignal): Pump {
  const pump = new RunningPump(needs, stop);
  pump.start();
  return pump;
}

class RunningPump implements Pump {
  readonly #needs: PumpNeeds;
  readonly #limits: PumpLimits;
  readonly #random: () => number;
  readonly #held: HeldBack;
  readonly #rest: Rest;
  readonly #watchers = new Set<() => void>();
  readonly #close = new AbortController();
  /** No further delivery begins. */
  readonly #stop: AbortSignal;
  /** The delivery in flight is cut. */
  readonly #cut = new AbortController();
  #standing: Pick<SinkState, "state" | "why"> = { state: "idle" };
  #lastAcceptedAtMs: number | null = null;
  #failures = 0;
  #awaySinceMs: number | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(needs: PumpNeeds, stop: AbortSignal) {
    const { backoffMinMs, backoffMaxMs, entriesHeldBack, pausedProbeMs, pumpStopMs } = LIMITS;
    this.#needs = needs;
    this.#limits = { backoffMinMs, backoffMaxMs, entriesHeldBack, pausedProbeMs, pumpStopMs, ...needs.limits };
    this.#random = needs.random ?? Math.random;
    this.#held = new HeldBack(this.#limits.entriesHeldBack, this.#pace());
    this.#stop = AbortSignal.any([stop, this.#close.signal]);
    this.#rest = new Rest(needs.wait ?? waitFor, this.#stop);
  }

  start(): void {
    const unwatch = this.#needs.spool.onAppend(() => this.#rest.appended());
    this.#stop.addEventListener("abort", () => this.#cutLater(), { once: true });
    this.#ended = this.#run().finally(unwatch);
  }

  state(): SinkState {
    return { id: this.#needs.sink.id, ...this.#standing, lastAcceptedAtMs: this.#lastAcceptedAtMs };
  }

  resume(): void {
    this.#failures = 0;
    this.#rest.resume();
  }

  onChange(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
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
    const due = this.#due();
    const entries = this.#isPaused ? probeOf(due) : due;
    if (entries.length === 0) return { kind: "rest" };
    const { sink, spool } = this.#needs;
    const report = await sink.deliver(entries, (sha256) => spool.image(sha256), this.#cut.signal);
    const isProgress = await this.#settle(entries, report);
    if (report.next.kind !== "go-on") return report.next;
    if (!isProgress) return { kind: "wait", retryAfterMs: null, why: "nothing was settled" };
    const wasAsked = [...report.deliveries.values()].some(({ kind }) => kind !== "undeliverable");
    return wasAsked ? report.next : { kind: "next-entry" };
  }

  /** What waits, but for what was asked to be kept a while; more is looked at by as many as are held. */
  #due(): Entry[] {
    const entriesMax = LIMITS.batchEvents + this.#held.size;
    const bytesMax = LIMITS.batchBytes * Math.ceil(entriesMax / LIMITS.batchEvents);
    const { spool, sink, clock } = this.#needs;
    this.#rest.looks();
    const waiting = spool.peek({ sinkId: sink.id, entriesMax, bytesMax, nowMs: clock.nowMs() });
    if (waiting.length <= this.#held.size) this.#held.keepOnly(new Set(waiting.map(({ id }) => id)));
    const nowMs = clock.monotonicMs();
    return waiting.filter(({ id }) => this.#held.isDue(id, nowMs)).slice(0, LIMITS.batchEvents);
  }

  /** True when something left the queue or will be held back: the next turn offers something else. */
  async #settle(entries: readonly Entry[], { deliveries }: DeliveryReport): Promise<boolean> {
    const { accepted, rejected, undeliverable, kept } = sortOut(entries, deliveries);
    for (const { entry, why } of undeliverable)
      this.#needs.log.warn({ sink: this.#needs.sink.id, entry: entry.id, why }, "an entry is lost");
    const lost = undeliverable.map(({ entry }) => entry);
    const settled = [...accepted, ...rejected.map(({ entry }) => entry), ...lost];
    if (settled.length > 0) {
      await this.#needs.spool.settle({ sinkId: this.#needs.sink.id, accepted, rejected, undeliverable: lost });
      for (const { id } of settled) this.#held.release(id);
    }
    if (accepted.length > 0) this.#lastAcceptedAtMs = this.#needs.clock.nowMs();
    const hadRoom = !this.#held.isFull;
    for (const { id } of kept) this.#held.hold(id, this.#needs.clock.monotonicMs());
    if (kept.length > 0) this.#count("kept", kept.length);
    return settled.length > 0 || (kept.length > 0 && hadRoom);
  }

  async #goOn(turn: Turn): Promise<void> {
    switch (turn.kind) {
      case "go-on":
        return this.#back();
      case "next-entry":
        return;
      case "rest":
        if (this.#isPaused) return this.#restPaused();
        return this.#rest.wait({ ms: this.#held.nextDueInMs(this.#needs.clock.monotonicMs()), until: "append" });
      case "wait":
        // A probe that found nobody says nothing of the refusal: it is still what a person has to cure.
        return this.#isPaused ? this.#restPaused(turn.retryAfterMs ?? 0) : this.#backOff(turn);
      case "pause":
        this.#pause(turn.why);
        return this.#restPaused();
    }
  }

  get #isPaused(): boolean {
    return this.#standing.state === "paused";
  }

  #pause(why: string): void {
    const { clock, log, sink } = this.#needs;
    this.#awaySinceMs ??= clock.monotonicMs();
    if (!this.#isPaused) {
      this.#count("pauses");
      const code = "PLATFORM_REFUSED";
      log.warn({ sink: sink.id, code, why, hint: ERROR_CODES[code] }, "forwarding is paused: the platform refuses");
    }
    this.#stand({ state: "paused", why });
  }

  #restPaused(atLeastMs = 0): Promise<void> {
    return this.#rest.wait({ ms: Math.max(this.#limits.pausedProbeMs, atLeastMs), until: "resume" });
  }

  async #backOff({ retryAfterMs, why }: Next & { kind: "wait" }): Promise<void> {
    const { clock, log, sink } = this.#needs;
    this.#failures++;
    this.#count("retries");
    if (this.#awaySinceMs === null)
      log.warn({ sink: sink.id, why }, "the sink does not take entries; they wait in the spool");
    this.#awaySinceMs ??= clock.monotonicMs();
    this.#stand({ state: "waiting", why });
    // What the platform asks for is the least; the jitter on top keeps a thousand gateways from returning in one moment.
    const ms =
      retryAfterMs === null
        ? backoffMs({ failures: this.#failures, ...this.#pace() })
        : retryAfterMs + backoffMs({ failures: 1, ...this.#pace() });
    await this.#rest.wait({ ms, until: "resume" });
  }

  #back(): void {
    this.#failures = 0;
    if (this.#awaySinceMs !== null) {
      const awayMs = Math.round(this.#needs.clock.monotonicMs() - this.#awaySinceMs);
      this.#needs.log.info({ sink: this.#needs.sink.id, awayMs }, "the sink takes entries again");
    }
    this.#awaySinceMs = null;
    this.#stand({ state: "connected" });
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

  #stand(standing: Pick<SinkState, "state" | "why">): void {
    const isNews =
      standing.state !== this.#standing.state || standing.why !== this.#standing.why || standing.state === "connected";
    this.#standing = standing;
    if (isNews) for (const watcher of this.#watchers) watcher();
  }

  #count(what: string, by = 1): void {
    this.#needs.board.count(`forward.${this.#needs.sink.id}.${what}`, by);
  }

  #pace() {
    return { minMs: this.#limits.backoffMinMs, maxMs: this.#limits.backoffMaxMs, random: this.#random };
  }
}

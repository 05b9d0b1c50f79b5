// Carries entries from the spool to one sink: peek, deliver, settle what the platform named, rest, again.
import { backoffMs } from "../core/backoff.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { untilAborted, waitFor } from "../core/wait.ts";
import type { Entry, SpoolReader } from "../spool/spool.ts";
import { HeldBack } from "./held-back.ts";
import type { DeliveryReport, Next, Sink, SinkState } from "./sink.ts";

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
  readonly pumpStopMs: number;
};

export type Pump = AsyncDisposable & {
  state(): SinkState;
  /** Ends a pause or a wait: a person has acted and wants to see what happens now. */
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
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #held: HeldBack;
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
  /** Set by an append, cleared before each look at the queue: an append in the middle of a turn is not missed. */
  #hasNews = false;
  #resting: { readonly wake: AbortController; readonly until: "append" | "resume" } | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(needs: PumpNeeds, stop: AbortSignal) {
    const { backoffMinMs, backoffMaxMs, entriesHeldBack, pumpStopMs } = LIMITS;
    this.#needs = needs;
    this.#limits = { backoffMinMs, backoffMaxMs, entriesHeldBack, pumpStopMs, ...needs.limits };
    this.#random = needs.random ?? Math.random;
    this.#wait = needs.wait ?? waitFor;
    this.#held = new HeldBack(this.#limits.entriesHeldBack, this.#pace());
    this.#stop = AbortSignal.any([stop, this.#close.signal]);
  }

  start(): void {
    const unwatch = this.#needs.spool.onAppend(() => {
      this.#hasNews = true;
      if (this.#resting?.until === "append") this.#resting.wake.abort();
    });
    this.#stop.addEventListener("abort", () => this.#cutLater(), { once: true });
    this.#ended = this.#run().finally(unwatch);
  }

  state(): SinkState {
    return { id: this.#needs.sink.id, ...this.#standing, lastAcceptedAtMs: this.#lastAcceptedAtMs };
  }

  resume(): void {
    this.#failures = 0;
    if (this.#resting?.until === "resume") this.#resting.wake.abort();
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

  async #turn(): Promise<Next | { readonly kind: "rest" }> {
    const entries = this.#due();
    if (entries.length === 0) return { kind: "rest" };
    const { sink, spool } = this.#needs;
    const report = await sink.deliver(entries, (sha256) => spool.image(sha256), this.#cut.signal);
    const isProgress = await this.#settle(entries, report);
    if (report.next.kind === "go-on" && !isProgress)
      return { kind: "wait", retryAfterMs: null, why: "nothing was settled" };
    return report.next;
  }

  /** What waits, but for what was asked to be kept a while; more is looked at by as many as are held. */
  #due(): Entry[] {
    const entriesMax = LIMITS.batchEvents + this.#held.size;
    const bytesMax = LIMITS.batchBytes * Math.ceil(entriesMax / LIMITS.batchEvents);
    const { spool, sink, clock } = this.#needs;
    this.#hasNews = false;
    const waiting = spool.peek({ sinkId: sink.id, entriesMax, bytesMax, nowMs: clock.nowMs() });
    if (waiting.length <= this.#held.size) this.#held.keepOnly(new Set(waiting.map(({ id }) => id)));
    const nowMs = clock.monotonicMs();
    return waiting.filter(({ id }) => this.#held.isDue(id, nowMs)).slice(0, LIMITS.batchEvents);
  }

  /** True when something left the queue or will be held back: the next turn offers something else. */
  async #settle(entries: readonly Entry[], { deliveries }: DeliveryReport): Promise<boolean> {
    const accepted: Entry[] = [];
    const rejected: { readonly entry: Entry; readonly why: string }[] = [];
    const undeliverable: Entry[] = [];
    const kept: Entry[] = [];
    for (const entry of entries) {
      const delivery = deliveries.get(entry.id);
      if (delivery?.kind === "accepted") accepted.push(entry);
      if (delivery?.kind === "rejected") rejected.push({ entry, why: delivery.why });
      if (delivery?.kind === "kept") kept.push(entry);
      if (delivery?.kind === "undeliverable") {
        undeliverable.push(entry);
        this.#needs.log.warn({ sink: this.#needs.sink.id, entry: entry.id, why: delivery.why }, "an entry is lost");
      }
    }
    const settled = [...accepted, ...rejected.map(({ entry }) => entry), ...undeliverable];
    if (settled.length > 0) {
      await this.#needs.spool.settle({ sinkId: this.#needs.sink.id, accepted, rejected, undeliverable });
      for (const { id } of settled) this.#held.release(id);
    }
    if (accepted.length > 0) this.#lastAcceptedAtMs = this.#needs.clock.nowMs();
    const hadRoom = !this.#held.isFull;
    for (const { id } of kept) this.#held.hold(id, this.#needs.clock.monotonicMs());
    if (kept.length > 0) this.#count("kept", kept.length);
    return settled.length > 0 || (kept.length > 0 && hadRoom);
  }

  async #goOn(next: Next | { readonly kind: "rest" }): Promise<void> {
    switch (next.kind) {
      case "go-on":
        return this.#back();
      case "rest":
        return this.#rest({ ms: this.#held.nextDueInMs(this.#needs.clock.monotonicMs()), until: "append" });
      case "wait":
        return this.#backOff(next);
      case "pause":
        this.#count("pauses");
        this.#needs.log.warn(
          { sink: this.#needs.sink.id, code: "PLATFORM_REFUSED", why: next.why },
          "forwarding is paused until a person acts",
        );
        this.#stand({ state: "paused", why: next.why });
        return this.#rest({ ms: null, until: "resume" });
    }
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
    await this.#rest({ ms, until: "resume" });
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

  /** Waits for the time, or what `until` says, or the stop, whichever comes first. */
  async #rest({ ms, until }: { ms: number | null; until: "append" | "resume" }): Promise<void> {
    if (until === "append" && this.#hasNews) return;
    const wake = new AbortController();
    this.#resting = { wake, until };
    const signal = AbortSignal.any([this.#stop, wake.signal]);
    await (ms === null ? untilAborted(signal) : this.#wait(ms, signal));
    this.#resting = null;
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

// How it stands with one sink, for people: the state that pages show, since when it is away, and what the log says of a change.
import type { Clock } from "../core/clock.ts";
import { ERROR_CODES } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { SinkState } from "./sink.ts";

type Told = Pick<SinkState, "state" | "why" | "sinceMs" | "untilMs">;

export class Standing {
  readonly #sinkId: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #watchers = new Set<() => void>();
  #told: Told = { state: "idle" };
  #lastAcceptedAtMs: number | null = null;
  #awaySinceMs: number | null = null;

  constructor({ sinkId, clock, log }: { readonly sinkId: string; readonly clock: Clock; readonly log: Log }) {
    this.#sinkId = sinkId;
    this.#clock = clock;
    this.#log = log;
  }

  state(): SinkState {
    return { id: this.#sinkId, ...this.#told, lastAcceptedAtMs: this.#lastAcceptedAtMs };
  }

  get isPaused(): boolean {
    return this.#told.state === "paused";
  }

  /** Milliseconds since the platform last took something, 0 while it does. */
  get awayMs(): number {
    return this.#awaySinceMs === null ? 0 : this.#clock.monotonicMs() - this.#awaySinceMs;
  }

  onChange(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  accepted(): void {
    this.#lastAcceptedAtMs = this.#clock.nowMs();
  }

  away(why: string): void {
    if (this.#awaySinceMs === null)
      this.#log.warn({ sink: this.#sinkId, why }, "the sink does not take entries; they wait in the spool");
    this.#awaySinceMs ??= this.#clock.monotonicMs();
    this.#tell({ state: "waiting", why });
  }

  /** True when it was not paused before. */
  pause(why: string): boolean {
    const isNew = !this.isPaused;
    this.#awaySinceMs ??= this.#clock.monotonicMs();
    if (isNew) {
      const code = "PLATFORM_REFUSED";
      const hint = ERROR_CODES[code];
      this.#log.warn({ sink: this.#sinkId, code, why, hint }, "forwarding is paused: the platform refuses");
    }
    this.#tell({ state: "paused", why });
    return isNew;
  }

  back(): void {
    if (this.#awaySinceMs !== null)
      this.#log.info({ sink: this.#sinkId, awayMs: Math.round(this.awayMs) }, "the sink takes entries again");
    this.#awaySinceMs = null;
    this.#tell({ state: "connected" });
  }

  /** Outside its hours, with nothing that may go. */
  rest({ why, untilMs }: { readonly why: string; readonly untilMs: number | null }): void {
    this.#tell({ state: "resting", why, ...(untilMs !== null && { untilMs }) });
  }

  /** Its hours have begun. */
  wake(): void {
    if (this.#told.state === "resting") this.#tell({ state: this.#lastAcceptedAtMs === null ? "idle" : "connected" });
  }

  #tell(told: Told): void {
    const { state, why, untilMs } = this.#told;
    const isNews = told.state !== state || told.why !== why || told.untilMs !== untilMs || told.state === "connected";
    const sinceMs = told.state === state ? this.#told.sinceMs : this.#clock.nowMs();
    this.#told = { ...told, ...(sinceMs !== undefined && { sinceMs }) };
    if (isNews) for (const watcher of this.#watchers) watcher();
  }
}

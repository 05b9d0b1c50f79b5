// The live status as server-sent events: a snapshot at once and after changes, about one a second, until the stop. All streams
// are told the same: however many pages are open, a change is put into words once.
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { Commands } from "../core/commands.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { messageOf } from "../core/errors.ts";

export type StreamLimits = {
  readonly streams: number;
  readonly streamMinMs: number;
  readonly streamHeartbeatMs: number;
};

type Deps = { readonly commands: Commands; readonly log: Log; readonly limits?: StreamLimits };

/** `isWelcome`: asked before each event; false ends the stream. `isBrief`: told that something changed, and not what. */
type Listener = { readonly isWelcome: () => boolean; readonly isBrief?: boolean };

/** Made when it is asked for, once. */
type Snapshot = { readonly text: () => string };

/**
 * Serves `/api/v1/stream`: events named `status` with the JSON of `GET /api/v1/status`, or `changed` with an empty object for who
 * looks for themselves; and comments as a heartbeat.
 */
export class StatusStreams {
  readonly #commands: Commands;
  readonly #log: Log;
  readonly #limits: StreamLimits;
  readonly #stop: AbortSignal;
  #open = 0;
  #listeners = 0;
  #unwatch: () => void = () => undefined;
  #isStale = false;
  #timer: NodeJS.Timeout | undefined;
  #next = Promise.withResolvers<void>();
  #latest: Snapshot;

  constructor({ commands, log, limits = LIMITS }: Deps, stop: AbortSignal) {
    this.#commands = commands;
    this.#log = log;
    this.#limits = limits;
    this.#stop = stop;
    this.#latest = this.#snapshot();
  }

  /** The response, or null when as many streams are open as may be. */
  serve(context: Context, listener: Listener): Response | null {
    if (this.#open >= this.#limits.streams) return null;
    this.#open += 1;
    const response = streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const ended = AbortSignal.any([this.#stop, gone.signal]);
      // A reader that never reads would hold its write, and with it the stop, for ever.
      ended.addEventListener("abort", () => stream.abort(), { once: true });
      this.#join();
      try {
        await this.#feed({ stream, ...listener }, ended);
      } catch (cause) {
        if (!ended.aborted) this.#log.error({ cause: messageOf(cause) }, "status stream broke off");
      } finally {
        this.#leave();
        this.#open -= 1;
      }
    });
    // Kept alive, the socket of a stream that ended would hold up the closing of the server until its time limit.
    response.headers.set("connection", "close");
    return response;
  }

  async #feed(
    { stream, isWelcome, isBrief = false }: Listener & { readonly stream: SSEStreamingApi },
    ended: AbortSignal,
  ): Promise<void> {
    let snapshot = this.#snapshot();
    while (!ended.aborted && isWelcome()) {
      // Taken before the writing: what changes meanwhile is told next.
      const change = this.#next.promise;
      const told = isBrief ? { event: "changed", data: "{}" } : { event: "status", data: snapshot.text() };
      await stream.writeSSE({ ...told, retry: 3000 });
      while (isWelcome() && !(await this.#changedWithinHeartbeat(change, ended)))
        await stream.write(": still here\n\n");
      snapshot = this.#latest;
    }
  }

  async #changedWithinHeartbeat(changed: Promise<void>, ended: AbortSignal): Promise<boolean> {
    const done = new AbortController();
    const signal = AbortSignal.any([ended, done.signal]);
    try {
      return await Promise.race([changed.then(() => true), pause(this.#limits.streamHeartbeatMs, false, { signal })]);
    } finally {
      done.abort();
    }
  }

  #join(): void {
    this.#listeners += 1;
    if (this.#listeners > 1) return;
    this.#unwatch = this.#commands.onChange(() => {
      this.#isStale = true;
      // Not at once: what changes in one breath is one change.
      this.#timer ??= setTimeout(() => this.#tell(), 0).unref();
    });
  }

  #leave(): void {
    this.#listeners -= 1;
    if (this.#listeners > 0) return;
    this.#unwatch();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isStale = false;
  }

  #tell(): void {
    this.#timer = undefined;
    // All was quiet for a while: the next change is told at once.
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#latest = this.#snapshot();
    this.#timer = setTimeout(() => this.#tell(), this.#limits.streamMinMs).unref();
    const told = this.#next;
    this.#next = Promise.withResolvers();
    told.resolve();
  }

  #snapshot(): Snapshot {
    let text: string | undefined;
    return {
      text: () => {
        text ??= JSON.stringify(this.#commands.status());
        return text;
      },
    };
  }
}

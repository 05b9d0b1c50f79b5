// The live status as server-sent events: a snapshot at once and after changes, about one a second, until the stop.
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

/** Serves `/api/v1/stream`: events named `status` with the JSON of `GET /api/v1/status`, and comments as a heartbeat. */
export class StatusStreams {
  readonly #commands: Commands;
  readonly #log: Log;
  readonly #limits: StreamLimits;
  readonly #stop: AbortSignal;
  #open = 0;

  constructor({ commands, log, limits = LIMITS }: Deps, stop: AbortSignal) {
    this.#commands = commands;
    this.#log = log;
    this.#limits = limits;
    this.#stop = stop;
  }

  /** The response, or null when as many streams are open as may be. `isWelcome`: asked before each event; false ends the stream. */
  serve(context: Context, isWelcome: () => boolean): Response | null {
    if (this.#open >= this.#limits.streams) return null;
    this.#open += 1;
    const response = streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const ended = AbortSignal.any([this.#stop, gone.signal]);
      // A reader that never reads would hold its write, and with it the stop, for ever.
      ended.addEventListener("abort", () => stream.abort(), { once: true });
      try {
        await this.#feed({ stream, isWelcome }, ended);
      } catch (cause) {
        if (!ended.aborted) this.#log.error({ cause: messageOf(cause) }, "status stream broke off");
      } finally {
        this.#open -= 1;
      }
    });
    // Kept alive, the socket of a stream that ended would hold up the closing of the server until its time limit.
    response.headers.set("connection", "close");
    return response;
  }

  async #feed(
    { stream, isWelcome }: { stream: SSEStreamingApi; isWelcome: () => boolean },
    ended: AbortSignal,
  ): Promise<void> {
    let change = Promise.withResolvers<void>();
    const unwatch = this.#commands.onChange(() => change.resolve());
    try {
      while (!ended.aborted && isWelcome()) {
        change = Promise.withResolvers();
        await stream.writeSSE({ event: "status", data: JSON.stringify(this.#commands.status()), retry: 3000 });
        await pause(this.#limits.streamMinMs, undefined, { signal: ended });
        while (isWelcome() && !(await this.#changedWithinHeartbeat(change.promise, ended)))
          await stream.write(": still here\n\n");
      }
    } finally {
      unwatch();
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
}

// Keeps one redactor child alive and asks it one thing at a time. Whatever the child does (crash, hang, babble, run out of
// memory) is one failed ask and a restart with backoff; nothing of it reaches the gateway as an exception.
import { backoffMs } from "../core/backoff.ts";
import type { Board } from "../core/board.ts";
import { type Child, startConfined } from "../core/child-process.ts";
import { LIMITS } from "../core/limits.ts";
import { LOW_MEMORY } from "./machine-fit.ts";
import type { Log } from "../core/log.ts";
import {
  type Answer,
  type AnswerToAsk,
  encodeMessage,
  MessageReader,
  parseAnswer,
  plainDetail,
  type Request,
  type RequestWords,
} from "./redactor-protocol.ts";

export type Asked =
  | {
      readonly kind: "answered";
      readonly request: Request;
      readonly answer: AnswerToAsk;
      readonly body: Buffer;
      readonly modelSha256: string;
      readonly generation: number;
    }
  | {
      readonly kind: "failed";
      readonly why: "no-detector" | "detector-failed" | "detector-timeout";
      readonly detail: string;
    };

export type ProcessLimits = {
  readonly [limit in "redactMs" | "redactorStartMs" | "redactorRestartMs" | "redactorRestartMsMax"]: number;
};

/** `generation`: which child it is, counted from 1; what one child proved says nothing of the next. */
type Phase =
  | { readonly kind: "starting" }
  | { readonly kind: "up"; readonly modelSha256: string; readonly generation: number }
  | { readonly kind: "down"; readonly why: string }
  | { readonly kind: "closed" };

type Deps = {
  readonly script: string;
  readonly args: readonly string[];
  readonly limits: ProcessLimits;
  readonly board: Board;
  readonly log: Log;
};
type Pending = { readonly request: Request; readonly settle: (asked: Asked) => void };

export class RedactorProcess implements AsyncDisposable {
  readonly #deps: Deps;
  #phase: Phase = { kind: "down", why: "not started yet" };
  #phaseChanged = Promise.withResolvers<void>();
  #child: Child | null = null;
  #pending: Pending | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastId = 0;
  #generation = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#phase.kind === "closed") return;
    const { script, args, limits } = this.#deps;
    const child = startConfined({
      script,
      args,
      memoryBytes: LIMITS.redactorMemoryBytes,
      isFrugal: args.includes(LOW_MEMORY),
    });
    const reader = new MessageReader();
    this.#child = child;
    this.#generation += 1;
    this.#enter({ kind: "starting" });
    this.#timer = setTimeout(() => this.#fail(child, "it did not start in time"), limits.redactorStartMs);
    child.output.on("data", (chunk: Buffer) => this.#read(child, reader, chunk));
    void child.ended.then((how) => this.#fail(child, how));
  }

  /**
   * Sends one picture and waits for its answer, for LIMITS.redactMs at most; then the child is killed. What is asked may
   * depend on which child is up by then. The body is handed to the pipe by reference and may be zeroed once this returns.
   * One call at a time. Throws only `stop`'s reason.
   */
  async ask(wordsFor: (generation: number) => RequestWords, body: Buffer, stop: AbortSignal): Promise<Asked> {
    await this.#waitForChild(stop);
    const child = this.#child;
    const { phase } = this;
    if (child === null || phase.kind !== "up") {
      return {
        kind: "failed",
        why: "no-detector",
        detail: phase.kind === "down" ? phase.why : "the redactor is closed",
      };
    }
    this.#lastId += 1;
    const request = { ...wordsFor(phase.generation), id: this.#lastId };
    const { promise, resolve, reject } = Promise.withResolvers<Asked>();
    this.#pending = { request, settle: resolve };
    const timer = setTimeout(() => {
      resolve({ kind: "failed", why: "detector-timeout", detail: `no answer within ${this.#deps.limits.redactMs} ms` });
      this.#fail(child, "it hung");
    }, this.#deps.limits.redactMs);
    const onStop = (): void => {
      reject(stop.reason);
      // A frame is in it that nobody waits for any more.
      this.#fail(child, "it was stopped");
    };
    stop.addEventListener("abort", onStop, { once: true });
    try {
      child.input.cork();
      for (const part of encodeMessage(request, body)) child.input.write(part);
      child.input.uncork();
      return await promise;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", onStop);
      this.#pending = null;
    }
  }

  /** Ends a child whose answer cannot be believed; the next one starts after a pause. */
  distrust(why: string): void {
    if (this.#child !== null) this.#fail(this.#child, why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = null;
    clearTimeout(this.#timer);
    this.#pending?.settle({ kind: "failed", why: "no-detector", detail: "the redactor is closed" });
    this.#enter({ kind: "closed" });
    child?.kill();
    await child?.ended;
  }

  #read(child: Child, reader: MessageReader, chunk: Buffer): void {
    if (child !== this.#child) return;
    try {
      for (const { header, body } of reader.push(chunk)) this.#hear(child, parseAnswer(header), body);
    } catch {
      // What it said is not repeated: it could be part of a picture.
      this.#fail(child, "it gave an answer that is none");
    }
  }

  #hear(child: Child, answer: Answer, body: Buffer): void {
    switch (answer.kind) {
      case "ready":
        if (this.#phase.kind !== "starting") break;
        if (!answer.canary) {
          this.#fail(child, "it does not find its canary");
          return;
        }
        clearTimeout(this.#timer);
        this.#noteNetwork(child);
        this.#enter({ kind: "up", modelSha256: answer.modelSha256, generation: this.#generation });
        return;
      case "failed":
        this.#fail(child, plainDetail(answer.detail));
        return;
      case "image":
      case "sees":
      case "withheld":
        if (this.#phase.kind !== "up" || this.#pending?.request.id !== answer.id) break;
        if (answer.kind === (this.#pending.request.kind === "check" ? "image" : "sees")) break;
        // A detector that threw may be broken for good: `distrust` is then the next call, and counts.
        if (answer.kind !== "withheld" || answer.why !== "detector-failed") this.#failures = 0;
        this.#pending.settle({ ...this.#phase, kind: "answered", request: this.#pending.request, answer, body });
        return;
    }
    this.#fail(child, "it spoke out of turn");
  }

  /** Nothing in the child opens a connection; where the system would let it, a person may want to know. Logged once. */
  #noteNetwork(child: Child): void {
    if (child.isOffline()) return;
    if (this.#deps.board.get("redactor.network-open") === 0)
      this.#deps.log.warn({}, "this system forbids user namespaces: the redactor is not kept from the network");
    this.#deps.board.count("redactor.network-open");
  }

  /** Ends this child, fails what was asked of it, and starts another after a pause that grows with each failure in a row. */
  #fail(child: Child, why: string): void {
    if (child !== this.#child) return;
    const wasStarting = this.#phase.kind === "starting";
    this.#child = null;
    child.kill();
    clearTimeout(this.#timer);
    this.#failures += 1;
    this.#deps.board.count("redactor.failed");
    const detail = wasStarting ? `the redactor did not start: ${why}` : `the redactor failed: ${why}`;
    this.#deps.log.warn({ why, failures: this.#failures }, wasStarting ? "redactor did not start" : "redactor failed");
    this.#pending?.settle({ kind: "failed", why: "detector-failed", detail });
    const { redactorRestartMs: minMs, redactorRestartMsMax: maxMs } = this.#deps.limits;
    this.#timer = setTimeout(() => this.start(), backoffMs({ failures: this.#failures, minMs, maxMs }));
    this.#enter({ kind: "down", why: detail });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#phaseChanged.resolve();
    this.#phaseChanged = Promise.withResolvers();
  }

  /** A start is waited for, and so is the first restart, which costs less than a picture; a child that keeps failing is not. */
  async #waitForChild(stop: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const onStop = (): void => aborted.reject(stop.reason);
    stop.throwIfAborted();
    stop.addEventListener("abort", onStop, { once: true });
    try {
      while (this.#phase.kind === "starting" || (this.#phase.kind === "down" && this.#failures <= 1)) {
        await Promise.race([this.#phaseChanged.promise, aborted.promise]);
      }
    } finally {
      stop.removeEventListener("abort", onStop);
    }
  }
}

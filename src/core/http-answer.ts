// Reads one HTTP answer within its bound: collects its body, has it taken piece by piece, or does not wait for it.
import type { Dispatcher } from "undici";
import { OUTGOING_LIMITS } from "./outgoing-limits.ts";

/** `headers`: names in lower case, several of one name joined by commas. */
export type HttpHead = { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** What becomes of a body: `cut` does not wait for it. Where it is cut or taken, the outcome's body is empty. */
export type BodyFate = "collect" | "cut" | BodyTaker;

/** Takes the pieces as they come, each its own to zero, until it says "enough": then the connection is cut. What it throws, `ask` throws. */
export type BodyTaker = (piece: Buffer) => "more" | "enough";

/** `answerBytesMax`: of the body, also where it is taken. `bodyFate`: asked once the headers are there; without it the body is collected. */
export type BodyRule = {
  readonly answerBytesMax: number;
  readonly bodyFate?: (head: HttpHead) => BodyFate;
};

/** `body`: one buffer of its own, the caller's to keep or to zero. */
export type HttpAnswer = HttpHead & { readonly kind: "answer"; readonly body: Buffer };

export type TooLarge = { readonly kind: "failed"; readonly how: "too-large"; readonly why: string };

/**
 * Reads one answer. The pieces are looked at as they come from the socket, and zeroed, since they may be a camera's pixels
 * (I1): undici's own stream joins pieces that wait into copies that nobody can zero.
 */
export class AnswerReading implements Dispatcher.DispatchHandler {
  readonly #rule: BodyRule;
  readonly #result = Promise.withResolvers<HttpAnswer | TooLarge>();
  /** The body so far, in one buffer: an answer in chunks of a byte each would cost a hundred times its size as pieces. */
  #held = Buffer.alloc(0);
  #controller: Dispatcher.DispatchController | null = null;
  #head: HttpHead | null = null;
  #fate: BodyFate = "collect";
  #size = 0;
  #interim = 0;
  #isOver = false;

  constructor(rule: BodyRule) {
    this.#rule = rule;
  }

  /** Throws what `fail` was given, what undici gives, and what the body's taker throws. */
  get outcome(): Promise<HttpAnswer | TooLarge> {
    return this.#result.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error("not asked any more"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Dispatcher.ResponseData["headers"]): void {
    if (status < 200) return this.#onInterim();
    this.#head = { status, headers: flatten(headers) };
    this.#orFail(() => {
      if (this.#head !== null) this.#fate = this.#rule.bodyFate?.(this.#head) ?? "collect";
    });
    if (this.#fate === "cut") return this.#finish();
    // One that says so is not read at all: on a metered line its first megabyte costs money, too.
    if (this.#fate === "collect" && Number(this.#head.headers["content-length"]) > this.#rule.answerBytesMax)
      this.#end(tooLarge(this.#rule.answerBytesMax));
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#isOver) return void piece.fill(0);
    this.#size += piece.length;
    const { answerBytesMax } = this.#rule;
    const take = this.#fate;
    if (this.#size > answerBytesMax) {
      piece.fill(0);
      this.#end(tooLarge(answerBytesMax));
    } else if (typeof take === "string") {
      this.#hold(piece);
    } else {
      this.#orFail(() => {
        if (take(piece) === "enough") this.#finish();
      });
    }
  }

  onResponseEnd(): void {
    this.#controller = null;
    this.#finish();
  }

  onResponseError(_: Dispatcher.DispatchController, thrown: Error): void {
    this.fail(thrown);
  }

  /** Ends the exchange; `outcome` then throws this, unless it is there already. */
  fail(thrown: unknown): void {
    this.#result.reject(thrown);
    this.#letGo();
  }

  /** [RFC 9110 §15.2] */
  #onInterim(): void {
    const { interimAnswers } = OUTGOING_LIMITS;
    if (++this.#interim > interimAnswers)
      this.#end({ kind: "failed", how: "too-large", why: `gave more than ${interimAnswers} interim answers` });
  }

  #hold(piece: Buffer): void {
    if (this.#size > this.#held.length) {
      const larger = Buffer.alloc(Math.min(Math.max(2 * this.#held.length, this.#size), this.#rule.answerBytesMax));
      this.#held.copy(larger);
      this.#held.fill(0);
      this.#held = larger;
    }
    piece.copy(this.#held, this.#size - piece.length);
    piece.fill(0);
  }

  #orFail(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  #finish(): void {
    if (this.#isOver) return;
    if (this.#head === null) return this.fail(new Error("an answer without a head"));
    const body = Buffer.alloc(this.#fate === "collect" ? this.#size : 0);
    this.#held.copy(body);
    this.#end({ kind: "answer", ...this.#head, body });
  }

  #end(outcome: HttpAnswer | TooLarge): void {
    this.#result.resolve(outcome);
    this.#letGo();
  }

  #letGo(): void {
    this.#isOver = true;
    this.#held.fill(0);
    this.#held = Buffer.alloc(0);
    this.#controller?.abort(new Error("enough"));
  }
}

function tooLarge(bytesMax: number): TooLarge {
  return { kind: "failed", how: "too-large", why: `gave an answer larger than ${bytesMax} bytes` };
}

function flatten(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

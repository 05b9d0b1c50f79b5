// The only way from a raw frame to a picture that may leave (I2). The work is done in a child process (redactor-child.ts):
// no picture delays a sensor's acknowledgement and no native crash takes the gateway along. Measured: with detection in the
// main thread an acknowledgement waits 425 ms (p99), with a child 3 ms.
import { fileURLToPath } from "node:url";
import { bytesOfFrame, type RawFrame } from "../camera/raw-frame.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import type { WithheldReason } from "../core/house-fact.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { faultOfImage, hasEvidence } from "./image-check.ts";
import { settingsLine } from "./redact-levels.ts";
import type { RedactAsk, Redactor, Verdict } from "./redactor.ts";
import { type Asked, type ProcessLimits, RedactorProcess } from "./redactor-process.ts";
import type { AnswerToAsk, ImageAnswer } from "./redactor-protocol.ts";

type ImageContent = {
  readonly jpeg: Buffer;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly outcome: "redacted" | "empty" | "mosaic";
  /** Painted regions [x, y, width, height, score]; pixels of the output, origin top left. */
  readonly boxes: readonly (readonly [number, number, number, number, number])[];
  readonly modelSha256: string;
  readonly settings: string;
  /** Since the canary was last found in a picture of this camera by this child; null when it never was. */
  readonly canaryAgeMs: number | null;
};

let mint: (content: ImageContent, frame: RawFrame) => RedactedImage;

/** A redacted picture: may leave. Only `redact()` of this file can make one; a look-alike or a cast does not compile. */
export class RedactedImage {
  readonly #content: ImageContent;
  readonly cameraId: string;
  readonly takenAtMs: number;

  private constructor(content: ImageContent, frame: RawFrame) {
    this.#content = content;
    this.cameraId = frame.cameraId;
    this.takenAtMs = frame.takenAtMs;
  }

  get content(): ImageContent {
    return this.#content;
  }

  /** False for a look-alike, however it was cast: only what this file made has the private field. */
  static isMinted(value: object): boolean {
    return #content in value;
  }

  static {
    mint = (content, frame) => new RedactedImage(content, frame);
  }
}

type Looker = { readonly cameraId: string; readonly generation: number };
export type RedactorDeps = {
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  /** The child's program and the folder of its model; other ones in tests. */
  readonly childScript?: string;
  readonly modelDirectory?: string;
  readonly limits?: Partial<ProcessLimits & { readonly canaryAgeMs: number }>;
};

/** Starts the child and returns at once: until it is ready pictures wait, and if it cannot they are withheld. */
export async function openRedactor(deps: RedactorDeps, stop: AbortSignal): Promise<Redactor> {
  stop.throwIfAborted();
  const redactor = new ChildRedactor(deps);
  redactor.start();
  return redactor;
}

class ChildRedactor implements Redactor {
  readonly #deps: RedactorDeps;
  readonly #process: RedactorProcess;
  /** When the canary was last found by camera (monotonic), and by which child: another one may be blind. */
  readonly #canaryFound = new Map<string, { readonly atMs: number; readonly generation: number }>();
  /** Why the last canary was not found, and by which child. */
  #blindness: { readonly why: string; readonly generation: number } | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: RedactorDeps) {
    const {
      childScript = fileURLToPath(import.meta.resolve("./redactor-child.ts")),
      modelDirectory,
      limits,
      log,
      board,
    } = deps;
    const args = modelDirectory === undefined ? [] : [modelDirectory];
    this.#deps = deps;
    this.#process = new RedactorProcess({ script: childScript, args, limits: { ...LIMITS, ...limits }, log, board });
  }

  start(): void {
    this.#process.start();
  }

  get childPid(): number | undefined {
    return this.#process.pid;
  }

  async redact(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<Verdict> {
    if (frame.size > LIMITS.frameBytes)
      return withheld("picture-refused", `a picture of ${frame.size} bytes is too large`);
    if (this.#waiting >= LIMITS.framesWaiting)
      return withheld("too-many-waiting", `${LIMITS.framesWaiting} pictures wait already: nobody looked at this one`);
    this.#waiting += 1;
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      stop.throwIfAborted();
      return await this.#redactInTurn(frame, ask, stop);
    } finally {
      this.#waiting -= 1;
      resolve();
    }
  }

  health(): { canSee: boolean; why: string | null } {
    const { phase } = this.#process;
    switch (phase.kind) {
      case "starting":
        return { canSee: false, why: "the face detector is starting" };
      case "down":
        return { canSee: false, why: phase.why };
      case "closed":
        return { canSee: false, why: "the redactor is closed" };
      case "up":
        return this.#blindness?.generation === phase.generation
          ? { canSee: false, why: this.#blindness.why }
          : { canSee: true, why: null };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#turn;
  }

  async #redactInTurn(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<Verdict> {
    const { cameraId } = frame;
    const canaryAgeMs = this.#deps.limits?.canaryAgeMs ?? LIMITS.canaryAgeMs;
    const masks = ask.masks.map(({ polygon }) => polygon);
    const original = bytesOfFrame(frame);
    const wordsFor = (generation: number) => {
      const ageMs = this.#canaryAgeMs({ cameraId, generation });
      return { ...ask.redact, masks, checkCanary: ageMs === null || ageMs > canaryAgeMs };
    };
    const asked = await this.#process.ask(wordsFor, original, stop);
    if (asked.kind === "failed") return withheld(asked.why, asked.detail);
    const { answer } = asked;
    this.#learn({ cameraId, generation: asked.generation }, answer);
    if (answer.kind === "withheld") {
      if (answer.why === "detector-failed") this.#process.distrust("the detector failed");
      return withheld(answer.why, answer.detail, answer.ms);
    }
    return this.#mintChecked(frame, { ask, asked, answer, original });
  }

  #mintChecked(
    frame: RawFrame,
    by: {
      ask: RedactAsk;
      asked: Extract<Asked, { kind: "answered" }>;
      answer: ImageAnswer;
      original: Buffer;
    },
  ): Verdict {
    const { ask, asked, answer, original } = by;
    const mayBeMosaic = ask.redact.whenUnsure === "mosaic";
    const fault = hasEvidence(answer, asked.request)
      ? faultOfImage(answer, { jpeg: asked.body, original, mayBeMosaic })
      : "no evidence that it could see";
    if (fault !== null) {
      this.#process.distrust("its answer does not hold together");
      return withheld("detector-failed", `the redactor gave ${fault}`, answer.ms);
    }
    const { sha256, width, height, outcome, boxes, searched, detail, ms } = answer;
    const settings = settingsLine({ level: ask.redact.level, masks: ask.masks.length, searched });
    const canaryAgeMs = this.#canaryAgeMs({ cameraId: frame.cameraId, generation: asked.generation });
    const content = {
      jpeg: asked.body,
      sha256,
      width,
      height,
      outcome,
      boxes,
      modelSha256: asked.modelSha256,
      settings,
      canaryAgeMs,
    };
    return { kind: "image", image: mint(content, frame), detail, ms };
  }

  /** How long ago this child found the canary in a picture of this camera; null if it never did. */
  #canaryAgeMs({ cameraId, generation }: Looker): number | null {
    const found = this.#canaryFound.get(cameraId);
    return found?.generation === generation ? this.#deps.clock.monotonicMs() - found.atMs : null;
  }

  #learn({ cameraId, generation }: Looker, { canary, ...answer }: AnswerToAsk): void {
    if (canary === true) this.#blindness = null;
    if (canary === true) this.#canaryFound.set(cameraId, { atMs: this.#deps.clock.monotonicMs(), generation });
    if (answer.kind === "withheld" && answer.why === "canary-missed")
      this.#blindness = { why: answer.detail, generation };
  }
}

function withheld(why: WithheldReason, detail: string, ms: Readonly<Record<string, number>> = {}): Verdict {
  return { kind: "withheld", why, detail, ms };
}

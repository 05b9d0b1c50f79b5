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
import { CameraSights, whyUnseen } from "./camera-sights.ts";
import { faultOfImage, hasEvidence } from "./image-check.ts";
import { childArguments, type LowMemory } from "./machine-fit.ts";
import { settingsLine } from "./redact-levels.ts";
import type { RedactAsk, Redactor, SelfCheck, Verdict } from "./redactor.ts";
import { type Asked, type ProcessLimits, RedactorProcess } from "./redactor-process.ts";
import type { ImageAnswer, RedactRequest } from "./redactor-protocol.ts";
import { Turns, unlessStopped } from "./turns.ts";

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

/** `cameraId` null: of the models alone, without a frame. */
type Checked = { readonly cameraId: string | null; readonly encoded: Buffer };
type Answered = Extract<Asked, { kind: "answered" }>;

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

/** Frames wait for each other; beyond LIMITS.framesWaiting one is not looked at. */
const TOO_MANY = `${LIMITS.framesWaiting} pictures wait already: nobody looked at this one`;

export type RedactorDeps = {
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  /** The child's program and the folder of its model; other ones in tests. */
  readonly childScript?: string;
  readonly modelDirectory?: string;
  /** redactor.lowMemory of gateway.yaml; `auto` unless given. */
  readonly lowMemory?: LowMemory;
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
  readonly #sights: CameraSights;
  readonly #turns = new Turns(LIMITS.framesWaiting);

  constructor(deps: RedactorDeps) {
    const { childScript = fileURLToPath(import.meta.resolve("./redactor-child.ts")), limits, log, board } = deps;
    const args = childArguments(deps);
    this.#deps = deps;
    this.#sights = new CameraSights(deps.clock);
    this.#process = new RedactorProcess({ script: childScript, args, limits: { ...LIMITS, ...limits }, log, board });
  }

  start(): void {
    this.#process.start();
  }

  get childPid(): number | undefined {
    return this.#process.pid;
  }

  async redact(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<Verdict> {
    const tooLarge = whyTooLarge(frame);
    if (tooLarge !== null) return withheld("picture-refused", tooLarge);
    const turn = this.#turns.take(stop, () => this.#redactInTurn(frame, ask, stop));
    return turn === null ? withheld("too-many-waiting", TOO_MANY) : await turn;
  }

  async check(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<SelfCheck> {
    const tooLarge = whyTooLarge(frame);
    if (tooLarge !== null) return { canSee: false, why: tooLarge };
    return await this.#checkInTurn({ cameraId: frame.cameraId, encoded: bytesOfFrame(frame) }, ask, stop);
  }

  async prepare(ask: RedactAsk, stop: AbortSignal): Promise<SelfCheck> {
    return await this.#checkInTurn({ cameraId: null, encoded: Buffer.alloc(0) }, ask, stop);
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
      case "up": {
        const why = this.#sights.blindnessOf(phase.generation);
        return { canSee: why === null, why };
      }
    }
  }

  sightOf(cameraId: string): ReturnType<Redactor["sightOf"]> {
    const { phase } = this.#process;
    return phase.kind === "up" ? this.#sights.sightOf({ cameraId, generation: phase.generation }) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#turns.idle;
  }

  async #redactInTurn(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<Verdict> {
    const { cameraId } = frame;
    const canaryAgeMs = this.#deps.limits?.canaryAgeMs ?? LIMITS.canaryAgeMs;
    const original = bytesOfFrame(frame);
    const wordsFor = (generation: number) => {
      const ageMs = this.#sights.canaryAgeMs({ cameraId, generation });
      const checkCanary = ageMs === null || ageMs > canaryAgeMs;
      return { ...ask.redact, kind: "redact", masks: polygonsOf(ask), checkCanary } as const;
    };
    const asked = await this.#process.ask(wordsFor, original, stop);
    if (asked.kind === "failed") return withheld(asked.why, asked.detail);
    const { answer, request } = asked;
    this.#learn(cameraId, asked);
    if (answer.kind === "withheld") return withheld(answer.why, answer.detail, answer.ms);
    if (answer.kind === "image" && request.kind === "redact")
      return this.#mintChecked(frame, { ask, asked, answer, request, original });
    throw new TypeError("the redactor's process lets through an answer to another question");
  }

  async #checkInTurn(of: Checked, ask: RedactAsk, stop: AbortSignal): Promise<SelfCheck> {
    const turn = this.#turns.take(stop, () => this.#check(of, ask, stop));
    if (turn === null) return { canSee: false, why: TOO_MANY };
    // What the child has begun it finishes, up to the deadline: to end it would keep the next picture waiting for another child.
    return await unlessStopped(turn, stop);
  }

  async #check({ cameraId, encoded }: Checked, ask: RedactAsk, stop: AbortSignal): Promise<SelfCheck> {
    const { whenUnsure: _, ...manner } = ask.redact;
    const words = { ...manner, kind: "check", masks: polygonsOf(ask) } as const;
    const asked = await this.#process.ask(() => words, encoded, new AbortController().signal);
    // The frame was zeroed when the stop came, perhaps on its way: what the child says of it means nothing.
    stop.throwIfAborted();
    if (asked.kind === "failed") return { canSee: false, why: asked.detail };
    this.#learn(cameraId, asked);
    const why = whyUnseen(asked.answer);
    return why === null ? { canSee: true } : { canSee: false, why };
  }

  #mintChecked(
    frame: RawFrame,
    by: {
      ask: RedactAsk;
      asked: Answered;
      answer: ImageAnswer;
      request: RedactRequest;
      original: Buffer;
    },
  ): Verdict {
    const { ask, asked, answer, request, original } = by;
    const mayBeMosaic = ask.redact.whenUnsure === "mosaic";
    const fault = hasEvidence(answer, request)
      ? faultOfImage(answer, { jpeg: asked.body, original, mayBeMosaic })
      : "no evidence that it could see";
    if (fault !== null) {
      this.#process.distrust("its answer does not hold together");
      return withheld("detector-failed", `the redactor gave ${fault}`, answer.ms);
    }
    const { sha256, width, height, outcome, boxes, searched, detail, ms } = answer;
    const settings = settingsLine({ level: ask.redact.level, masks: ask.masks.length, searched });
    const canaryAgeMs = this.#sights.canaryAgeMs({ cameraId: frame.cameraId, generation: asked.generation });
    const content = {
      jpeg: asked.body,
      sha256,
      width,
      height,
      outcome,
      boxes,
      modelSha256: request.model?.sha256.toLowerCase() ?? asked.modelSha256,
      settings,
      canaryAgeMs,
    };
    return { kind: "image", image: mint(content, frame), detail, ms };
  }

  /** What an operator's model does wrong is told of its camera; it is no reason to take the child from all others. */
  #learn(cameraId: string | null, { answer, request, generation }: Answered): void {
    const isBuiltIn = request.model === undefined && request.persons !== true;
    this.#sights.learn({ cameraId, generation, isBuiltIn }, answer);
    if (answer.kind === "withheld" && answer.why === "detector-failed" && isBuiltIn)
      this.#process.distrust("the detector failed");
  }
}

function polygonsOf({ masks }: RedactAsk): RedactRequest["masks"] {
  return masks.map(({ polygon }) => polygon);
}

function whyTooLarge({ size }: RawFrame): string | null {
  return size > LIMITS.frameBytes ? `a picture of ${size} bytes is too large` : null;
}

function withheld(why: WithheldReason, detail: string, ms: Readonly<Record<string, number>> = {}): Verdict {
  return { kind: "withheld", why, detail, ms };
}

// A real redactor for tests: the real child process, or one of the faulty children in test/privacy/fixtures.
import { RawFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openRedactor } from "../../src/privacy/redact.ts";
import type { RedactAsk, Redactor, SelfCheck, Verdict } from "../../src/privacy/redactor.ts";
import { modelDirectory } from "./sample-photographs.ts";

export type TestRedactor = AsyncDisposable & {
  readonly redactor: Redactor;
  readonly board: Board;
  /** Redacts these bytes as one frame of camera `cam` and disposes the frame. */
  redact(bytes: Buffer, ask?: Ask): Promise<Verdict>;
  /** Looks for the canary in these bytes as one frame of camera `cam` and disposes the frame. */
  check(bytes: Buffer, ask?: Ask): Promise<SelfCheck>;
};
type Ask = Partial<RedactAsk["redact"]> & Partial<Pick<RedactAsk, "masks">>;

type Changes = Omit<Parameters<typeof openRedactor>[0], "clock" | "board" | "log">;

/** Waits of a healthy house are shortened where the test says so; restarts come after 10 ms. */
export async function openTestRedactor(changes: Changes = {}): Promise<TestRedactor> {
  const board = new Board();
  const limits = { redactorRestartMs: 10, redactorRestartMsMax: 20, ...changes.limits };
  const stop = new AbortController().signal;
  const deps = { clock: systemClock, log: silentLog, modelDirectory, ...changes, board, limits };
  const redactor = await openRedactor(deps, stop);
  return {
    redactor,
    board,
    async redact(bytes, ask) {
      using frame = new RawFrame({ bytes, cameraId: "cam", takenAtMs: 0 });
      return await redactor.redact(frame, wordsOf(ask), stop);
    },
    async check(bytes, ask) {
      using frame = new RawFrame({ bytes, cameraId: "cam", takenAtMs: 0 });
      return await redactor.check(frame, wordsOf(ask), stop);
    },
    [Symbol.asyncDispose]: () => redactor[Symbol.asyncDispose](),
  };
}

/** What is told of the image of a picture that must not be withheld. */
export function imageOf(verdict: Verdict): Extract<Verdict, { kind: "image" }>["image"]["content"] {
  if (verdict.kind !== "image") throw new Error(`${verdict.why}: ${verdict.detail}`);
  return verdict.image.content;
}

function wordsOf({ masks = [], ...redact }: Ask = {}): RedactAsk {
  return { masks, redact: { level: "normal", whenUnsure: "withhold", ...redact } };
}

// The redactor child's life: open the detector, prove that it sees, then answer one picture after the other until the
// parent is gone. Apart from redactor-child.ts so that tests can run it with a detector that fails.
import { createHash } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { type Canary, openCanary, seesPlainCanary } from "./canary.ts";
import type { Detector } from "./detector.ts";
import { threadsFor } from "./machine-fit.ts";
import { ModelChanged } from "./own-model-files.ts";
import { OwnModels } from "./own-models.ts";
import { checkModels, checkPicture, redactPicture } from "./redaction.ts";
import {
  encodeMessage,
  MessageReader,
  parseRequest,
  plainDetail,
  type Redaction,
  type Request,
  type SelfCheck,
} from "./redactor-protocol.ts";
import type { SearchTools } from "./search.ts";

export type Service = {
  readonly input: Readable;
  readonly output: Writable;
  /** The package @vladmandic/face-api: weights and the photograph with the canary. */
  readonly directory: string;
  readonly openDetector: (directory: string) => Promise<Detector>;
  readonly clock: Clock;
};

/** Serves until the input ends. Throws what is no message; the parent takes the exit for a failure. */
export async function serveRedactor(service: Service): Promise<void> {
  const say = (header: object, body?: Uint8Array): void => {
    for (const part of encodeMessage(header, body)) service.output.write(part);
  };
  let builtIn: { detector: Detector; canary: Canary; clock: Clock };
  await using own = new OwnModels(threadsFor());
  try {
    const detector = await service.openDetector(service.directory);
    builtIn = { detector, canary: await openCanary(service.directory), clock: service.clock };
    say({ kind: "ready", modelSha256: detector.modelSha256, canary: await seesPlainCanary(builtIn) });
  } catch (cause) {
    say({ kind: "failed", detail: plainDetail(cause) });
    return;
  }
  const reader = new MessageReader();
  for await (const chunk of service.input) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError("the input must give bytes");
    for (const { header, body } of reader.push(chunk)) await answer(parseRequest(header), body);
  }

  async function answer(request: Request, body: Buffer): Promise<void> {
    const { id } = request;
    try {
      const made = await make(request, body);
      if (made.kind !== "image") {
        say({ ...made, id });
        return;
      }
      const { jpeg, ...rest } = made;
      say({ ...rest, id, sha256: createHash("sha256").update(jpeg).digest("hex") }, jpeg);
    } catch (cause) {
      const why = cause instanceof ModelChanged ? "model-changed" : "detector-failed";
      say({ kind: "withheld", id, why, detail: plainDetail(cause), canary: null, ms: {} });
    } finally {
      // A frame whose model could not be had was not even decoded.
      body.fill(0);
    }
  }

  async function make(request: Request, body: Buffer): Promise<Redaction | SelfCheck> {
    const tools = { ...builtIn, ...(await ownTools(request)) };
    if (request.kind === "redact") return await redactPicture(body, request, tools);
    return body.length === 0 ? await checkModels(request, tools) : await checkPicture(body, request, tools);
  }

  async function ownTools({ model, persons, personModel }: Request): Promise<Partial<SearchTools>> {
    const faces = model === undefined ? null : await own.detectorOf("faces", model);
    const finder = persons !== true || personModel === undefined ? null : await own.detectorOf("persons", personModel);
    return {
      ...(faces !== null && { detector: faces, card: faces.cardSha256 }),
      ...(finder !== null && { persons: finder }),
    };
  }
}

// The redactor child's life: open the detector, prove that it sees, then answer one picture after the other until the
// parent is gone. Apart from redactor-child.ts so that tests can run it with a detector that fails.
import { createHash } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { type Canary, openCanary, seesPlainCanary } from "./canary.ts";
import type { Detector } from "./detector.ts";
import { checkPicture, redactPicture } from "./redaction.ts";
import { encodeMessage, MessageReader, parseRequest, plainDetail, type Request } from "./redactor-protocol.ts";

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
  let tools: { detector: Detector; canary: Canary; clock: Clock };
  try {
    const detector = await service.openDetector(service.directory);
    tools = { detector, canary: await openCanary(service.directory), clock: service.clock };
    say({ kind: "ready", modelSha256: detector.modelSha256, canary: await seesPlainCanary(tools) });
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
      const made =
        request.kind === "check" ? await checkPicture(body, request, tools) : await redactPicture(body, request, tools);
      if (made.kind !== "image") {
        say({ ...made, id });
        return;
      }
      const { jpeg, ...rest } = made;
      say({ ...rest, id, sha256: createHash("sha256").update(jpeg).digest("hex") }, jpeg);
    } catch (cause) {
      say({ kind: "withheld", id, why: "detector-failed", detail: plainDetail(cause), canary: null, ms: {} });
    }
  }
}

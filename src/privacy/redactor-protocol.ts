// What the gateway and its redactor child say to each other over the child's standard input and output: messages of a
// JSON header and at most one picture. Whatever does not parse ends the child, never the gateway.
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";

// A message is: 4 bytes magic, header length, body length (32 bits, big-endian), header (UTF-8 JSON), body (a picture).
const MAGIC = Buffer.from("HRD1");
const PREFIX_BYTES = 12;

const fraction = z.number().min(0).max(1);
const stages = z.record(z.string().max(32), z.number().min(0));
const detail = z.string().max(200);

/** An operator's model: absolute path of the ONNX file, and its digest as the policy names it. */
const ownModel = z.strictObject({ file: z.string().min(1), sha256: z.hex().length(64) }).readonly();

/** How a picture is looked at, whatever becomes of it. */
const manner = {
  level: z.enum(["normal", "thorough", "strict"]),
  masks: z.array(z.array(z.tuple([fraction, fraction])).readonly()).readonly(),
  persons: z.boolean().optional(),
  model: ownModel.optional(),
  personModel: ownModel.optional(),
};

/** A picture to redact; the body holds its encoded bytes. `checkCanary`: the last canary found is too old to be believed. */
export const RedactRequest = z.strictObject({
  kind: z.literal("redact"),
  id: z.int().min(0),
  whenUnsure: z.enum(["withhold", "mosaic"]),
  checkCanary: z.boolean(),
  ...manner,
});
export type RedactRequest = Readonly<z.infer<typeof RedactRequest>>;

/** A picture to put the canary into; the body holds its encoded bytes. No picture comes back. */
const CheckRequest = z.strictObject({ kind: z.literal("check"), id: z.int().min(0), ...manner });
export type CheckRequest = Readonly<z.infer<typeof CheckRequest>>;

const Request = z.discriminatedUnion("kind", [RedactRequest, CheckRequest]);
export type Request = RedactRequest | CheckRequest;
export type RequestWords = Omit<RedactRequest, "id"> | Omit<CheckRequest, "id">;

const number = z.number().min(0);
const modelKind = z.string().regex(/^[a-z0-9]{1,16}$/);

/**
 * How faces were looked for. `turned`: the look at copies on their sides. `card`: digest of what stands beside an operator's model; null with the built-in one. `persons`:
 * the model that found persons, if one was asked.
 */
const Searched = z.strictObject({
  kind: modelKind,
  longSides: z.array(z.int().min(1)).max(8),
  threshold: number,
  spread: z.enum(["haze", "shadows"]).nullable(),
  turned: z.strictObject({ longSide: z.int().min(1), threshold: number }).nullable(),
  grow: z.strictObject({ share: number, px: number }),
  card: z.hex().length(64).nullable(),
  persons: z.strictObject({ kind: modelKind, sha256: z.hex().length(64), threshold: number }).nullable(),
});
export type Searched = Readonly<z.infer<typeof Searched>>;

/** `canary`: whether it was found in this picture, null if nobody looked. `searched`: how faces were looked for, null if
 * they were not. `ms`: milliseconds by stage. */
const Answer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready"), modelSha256: z.hex().length(64), canary: z.boolean() }),
  z.strictObject({ kind: z.literal("failed"), detail }),
  z.strictObject({
    kind: z.literal("image"),
    id: z.int().min(0),
    outcome: z.enum(["redacted", "empty", "mosaic"]),
    width: z.int().min(1),
    height: z.int().min(1),
    sha256: z.hex().length(64),
    boxes: z
      .array(z.tuple([z.int().min(0), z.int().min(0), z.int().min(1), z.int().min(1), fraction]))
      .max(LIMITS.regions),
    canary: z.boolean().nullable(),
    searched: Searched.nullable(),
    detail: detail.nullable(),
    ms: stages,
  }),
  // The answer to a check that went well; to all others it is `withheld`.
  z.strictObject({ kind: z.literal("sees"), id: z.int().min(0), canary: z.literal(true), ms: stages }),
  z.strictObject({
    kind: z.literal("withheld"),
    id: z.int().min(0),
    why: z.enum(["unsure", "canary-missed", "model-changed", "picture-refused", "detector-failed"]),
    canary: z.boolean().nullable(),
    detail,
    ms: stages,
  }),
]);
export type Answer = z.infer<typeof Answer>;
export type AnswerToAsk = Extract<Answer, { id: number }>;
export type ImageAnswer = Extract<Answer, { kind: "image" }>;
type Withheld = Omit<Extract<Answer, { kind: "withheld" }>, "id">;

/** What the child makes of a picture, before it is told to the parent. */
export type Redaction = (Omit<ImageAnswer, "id" | "sha256"> & { readonly jpeg: Buffer }) | Withheld;
export type SelfCheck = Omit<Extract<Answer, { kind: "sees" }>, "id"> | Withheld;

export type Message = { readonly header: unknown; readonly body: Buffer };

/** The request in a message's header. Throws when it is not one. */
export function parseRequest(header: unknown): Request {
  return Request.parse(header);
}

/** The answer in a message's header. Throws when it is not one. */
export function parseAnswer(header: unknown): Answer {
  return Answer.parse(header);
}

/** The parts of a message in order, the body by reference: a frame is not copied on its way (I1). */
export function encodeMessage(header: object, body: Uint8Array = new Uint8Array()): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32BE(json.length, 4);
  prefix.writeUInt32BE(body.length, 8);
  return [prefix, json, body];
}

/** Text of an error for the other side: printable ASCII, one line, short, so that no payload rides along. */
export function plainDetail(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/[^ -~]+/g, " ").slice(0, 160);
}

/** Puts chunks of a pipe together into messages and zeroes each chunk once it is copied (I1). */
export class MessageReader {
  #stage: "prefix" | "header" | "body" = "prefix";
  #wanted = Buffer.alloc(PREFIX_BYTES);
  #filled = 0;
  #bodyBytes = 0;
  #header: unknown;

  /** The messages that this chunk completes. Throws when the bytes are no message or exceed a bound. */
  push(chunk: Buffer): Message[] {
    const messages: Message[] = [];
    let at = 0;
    while (at < chunk.length || this.#filled === this.#wanted.length) {
      const copied = chunk.copy(this.#wanted, this.#filled, at);
      this.#filled += copied;
      at += copied;
      if (this.#filled < this.#wanted.length) break;
      const message = this.#advance();
      if (message !== null) messages.push(message);
    }
    chunk.fill(0);
    return messages;
  }

  #advance(): Message | null {
    const complete = this.#wanted;
    switch (this.#stage) {
      case "prefix": {
        const headerBytes = complete.readUInt32BE(4);
        this.#bodyBytes = complete.readUInt32BE(8);
        if (!complete.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("not a message");
        if (headerBytes === 0 || headerBytes > LIMITS.redactorHeaderBytes)
          throw new Error("a header of that length is refused");
        if (this.#bodyBytes > LIMITS.frameBytes) throw new Error("a body of that length is refused");
        this.#want("header", headerBytes);
        return null;
      }
      case "header":
        this.#header = JSON.parse(complete.toString("utf8"));
        this.#want("body", this.#bodyBytes);
        return null;
      case "body":
        this.#want("prefix", PREFIX_BYTES);
        return { header: this.#header, body: complete };
    }
  }

  /** Not from Node's shared pool: this buffer is zeroed by whoever takes it. */
  #want(stage: "prefix" | "header" | "body", bytes: number): void {
    this.#stage = stage;
    this.#wanted = Buffer.allocUnsafeSlow(bytes);
    this.#filled = 0;
  }
}

// The bound on what the site's broker may send in one packet. mqtt.js has none: it buffers up to 256 MB of a message before
// anybody sees it. A message that is too large is cut down on its way in: its payload is dropped as it comes, and a small
// message on TOO_LARGE with its id stands in its place, so that it is counted and acknowledged in its turn. Refusing it
// would bring it back with each new connection. MQTT 5 brokers could be told the limit, but then nobody counts.
import { Transform, type TransformCallback } from "node:stream";
import type { MqttClient } from "mqtt";
import type { SiteLift } from "./external-broker-pictures.ts";

/** The topic of what stands for a message that was too large. No broker forwards it: `$` belongs to brokers [MQTT-4.7.2-1]. */
export const TOO_LARGE = "$hedgerow/too-large";

const PUBLISH = 3;
const EMPTY = Buffer.alloc(0);
/** A length is read behind a first byte. */
const EMPTY_HEAD = Buffer.from([0]);

/** Bounds each connection of the client from its next `connect()` on. Throws where a new mqtt.js has moved what this reaches for. */
export function boundPackets(
  client: MqttClient,
  { bytesMax, lift }: { bytesMax: number; lift: SiteLift | null },
): void {
  const build: unknown = Reflect.get(client, "streamBuilder");
  if (typeof build !== "function")
    throw new Error("this version of mqtt.js hides its stream: packets cannot be bounded");
  Reflect.set(client, "streamBuilder", (...given: unknown[]) => {
    const stream: NodeJS.ReadWriteStream & { destroy(error: Error): void } = Reflect.apply(build, undefined, given);
    const bound = new PacketBound({ bytesMax, lift, isVersion5: client.options.protocolVersion === 5 });
    bound.on("error", (error) => stream.destroy(error));
    const pipe = stream.pipe.bind(stream);
    Reflect.set(stream, "pipe", (parser: NodeJS.WritableStream) => pipe(bound).pipe(parser));
    return stream;
  });
}

type Start =
  | { readonly kind: "unknown" }
  | { readonly kind: "picture"; readonly from: number; readonly bytes: number; readonly lead: Buffer }
  | { readonly kind: "pass"; readonly bytes: number }
  | { readonly kind: "replace"; readonly bytes: number; readonly by: Buffer };

/**
 * MQTT packets through, those of a picture's topic with a token in the picture's place (external-broker-pictures.ts), those of more than
 * `bytesMax` bytes replaced. Fails on a packet that is neither small nor a PUBLISH.
 */
export class PacketBound extends Transform {
  readonly #bytesMax: number;
  readonly #isVersion5: boolean;
  #head: Buffer = EMPTY;
  #left = 0;
  #isDropping = false;
  readonly #lift: SiteLift | null;

  constructor({
    bytesMax,
    isVersion5,
    lift = null,
  }: { bytesMax: number; isVersion5: boolean; lift?: SiteLift | null }) {
    super();
    this.#lift = lift;
    this.#bytesMax = bytesMax;
    this.#isVersion5 = isVersion5;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest: Buffer = chunk;
    while (rest.length > 0) {
      if (this.#lift?.isBusy === true) {
        const { taken, standIn } = this.#lift.add(rest);
        if (standIn !== null) this.push(standIn);
        rest = rest.subarray(taken);
        continue;
      }
      if (this.#left === 0) {
        if (this.#head.length > 0) {
          rest = Buffer.concat([this.#head, rest]);
          if (this.#lift !== null) chunk.fill(0); // copied; a picture may begin in it
        }
        this.#head = EMPTY;
        const start = this.#startOf(rest);
        if (start instanceof Error) return done(start);
        if (start.kind === "unknown") {
          this.#head = rest;
          break;
        }
        if (start.kind === "picture") {
          this.#lift?.begin(start);
          rest = rest.subarray(start.from);
          if (start.bytes === 0 && this.#lift !== null) this.push(this.#lift.add(EMPTY).standIn);
          continue;
        }
        this.#left = start.bytes;
        this.#isDropping = start.kind === "replace";
        if (start.kind === "replace") this.push(start.by);
      }
      const part = rest.subarray(0, this.#left);
      this.#left -= part.length;
      rest = rest.subarray(part.length);
      if (!this.#isDropping) this.push(part);
    }
    done();
  }

  /** The packet that begins here. Of a large message enough must be there to know its topic's end and its id. */
  #startOf(bytes: Buffer): Start | Error {
    const length = announcedLength(bytes);
    if (length === null) return { kind: "unknown" };
    const total = length.headerBytes + length.announced;
    const picture = this.#pictureIn(bytes, length);
    if (picture !== null) return picture;
    if (total <= this.#bytesMax) return { kind: "pass", bytes: total };
    const first = bytes.readUInt8(0);
    if (first >> 4 !== PUBLISH) return new Error(`the broker announced a packet of ${total} bytes`);
    if (bytes.length < length.headerBytes + 2) return { kind: "unknown" };
    const idAt = length.headerBytes + 2 + bytes.readUInt16BE(length.headerBytes);
    const hasId = (first & 0b0110) !== 0;
    if (idAt + (hasId ? 2 : 0) > total) return new Error("the broker sent a topic that is longer than its packet");
    if (bytes.length < idAt + 2) return { kind: "unknown" };
    const id = hasId ? bytes.subarray(idAt, idAt + 2) : EMPTY;
    return { kind: "replace", bytes: total, by: this.#standIn(first, id) };
  }

  /** Null: it is none, or larger than a picture may be. */
  #pictureIn(bytes: Buffer, { headerBytes, announced }: Length): Start | null {
    const first = bytes.readUInt8(0);
    if (this.#lift === null || first >> 4 !== PUBLISH || headerBytes + announced > this.#lift.bytesMax) return null;
    if (bytes.length < headerBytes + 2) return announced < 2 ? null : { kind: "unknown" };
    const topicEnd = headerBytes + 2 + bytes.readUInt16BE(headerBytes);
    const idEnd = topicEnd + ((first & 0b0110) === 0 ? 0 : 2);
    const end = headerBytes + announced;
    if (idEnd > end) return null;
    if (bytes.length < idEnd) return { kind: "unknown" };
    if (!this.#lift.isPicture(bytes.toString("utf8", headerBytes + 2, topicEnd))) return null;
    const from = this.#isVersion5 ? propertiesEnd(bytes, idEnd) : idEnd;
    if (from === null) return { kind: "unknown" };
    if (from > end) return null;
    const lead = Buffer.concat([bytes.subarray(headerBytes, idEnd), this.#isVersion5 ? Buffer.from([0]) : EMPTY]);
    return { kind: "picture", from, bytes: end - from, lead: Buffer.concat([Buffer.from([first]), lead]) };
  }

  #standIn(first: number, id: Buffer): Buffer {
    const topic = Buffer.from(TOO_LARGE);
    const body = Buffer.concat([
      Buffer.from([0, topic.length]),
      topic,
      id,
      this.#isVersion5 ? Buffer.from([0]) : EMPTY,
    ]);
    return Buffer.concat([Buffer.from([first, body.length]), body]);
  }
}

type Length = { readonly headerBytes: number; readonly announced: number };

/** Where the properties of version 5 that begin here end [MQTT5-2.2.2]; null while that is not known. */
function propertiesEnd(bytes: Buffer, at: number): number | null {
  const length = announcedLength(Buffer.concat([EMPTY_HEAD, bytes.subarray(at, at + 4)]));
  if (length === null) return null;
  const end = at + length.headerBytes - 1 + length.announced;
  return end <= bytes.length ? end : null;
}

/** The fixed header [MQTT-2.2]; null while it is not all there. More than four length bytes are left for the parser to refuse. */
function announcedLength(bytes: Buffer): Length | null {
  let announced = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[index];
    if (byte === undefined) return null;
    announced += (byte & 127) * 128 ** (index - 1);
    if ((byte & 128) === 0) return { headerBytes: index + 1, announced };
  }
  return { headerBytes: 5, announced: 0 };
}

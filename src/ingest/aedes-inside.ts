// The places where we reach into aedes, because it has no option for what has to hold. Each fails loudly where a new version
// has moved what it reaches for; test/ingest/broker*.test.ts show each at work.
import type { Aedes, Client } from "aedes";
import { BROKER_LIMITS } from "./broker-limits.ts";
import type { PictureLift } from "./broker-pictures.ts";
import { headMistake, packetMistake, publishHeadBytes, TYPE } from "./mqtt-form.ts";

/** What aedes' parser holds of the stream (npm bl). */
export type Chunks = {
  readonly length: number;
  readonly getBuffers: () => readonly Buffer[];
  slice(from: number, to: number): Buffer;
  readUInt8(at: number): number;
  consume(bytes: number): unknown;
  append(bytes: Buffer): unknown;
  prepend(bytes: Buffer): unknown;
};

type Parser = {
  packet: { length: number };
  error: Error | null;
  _list: Chunks;
  parse(bytes: Buffer): number;
  _parseHeader(): boolean;
  _parseLength(): boolean;
  _parsePayload(): boolean;
  emit(event: "error", error: Error): boolean;
};

/** What the broker decides about the packets of one connection. */
export type Door = {
  /** Bytes of the largest packet. */
  readonly bytesMax: number;
  /** Takes pictures out of the stream; null where none come. */
  readonly lift: PictureLift | null;
  /** Milliseconds until the connection may be read on; 0 lets one packet in, Infinity waits for `Guard.resume`. */
  pauseMs(): number;
  /** A well-formed packet is about to be handled; of an answer (PUBACK, PUBREC) `id` is what it answers. */
  onPacket(packet: { readonly type: number; readonly id: number }): void;
};

export type Guard = {
  /** What a pause of Infinity waited for has come. */
  resume(): void;
};

/** Errors of the guard begin with this, so that the broker can count them apart from aedes' own. */
export const MALFORMED = "malformed: ";
export const TOO_LARGE = "packet too large";

const NOTHING = Buffer.alloc(0);
/** More packets than one read can hold. */
const HOLD = 1_000_000;

/**
 * Stands between the socket and aedes' parser, which has no limit on packets, decodes ill-formed text leniently, and
 * queues what follows a CONNECT only up to 42 packets. A packet reaches the parser when its size and form are right;
 * behind the CONNECT, which broker-porch.ts has read already, nothing is parsed until the login is through; a connection
 * that says too much is read more slowly, so that TCP slows the sender down and nothing is lost.
 */
export function guardParser(client: Client, door: Door): Guard {
  const parser = parserOf(client);
  const parse = parser.parse.bind(parser);
  const parseHeader = parser._parseHeader.bind(parser);
  const parseLength = parser._parseLength.bind(parser);
  const parsePayload = parser._parsePayload.bind(parser);
  let head = 0;
  let hasConnect = false;
  let isHeld = false;
  let timer: NodeJS.Timeout | undefined;
  client.conn.once("close", () => clearTimeout(timer));

  const fail = (why: string): false => {
    if (parser.error !== null) return false;
    parser.error = new Error(why);
    parser.emit("error", parser.error);
    return false;
  };
  const hold = (waitMs: number) => {
    isHeld = true;
    addInHand(client, HOLD);
    if (waitMs < Number.POSITIVE_INFINITY) timer = setTimeout(resume, waitMs);
  };
  const resume = () => {
    timer = undefined;
    if (!isHeld || client.closed) return;
    isHeld = false;
    addInHand(client, -HOLD);
    refreshKeepAlive(client);
    parser.parse(NOTHING);
    if (!isHeld) readOn(client);
  };
  parser.parse = (bytes) => {
    const left = parse(bytes);
    joinChunks(parser._list);
    return left;
  };
  parser._parseHeader = () => {
    if (isHeld || client.closed) return false;
    if (hasConnect && !client.connected) return false; // its login is being decided
    head = parser._list.readUInt8(0);
    const mistake =
      headMistake(head) ?? ((head >> 4 === TYPE.connect) === hasConnect ? "CONNECT comes once, first" : null);
    if (mistake !== null) return fail(MALFORMED + mistake); // [MQTT-3.1.0-1, 3.1.0-2]
    const waitMs = hasConnect ? door.pauseMs() : 0;
    if (waitMs <= 0) return parseHeader();
    hold(waitMs);
    return false;
  };
  parser._parseLength = () => {
    if (!parseLength()) return false;
    // How large a message may be is known with its topic, where pictures come.
    if (!hasConnect || parser.packet.length <= door.bytesMax || (head >> 4 === TYPE.publish && door.lift !== null))
      return true;
    return fail(TOO_LARGE);
  };
  parser._parsePayload = () => {
    const { _list: list, packet } = parser;
    if (isHeld) return false;
    if (head >> 4 === TYPE.publish && hasConnect) {
      const step = door.lift?.step(head, packet, list) ?? "none";
      if (step === "no-room") hold(Number.POSITIVE_INFINITY);
      if (step === "no-room" || step === "unfinished") return false;
      if (step === "too-large" || (step === "none" && packet.length > door.bytesMax)) return fail(TOO_LARGE);
    }
    if (list.length < packet.length) return false;
    if (hasConnect) {
      const mistake = packetMistake(head, list.slice(0, bytesToCheck(head, list, packet.length)));
      if (mistake !== null) return fail(MALFORMED + mistake);
    }
    hasConnect = true;
    const isAnswer = head >> 4 >= TYPE.puback && head >> 4 <= TYPE.pubcomp;
    door.onPacket({ type: head >> 4, id: isAnswer ? list.slice(0, 2).readUInt16BE(0) : 0 });
    return parsePayload();
  };
  // What came behind the CONNECT.
  client.once("connected", () => void parser.parse(NOTHING));
  return {
    resume() {
      if (timer === undefined) resume();
    },
  };
}

function bytesToCheck(head: number, list: Chunks, length: number): number {
  if (head >> 4 !== TYPE.publish || length < 2) return length;
  return Math.min(length, publishHeadBytes(list.slice(0, 2)));
}

/** A packet that drips in byte by byte would cost two hundred times its size. */
function joinChunks(list: Chunks): void {
  if (list.getBuffers().length <= BROKER_LIMITS.chunks) return;
  const whole = Buffer.from(list.slice(0, list.length));
  list.consume(list.length);
  list.append(whole);
}

function parserOf(client: Client): Parser {
  const parser: Parser | undefined = Reflect.get(client, "_parser");
  const hasAll = ["parse", "_parseHeader", "_parseLength", "_parsePayload"].every(
    (name) => parser !== undefined && typeof Reflect.get(parser, name) === "function",
  );
  if (parser === undefined || !hasAll || typeof parser._list?.getBuffers !== "function")
    throw new Error("this version of aedes hides its parser: its guard cannot be set");
  return parser;
}

/**
 * aedes reads on when no packet is in hand any more, and takes each "readable" for one that is done: a client that sends
 * its messages one by one would be read without bound. `HOLD` packets in hand keep it from reading.
 */
function addInHand(client: Client, count: number): void {
  const inHand: unknown = Reflect.get(client, "_parsingBatch");
  if (typeof inHand !== "number") throw new Error("this version of aedes counts its packets elsewhere");
  Reflect.set(client, "_parsingBatch", Math.max(0, inHand + count));
}

function readOn(client: Client): void {
  const next: unknown = Reflect.get(client, "_nextBatch");
  if (typeof next !== "function") throw new Error("this version of aedes reads on elsewhere");
  addInHand(client, 1);
  Reflect.apply(next, client, []);
}

/** While we do not read, the client's pings wait in the socket: that is no silence of its own. */
function refreshKeepAlive(client: Client): void {
  const timer: NodeJS.Timeout | null | undefined = Reflect.get(client, "_keepaliveTimer");
  timer?.refresh();
}

/** aedes publishes a will on each end but a DISCONNECT, also on those that are our own doing: there it would be a lie. */
export function dropWill(client: Client): void {
  if (!("will" in client)) throw new Error("this version of aedes keeps wills elsewhere: they cannot be dropped");
  Reflect.set(client, "will", null);
}

/** The client id of who published a packet; null: the house. aedes names it for the "no local" of version 5. */
export function senderIdOf(packet: object): string | null {
  const id: unknown = Reflect.get(packet, "clientId");
  return typeof id === "string" ? id : null;
}

type Stored = { messageId: number };
type Persistence = {
  incomingStorePacket(client: Client, packet: Stored): Promise<unknown>;
  incomingDelPacket(client: Client, packet: Stored): Promise<unknown>;
  putWill(): Promise<unknown>;
  delWill(): Promise<unknown>;
};

/**
 * Calls back when a QoS 2 message is released (PUBREL), which is where aedes drops what it stored of it. What it stores until
 * then is the id, not the payload: a thousand unreleased messages would otherwise be 250 MB. Wills are kept with their client
 * alone: the store's copy, which is for clusters, outlives each client that did not say goodbye.
 */
export function onRelease(aedes: Aedes, released: (client: Client, messageId: number) => void): void {
  const persistence: Persistence = Reflect.get(aedes, "persistence");
  const drop = persistence.incomingDelPacket.bind(persistence);
  persistence.incomingDelPacket = (client, packet) => {
    released(client, packet.messageId);
    return drop(client, packet);
  };
  const store = persistence.incomingStorePacket.bind(persistence);
  persistence.incomingStorePacket = (client, packet) =>
    store(client, Object.assign(Object.create(Object.getPrototypeOf(packet)), packet, { payload: Buffer.alloc(0) }));
  persistence.putWill = () => Promise.resolve();
  persistence.delWill = () => Promise.resolve();
}

/** A client that goes while its login is in hand is registered after its end, and would be kept for ever. */
export function forgetTheGone(aedes: Aedes): void {
  aedes.on("client", (client) => {
    if (!client.closed) return;
    const forget: unknown = Reflect.get(aedes, "deleteClient");
    if (typeof forget !== "function") throw new Error("this version of aedes forgets its clients elsewhere");
    Reflect.apply(forget, aedes, [client.id]);
  });
}

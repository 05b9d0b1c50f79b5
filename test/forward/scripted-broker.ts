// An MQTT server that does what a real one does not: each test says how it answers a packet, and reads what arrived.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { id, packet, text } from "../helpers/raw-mqtt.ts";

/** What the gateway sent, as far as tests ask for it. `version`: of the connection that it came on. */
export type Heard = { readonly version: number; readonly connection: number } & (
  | { readonly kind: "connect"; readonly clientId: string }
  | {
      readonly kind: "publish";
      readonly topic: string;
      readonly messageId: number;
      readonly payload: Buffer;
      readonly isRetained: boolean;
    }
  | { readonly kind: "subscribe"; readonly messageId: number; readonly topic: string }
  | { readonly kind: "other"; readonly type: number }
);

/** Answers one packet itself and returns true, or leaves it to `oblige`. */
export type Script = (heard: Heard, socket: Socket) => boolean;

export type ScriptedBroker = AsyncDisposable & {
  readonly url: string;
  readonly heard: Heard[];
  /** Event ids in the order in which they arrived, repeats included. */
  eventIds(): string[];
  /** To every connection that is open. */
  say(...bytes: Buffer[]): void;
};

export const connack = (version: number, code: number, properties: Buffer = Buffer.alloc(0)): Buffer =>
  packet(0x20, Buffer.from([0, code]), ...(version === 5 ? [Buffer.from([properties.length]), properties] : []));
/** A code of 0 is sent in the short form [MQTT5-3.4.2.1]. */
export const puback = (messageId: number, code = 0): Buffer =>
  packet(0x40, id(messageId), ...(code === 0 ? [] : [Buffer.from([code, 0])]));
export const disconnect = (code: number): Buffer => packet(0xe0, Buffer.from([code, 0]));
/** A message at QoS 0. */
export const message = (version: number, topic: string, payload: string): Buffer =>
  packet(0x30, text(topic), ...(version === 5 ? [Buffer.from([0])] : []), Buffer.from(payload));

/** The usual answer of a friendly server. */
export function oblige(heard: Heard, socket: Socket): void {
  if (heard.kind === "connect") socket.write(connack(heard.version, 0));
  if (heard.kind === "publish") socket.write(puback(heard.messageId));
  if (heard.kind === "subscribe")
    socket.write(
      packet(0x90, id(heard.messageId), ...(heard.version === 5 ? [Buffer.from([0])] : []), Buffer.from([1])),
    );
}

/** A publish of an event, not of the status or a picture. */
export const isEvent = (heard: Heard): heard is Heard & { kind: "publish" } =>
  heard.kind === "publish" && heard.topic.includes("/events/");

/** Answers events as told, and everything else as a friendly server does. */
export const toEvents =
  (answer: (heard: Heard & { kind: "publish" }) => Buffer | "cut" | null): Script =>
  (heard, socket) => {
    if (!isEvent(heard)) return false;
    const said = answer(heard);
    if (said === "cut") socket.destroy();
    else if (said !== null) socket.write(said);
    return true;
  };

export async function startScriptedBroker(script: Script = () => false): Promise<ScriptedBroker> {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    let unread = Buffer.alloc(0);
    let version = 0;
    socket.on("data", (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
      for (let next = cut(unread); next !== null; next = cut(unread)) {
        unread = unread.subarray(next.bytes);
        if (next.head >> 4 === 1) version = next.content.readUInt8(6);
        const one = { ...parse(next, version), version, connection };
        heard.push(one);
        if (!script(one, socket)) oblige(one, socket);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  return {
    url: `mqtt://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    heard,
    eventIds: () =>
      heard.flatMap((one) => (one.kind === "publish" && one.topic.includes("/events/") ? [idIn(one.payload)] : [])),
    say: (...bytes) => {
      for (const socket of sockets) socket.write(Buffer.concat(bytes));
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** The id of an event that was published. */
export function idIn(payload: Buffer): string {
  return /"id":"([^"]+)"/.exec(payload.toString("utf8"))?.[1] ?? "";
}

type Raw = { readonly head: number; readonly content: Buffer; readonly bytes: number };
type Said =
  | Pick<Heard & { kind: "connect" }, "kind" | "clientId">
  | Pick<Heard & { kind: "publish" }, "kind" | "topic" | "messageId" | "payload" | "isRetained">
  | Pick<Heard & { kind: "subscribe" }, "kind" | "messageId" | "topic">
  | Pick<Heard & { kind: "other" }, "kind" | "type">;

/** The first whole packet, or null. */
function cut(bytes: Buffer): Raw | null {
  const length = varint(bytes, 1);
  if (length === null || bytes.length < length.end + length.value) return null;
  const end = length.end + length.value;
  return { head: bytes.readUInt8(0), content: bytes.subarray(length.end, end), bytes: end };
}

function varint(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    value += (byte & 127) * 128 ** index;
    if ((byte & 128) === 0) return { value, end: at + index + 1 };
  }
  return null;
}

function parse({ head, content }: Raw, version: number): Said {
  const textAt = (at: number): string => content.toString("utf8", at + 2, at + 2 + content.readUInt16BE(at));
  const past = (at: number): number => (version === 5 ? skip(content, at) : at);
  switch (head >> 4) {
    case 1:
      return { kind: "connect", clientId: textAt(past(10)) };
    case 3: {
      const topic = textAt(0);
      const idAt = 2 + Buffer.byteLength(topic);
      const messageId = content.readUInt16BE(idAt);
      return {
        kind: "publish",
        topic,
        messageId,
        payload: content.subarray(past(idAt + 2)),
        isRetained: (head & 1) === 1,
      };
    }
    case 8:
      return { kind: "subscribe", messageId: content.readUInt16BE(0), topic: textAt(past(2)) };
    default:
      return { kind: "other", type: head >> 4 };
  }
}

/** Past the properties that begin here. */
function skip(content: Buffer, at: number): number {
  const length = varint(content, at);
  return length === null ? at : length.end + length.value;
}

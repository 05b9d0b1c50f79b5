// The places where we reach into aedes, because it has no option for what has to hold. Each fails loudly where a new version
// has moved what it reaches for; test/ingest/broker.test.ts shows each at work.
import type { Aedes, Client } from "aedes";

type Parser = {
  packet: { length: number };
  _parseLength(): boolean;
  emit(event: "error", error: Error): boolean;
};

/**
 * Ends the connection with "packet too large" as soon as a packet announces more than `limit()` bytes. aedes has no limit of
 * its own: 60 to 256 MB were buffered before login.
 */
export function guardPacketLength(client: Client, limit: () => number): void {
  const parser: Parser | undefined = Reflect.get(client, "_parser");
  if (typeof parser?._parseLength !== "function")
    throw new Error("this version of aedes hides its parser: the length guard cannot be set");
  const parseLength = parser._parseLength.bind(parser);
  parser._parseLength = () => {
    const isComplete = parseLength();
    if (!isComplete || parser.packet.length <= limit()) return isComplete;
    parser.emit("error", new Error("packet too large"));
    return false;
  };
}

/** aedes publishes a will on each end but a DISCONNECT, also on those that are our own doing: there it would be a lie. */
export function dropWill(client: Client): void {
  if (!("will" in client)) throw new Error("this version of aedes keeps wills elsewhere: they cannot be dropped");
  Reflect.set(client, "will", null);
}

type Stored = { messageId: number };
type Persistence = {
  incomingStorePacket(client: Client, packet: Stored): Promise<unknown>;
  incomingDelPacket(client: Client, packet: Stored): Promise<unknown>;
};

/**
 * Calls back when a QoS 2 message is released (PUBREL), which is where aedes drops what it stored of it. What it stores until
 * then is the id, not the payload: a thousand unreleased messages would otherwise be 250 MB.
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
}

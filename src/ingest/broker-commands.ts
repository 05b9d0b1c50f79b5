// What the broker sends to a client: commands from the house, and a bridge's own messages back to it.
import type { AedesPublishPacket, Client, PublishPacket } from "aedes";
import type { Board } from "../core/board.ts";
import { senderIdOf } from "./aedes-inside.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { isSame, type Session, type Sessions } from "./broker-sessions.ts";

/** `payload`: bytes as the device expects them. QoS 1 waits for the device's own acknowledgement. */
export type Command = { readonly topic: string; readonly payload: Uint8Array; readonly qos: 0 | 1 };

type Hearer = { readonly session: Session; readonly qos: number };

/**
 * Sends a command to whoever subscribed to its topic. True when one of them took it: acknowledged it (QoS 1) or was
 * written to (QoS 0, or granted as such). False when nobody listens, or nobody took it within BROKER_LIMITS.commandMs.
 */
export async function sendCommand(sessions: Sessions, command: Command): Promise<boolean> {
  const sent = await Promise.all(sessions.subscribersOf(command.topic).map((hearer) => sendTo(hearer, command)));
  return sent.includes(true);
}

function sendTo({ session, qos: granted }: Hearer, { topic, payload, qos: wanted }: Command): Promise<boolean> {
  const { client, unanswered } = session;
  const qos = wanted === 1 && granted > 0 ? 1 : 0;
  const packet: PublishPacket = {
    cmd: "publish",
    topic,
    payload: Buffer.from(payload),
    qos,
    retain: false,
    dup: false,
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), BROKER_LIMITS.commandMs);
    let id = 0;
    const settle = (isTaken: boolean) => {
      clearTimeout(timer);
      unanswered.delete(id);
      resolve(isTaken);
    };
    client.publish(packet, () => {
      if (qos === 0 || client.conn.destroyed) settle(!client.conn.destroyed);
    });
    if (qos === 0) {
      // aedes writes in an immediate, this one comes right after it, and aedes' callback a turn of the loop later: by then a
      // device that took the command may have gone. What is not written yet, as happens by TLS, waits for that callback.
      setImmediate(() => {
        if (!client.conn.destroyed && client.conn.writableLength === 0) settle(true);
      });
      return;
    }
    // `forward` has run within `publish`, and has chosen the packet's id.
    id = session.packetId;
    unanswered.set(id, settle);
  });
}

/**
 * aedes' `authorizeForward`: the packet as it goes to this client, or null when it may not be sent. A login hears the house
 * and itself, whatever filters the kit gives it: no other login commands its device, and it listens to none (I8).
 */
export function forward(
  client: Client,
  packet: AedesPublishPacket,
  {
    sessions,
    bytesMax,
    board,
  }: {
    readonly sessions: Sessions;
    /** Bytes that may wait to be read by one client. */
    readonly bytesMax: number;
    readonly board: Board;
  },
): AedesPublishPacket | null {
  const session = sessions.all().find((each) => each.client === client);
  const senderId = senderIdOf(packet);
  const sender = senderId === null || senderId === client.id ? session : sessions.get(senderId);
  if (session === undefined || sender === undefined || !isSame(sender.login, session.login)) return null;
  const { conn } = client;
  if (conn.writableLength > bytesMax) {
    board.count("broker.refused.slow-reader");
    conn.destroy(new Error("its messages were not read"));
    return null;
  }
  if (packet.qos === 0) return packet;
  session.packetId = nextPacketId(session);
  return Object.assign(Object.create(Object.getPrototypeOf(packet)), packet, { messageId: session.packetId });
}

/** The client has acknowledged (PUBACK, PUBREC) what was sent under this id. */
export function onAnswer(session: Session, packetId: number): void {
  session.unanswered.get(packetId)?.(true);
}

function nextPacketId({ packetId, unanswered }: Session): number {
  let next = packetId;
  do next = next >= 65_535 ? 1 : next + 1;
  while (unanswered.has(next));
  return next;
}

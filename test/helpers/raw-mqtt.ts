// MQTT 3.1.1 packets written by hand, for what no well-behaved client would send [MQTT-2, MQTT-3].
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const text = (value: string) =>
  Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)]);
/** For contents below 128 bytes, whose length is one byte. */
const packet = (head: number, content: Buffer) => Buffer.concat([Buffer.from([head, content.length]), content]);
const id = (messageId: number) => Buffer.from([messageId >> 8, messageId & 255]);

export const connectPacket = ({
  clientId,
  username,
  password,
  isClean = true,
}: {
  clientId: string;
  username: string;
  password: string;
  isClean?: boolean;
}) =>
  packet(
    0x10,
    Buffer.concat([
      text("MQTT"),
      Buffer.from([4, isClean ? 0xc2 : 0xc0, 0, 60]),
      text(clientId),
      text(username),
      text(password),
    ]),
  );
export const publishPacket = ({
  topic,
  payload,
  qos,
  messageId,
  isAgain = false,
}: {
  topic: string;
  payload: string;
  qos: 1 | 2;
  messageId: number;
  isAgain?: boolean;
}) => packet(0x30 | (isAgain ? 8 : 0) | (qos << 1), Buffer.concat([text(topic), id(messageId), Buffer.from(payload)]));
export const pubrelPacket = (messageId: number) => packet(0x62, id(messageId));

export const PACKET = { connack: 0x20, puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const;

export type RawClient = Disposable & {
  readonly socket: Socket;
  send(...packets: Buffer[]): void;
  /** Waits for the next packet of this kind and gives its two bytes of content as a number. */
  next(kind: number): Promise<number>;
};

/** Answers here are all four bytes long: head, length 2, two bytes. */
export async function openRawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  let unread = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes]);
  });
  return {
    socket,
    send: (...packets) => void socket.write(Buffer.concat(packets)),
    async next(kind) {
      while (unread.length < 4) await once(socket, "data");
      const [head, , high = 0, low = 0] = unread;
      unread = unread.subarray(4);
      if (head === undefined || (head & 0xf0) !== kind) throw new Error(`expected packet ${kind}, got ${head}`);
      return (high << 8) | low;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

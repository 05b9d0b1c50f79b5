// MQTT 3.1.1 packets written by hand, for what no well-behaved client would send [MQTT-2, MQTT-3].
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A text with its length in front; bytes where it is to be ill-formed. */
export const text = (value: string | Buffer) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([id(bytes.length), bytes]);
};
/** A packet of any size, with its first byte. */
export const packet = (head: number, ...fields: Buffer[]) => {
  const content = Buffer.concat(fields);
  const length: number[] = [];
  let rest = content.length;
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([head, ...length]), content]);
};
export const id = (messageId: number) => Buffer.from([messageId >> 8, messageId & 255]);

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
    text("MQTT"),
    Buffer.from([4, isClean ? 0xc2 : 0xc0, 0, 60]),
    text(clientId),
    text(username),
    text(password),
  );
export const publishPacket = ({
  topic,
  payload,
  qos,
  messageId,
  isAgain = false,
}: {
  topic: string;
  payload: string | Buffer;
  qos: 1 | 2;
  messageId: number;
  isAgain?: boolean;
}) => packet(0x30 | (isAgain ? 8 : 0) | (qos << 1), text(topic), id(messageId), Buffer.from(payload));
export const pubrelPacket = (messageId: number) => packet(0x62, id(messageId));

export const PACKET = { connack: 0x20, puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const;

export type RawClient = Disposable & {
  readonly socket: Duplex;
  send(...packets: Buffer[]): void;
  /** Waits for the next packet of this kind and gives its two bytes of content as a number. */
  next(kind: number): Promise<number>;
  /** Waits until the broker ends the connection, and gives what it said that was not read yet. */
  end(): Promise<Buffer>;
};

/** A raw client on a new TCP connection; `localAddress`: one of this machine's loopback addresses. */
export async function openRawClient(port: number, localAddress = "127.0.0.1"): Promise<RawClient> {
  const socket: Socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return rawClient(socket);
}

/** Answers here are all four bytes long: head, length 2, two bytes. */
export function rawClient(socket: Duplex): RawClient {
  socket.on("error", () => undefined);
  const isClosed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let unread = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes]);
  });
  return {
    socket,
    send: (...packets) => void socket.write(Buffer.concat(packets)),
    async next(kind) {
      while (unread.length < 4) {
        const isOver = await Promise.race([once(socket, "data").then(() => false), isClosed.then(() => true)]);
        if (isOver && unread.length < 4) throw new Error("the connection was ended");
      }
      const [head, , high = 0, low = 0] = unread;
      unread = unread.subarray(4);
      if (head === undefined || (head & 0xf0) !== kind) throw new Error(`expected packet ${kind}, got ${head}`);
      return (high << 8) | low;
    },
    async end() {
      await isClosed;
      return unread;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

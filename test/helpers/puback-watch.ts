// Stands between an MQTT client and a broker and counts the acknowledgements that one side writes, by message id.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type PubackWatch = AsyncDisposable & {
  readonly port: number;
  /** Message ids in the order in which they were acknowledged, over all connections. */
  readonly acknowledged: readonly number[];
  /** Breaks what is connected now. */
  cut(): void;
};

const PUBACK = 4;

/** `of`: whose acknowledgements: the side that connects here, or the side at `port`. */
export async function watchPubacks({ port, of }: { port: number; of: "client" | "server" }): Promise<PubackWatch> {
  const acknowledged: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect({ port, host: "127.0.0.1" });
    for (const [socket, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    const read = packetReader((head, body) => {
      if (head >> 4 === PUBACK) acknowledged.push(body.readUInt16BE(0));
    });
    (of === "client" ? client : behind).on("data", read);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    acknowledged,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

/** Calls back with each MQTT packet's first byte and its body [MQTT-2.2]. */
function packetReader(onPacket: (head: number, body: Buffer) => void): (bytes: Buffer) => void {
  let unread = Buffer.alloc(0);
  return (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    for (;;) {
      let length = 0;
      let at = 1;
      for (let shift = 1; ; shift *= 128) {
        const byte = unread[at++];
        if (byte === undefined) return;
        length += (byte & 127) * shift;
        if (byte < 128) break;
      }
      if (unread.length < at + length) return;
      onPacket(unread.readUInt8(0), unread.subarray(at, at + length));
      unread = unread.subarray(at + length);
    }
  };
}

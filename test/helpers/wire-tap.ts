// A listener on the wire between the gateway and a platform: passes bytes on, and keeps what the gateway sent.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type WireTap = AsyncDisposable & {
  readonly port: number;
  /** What the gateway has sent so far, over all connections. */
  sent(): Buffer;
};

/** Towards `port` on this machine. `isOfMqtt3`: what asks for MQTT 5 is refused, as a broker of MQTT 3.1.1 does ([MQTT-3.1.2-2]). */
export async function openWireTap(port: number, { isOfMqtt3 = false } = {}): Promise<WireTap> {
  const sent: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    keep(client);
    let upstream: Socket | null = null;
    client.on("data", (bytes: Buffer) => {
      sent.push(bytes);
      // The level stands after the packet's type, a length of one or two bytes, and the name "MQTT".
      if (isOfMqtt3 && upstream === null && bytes.subarray(0, 12).toString("latin1").includes("MQTT\u0005")) {
        client.end(Buffer.from([0x20, 2, 0, 1]));
        return;
      }
      upstream ??= reach(client);
      upstream.write(bytes);
    });
    client.on("close", () => upstream?.destroy());
  });
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const reach = (client: Socket): Socket => {
    const upstream = connect(port, "127.0.0.1");
    keep(upstream);
    upstream.pipe(client);
    return upstream;
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    sent: () => Buffer.concat(sent),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

// A line to the platform that comes and goes: each connection through it is given a fate by a seeded hand, each of them within
// seven connections. What is cut is cut after a number of bytes, not of seconds, so that a run is quick and can be repeated.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type FlappingLine = AsyncDisposable & {
  readonly url: string;
  /** Connections open at once, at the most; and how many there were of each fate. */
  readonly openMax: () => number;
  readonly fates: ReadonlyMap<string, number>;
};

/** Even a good one lasts a while only. */
const FATES = ["long", "long", "reset-going", "reset-coming", "refused", "silent", "half-closed"] as const;

/** `random`: from 0 to 1. `toPort`: where the platform is, on this machine. */
export async function openFlappingLine({
  toPort,
  random,
}: {
  toPort: number;
  random: () => number;
}): Promise<FlappingLine> {
  const fates = new Map<string, number>();
  let bag: (typeof FATES)[number][] = [];
  const sockets = new Set<Socket>();
  let open = 0;
  let openMax = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    open++;
    openMax = Math.max(openMax, open);
    near.once("close", () => open--);
    if (bag.length === 0) bag = [...FATES];
    const [fate = "long"] = bag.splice(Math.floor(random() * bag.length), 1);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    keep(near);
    if (fate === "refused") return void near.resetAndDestroy();
    if (fate === "silent") return void near.resume().once("end", () => near.destroy());
    const far = connect({ host: "127.0.0.1", port: toPort });
    keep(far);
    near.once("end", () => near.destroy()).once("close", () => far.destroy());
    far.once("close", () => near.end());
    // The whole batch is stored before the answer is cut, or a part of it has not arrived.
    const cut = (): void => {
      if (fate === "half-closed") near.end();
      else near.resetAndDestroy();
    };
    const [going, coming] = [1 + Math.floor(random() ** 2 * 120_000), 1 + Math.floor(random() ** 2 * 6000)];
    const lasting = fate === "long" ? 150_000 + going : going;
    pass(near, far, fate === "reset-going" || fate === "long" ? { after: lasting, cut } : null);
    pass(far, near, fate === "reset-coming" || fate === "half-closed" ? { after: coming, cut } : null);
  });
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket));
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    openMax: () => openMax,
    fates,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

function pass(from: Socket, to: Socket, end: { readonly after: number; readonly cut: () => void } | null): void {
  let bytes = 0;
  from.on("data", (piece: Buffer) => {
    const left = end === null ? piece.length : end.after - bytes;
    bytes += piece.length;
    if (to.writable) to.write(piece.subarray(0, left));
    if (end !== null && bytes >= end.after) end.cut();
  });
}

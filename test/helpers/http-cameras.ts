// HTTP cameras on loopback, that are well or ill.
import { once } from "node:events";
import type { Server } from "node:net";

/** Listens on a free port of 127.0.0.1. */
export async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}

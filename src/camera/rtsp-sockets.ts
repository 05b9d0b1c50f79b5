// The sockets of an RTSP camera: one to the configured camera, and one on loopback that takes our own decoder and nobody else.
import { readFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { connectPeer } from "../core/peer-check.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";

/** `url`: rtsp:// or rtsps://. `ca`: PEM of a private authority. `certSha256`: of the only certificate believed, hex. */
export type CameraAddress = {
  readonly id: string;
  readonly url: string;
  readonly ca?: string | undefined;
  readonly certSha256?: string | undefined;
};

/** RFC 2326, 9.2; 322 by IANA for RTSP over TLS. */
const RTSP_PORT = 554;
const RTSPS_PORT = 322;
const LOOPBACK = "127.0.0.1";

/** `connection`: our decoder's, once it has come; rejects when it does not, or on dispose. */
export type ChildDoor = AsyncDisposable & { readonly port: number; readonly connection: Promise<Socket> };

/**
 * Listens on a loopback port for one connection of a process of our own user; others are cut. Who else runs programs as this
 * user can read the camera's password as well.
 */
export async function openChildDoor(cameraId: string): Promise<ChildDoor> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const late = setTimeout(
    () => reject(new GatewayError("CAMERA_TIMEOUT", `camera ${cameraId}: the decoder did not start`)),
    CAMERA_LIMITS.decoderComesMs,
  );
  let isTaken = false;
  const server = createServer({ noDelay: true }, (socket) => {
    // Somebody who hangs up again needs no answer; after the check, the relay listens for itself.
    socket.on("error", () => socket.destroy());
    void isOurs(socket).then((ours) => {
      if (!ours || isTaken) {
        socket.destroy();
        return;
      }
      isTaken = true;
      clearTimeout(late);
      server.close();
      resolve(socket);
    });
  });
  server.maxConnections = 4;
  server.on("error", reject);
  // Its failure is told by whoever awaits it; nobody may be there yet.
  promise.catch(() => undefined); // the relay awaits it too
  server.listen({ host: LOOPBACK, port: 0, exclusive: true });
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    connection: promise,
    async [Symbol.asyncDispose]() {
      clearTimeout(late);
      reject(new GatewayError("CAMERA_UNREACHABLE", `camera ${cameraId} was closed`));
      if (server.listening) server.close();
    },
  };
}

/** Throws CAMERA_UNREACHABLE or, after LIMITS.cameraConnectMs or `withinMs`, CAMERA_TIMEOUT. The socket is paused. */
export async function dialCamera(
  { id, url, ca, certSha256 }: CameraAddress,
  withinMs: number,
  stop: AbortSignal,
): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "rtsps:";
  const peer = {
    host: hostname,
    port: port === "" ? (isSecure ? RTSPS_PORT : RTSP_PORT) : Number(port),
    trust: isSecure ? { ca, certSha256 } : null,
    connectMs: Math.min(withinMs, LIMITS.cameraConnectMs),
  };
  const outcome = await connectPeer(peer, stop);
  if (outcome.kind === "connected") return outcome.socket.setNoDelay(true);
  const { how, why, hint } = outcome;
  const options = hint === undefined ? {} : { hint };
  throw new GatewayError(how === "timeout" ? "CAMERA_TIMEOUT" : "CAMERA_UNREACHABLE", `camera ${id} ${why}`, options);
}

/**
 * Whether the other end is a process of our own user, by the kernel's table of sockets. Fails closed where there is one; on
 * systems without /proc, where Hedgerow is at most tried out, there is nothing to ask.
 */
async function isOurs({ remotePort, localPort }: Socket): Promise<boolean> {
  const table = await readFile("/proc/self/net/tcp", "latin1").catch(() => null); // refused below where it should be there
  const uid = process.getuid?.();
  if (table === null || uid === undefined) return process.platform !== "linux";
  if (remotePort === undefined || localPort === undefined) return false;
  const at = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  // Columns of proc(5): slot, local address, remote address, state, queues, timer, retransmits, uid.
  const row = table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => local === at(remotePort) && remote === at(localPort));
  return row?.[7] === String(uid);
}

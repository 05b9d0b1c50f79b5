// Finds ONVIF cameras in the local network: one question by multicast (WS-Discovery, the way ONVIF's Core Specification 7.3 asks
// for it), and some seconds of answers. Only when a person asks. The answers are anybody's: bounded, read as text without an XML
// parser (so nothing in them is expanded or fetched), and of each only where it came from, a name and a model are taken.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { Clock } from "../core/clock.ts";
import { waitFor } from "../core/wait.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";

/** `address`: IPv4, of whoever answered. */
export type Answered = { readonly address: string; readonly name: string; readonly model: string };

/** `waitMs`: for answers. `to`: who is asked. `from`: this machine's addresses, one question from each. Both for tests. */
type Deps = {
  readonly clock: Clock;
  readonly waitMs?: number;
  readonly to?: { readonly host: string; readonly port: number };
  readonly from?: readonly string[];
  readonly isOfNetwork?: (address: string) => boolean;
};

const WS_DISCOVERY = { host: "239.255.255.250", port: 3702 };

/** Each that answers within `waitMs`, once, in the order of their addresses. A network that cannot be asked has none. */
export async function findCameras(
  { waitMs = CAMERA_LIMITS.findMs, to = WS_DISCOVERY, from = ownAddresses(), isOfNetwork = isPrivateV4 }: Deps,
  stop: AbortSignal,
): Promise<readonly Answered[]> {
  const found = new Map<string, Answered>();
  let heard = 0;
  const sockets = from.slice(0, CAMERA_LIMITS.findInterfaces).map(() => createSocket({ type: "udp4" }));
  try {
    await Promise.all(
      sockets.map(async (socket, nth) => {
        socket.on("error", () => socket.removeAllListeners("message"));
        socket.on("message", (bytes, { address }) => {
          heard += 1;
          if (heard > CAMERA_LIMITS.findAnswers || !isOfNetwork(address) || found.has(address)) return;
          const camera = answerOf(bytes);
          if (camera !== null && found.size < CAMERA_LIMITS.foundCameras) found.set(address, { address, ...camera });
        });
        await ask(socket, { from: from[nth] ?? "0.0.0.0", to });
      }),
    );
    await waitFor(waitMs, stop);
    stop.throwIfAborted();
  } finally {
    for (const socket of sockets) socket.close();
  }
  return [...found.values()].toSorted((one, other) =>
    one.address.localeCompare(other.address, "en", { numeric: true }),
  );
}

/** Twice: UDP promises nothing. */
async function ask(
  socket: Socket,
  { from, to }: { readonly from: string; readonly to: { readonly host: string; readonly port: number } },
): Promise<void> {
  socket.bind(0, from);
  // `once` rejects for what is emitted as an error.
  const isUp = await once(socket, "listening").then(
    () => true,
    () => false,
  );
  if (!isUp) return;
  const question = Buffer.from(probe(randomUUID()));
  for (let time = 0; time < 2; time += 1) {
    await new Promise<void>((resolve) => {
      // A network that takes no multicast has no camera to find.
      socket.send(question, to.port, to.host, () => resolve());
    });
  }
}

function probe(id: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<e:Header><w:MessageID>uuid:${id}</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To><w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>
<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>`;
}

/** What an answer says of a camera, or null where it is none. Exported for tests: the bytes are anybody's. */
export function answerOf(bytes: Buffer): Pick<Answered, "name" | "model"> | null {
  if (bytes.length > CAMERA_LIMITS.findAnswerBytes) return null;
  const text = bytes.toString("utf8");
  // A document with a definition of its own is no answer of a camera.
  if (/<!(DOCTYPE|ENTITY)/i.test(text) || !text.includes("ProbeMatch")) return null;
  const start = text.search(/Scopes(?:\s[^>]*)?>/);
  const end = start < 0 ? -1 : text.indexOf("<", start);
  const scopes = end < 0 ? [] : text.slice(text.indexOf(">", start) + 1, end).split(/\s+/);
  const isCamera = /NetworkVideoTransmitter|onvif/i.test(text);
  return isCamera ? { name: scopeOf(scopes, "name"), model: scopeOf(scopes, "hardware") } : null;
}

/** `onvif://www.onvif.org/name/Front%20door` */
function scopeOf(scopes: readonly string[], what: "name" | "hardware"): string {
  const before = `onvif://www.onvif.org/${what}/`;
  const scope = scopes.find((each) => each.toLowerCase().startsWith(before));
  if (scope === undefined) return "";
  return decoded(scope.slice(before.length))
    .replaceAll(/[\p{C}<>&"']/gu, " ")
    .trim()
    .slice(0, CAMERA_LIMITS.foundNameChars);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 1918: an answer from elsewhere is none of this network. */
function isPrivateV4(address: string): boolean {
  return /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/.test(address);
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}

// `npm run bench -- cost`: what a gateway costs a day on its line, and ten thousand of them cost a platform. The bytes are
// counted on the wire (TLS, headers, acknowledgements of the protocol above TCP) between the real sink and a server; the day is a
// kit on paper, written out below, so that everybody can put in their own.
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { openHttpsSink } from "../../src/forward/https-sink.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { loadExamples } from "../../src/cli/contract/example-events.ts";
import { makeCertificates } from "../forward/certificates.ts";
import { startScriptedPlatform } from "../forward/scripted-platform.ts";

/** Events a day of a street of twenty sensors and two cameras: windows of a quarter of an hour by day, light levels when they change. */
const DAY: Readonly<Record<string, number>> = {
  "hedgerow.motion.count.v1": 10 * 60,
  "hedgerow.light.level.v1": 5 * 96,
  "hedgerow.light.state.v1": 5 * 4,
  "hedgerow.light.fault.v1": 0.1,
  "hedgerow.device.status.v1": 20,
  "hedgerow.gateway.status.v1": 1,
  "hedgerow.snapshot.withheld.v1": 4,
  "hedgerow.tombstone.v1": 0.1,
  "hedgerow.snapshot.redacted.v1": 2 * 12,
};
const PICTURE_BYTES = 80_000;
const GATEWAYS = 10_000;
/** TCP and IP add some 40 bytes to each of a connection's packets of up to 1,448 bytes, both ways. */
const PACKET_BYTES = 1448;
const never = new AbortController().signal;

export async function benchCost() {
  const examples = await loadExamples({ gateway: "elm-street", firstSequence: 1 });
  const bodies = new Map(
    [...examples.all(), examples.picture().event].map((event) => [event.type, JSON.stringify(event)]),
  );
  const events = Object.values(DAY).reduce((sum, n) => sum + n, 0);
  const bodyBytes = Object.entries(DAY).reduce((sum, [type, n]) => sum + n * (bodies.get(type)?.length ?? 0), 0);
  const pictures = DAY["hedgerow.snapshot.redacted.v1"] ?? 0;
  const alone = await wireBytes(1);
  const [ten, hundred] = [await wireBytes(10), await wireBytes(100)];
  const hello = await handshakeBytes();
  // Bytes beside the bodies for one request of n events, and what a connection costs before it.
  const line = (requests: number, connections: number, perRequest: number) => ({
    requests: Math.round(requests),
    kBytesADay: Math.round(
      (bodyBytes + requests * perRequest + connections * hello + pictures * (PICTURE_BYTES + alone.overhead)) / 1000,
    ),
    kBytesADayWithoutPictures: Math.round((bodyBytes + requests * perRequest + connections * hello) / 1000),
  });
  const perSecond = (n: number) => Math.round(((n * GATEWAYS) / 86_400) * 10) / 10;
  return {
    kit: {
      eventsADay: Math.round(events),
      picturesADay: pictures,
      pictureBytes: PICTURE_BYTES,
      bodyBytesPerEvent: Math.round(bodyBytes / events),
    },
    wire: {
      handshake: hello,
      overheadOfOne: alone.overhead,
      overheadOfTen: ten.overhead,
      overheadOfHundred: hundred.overhead,
    },
    gatewayADay: {
      eachAtOnce: line(events, events / 2, alone.overhead),
      eachHour: line(24, 24, hundred.overhead),
      onceANight: line(Math.ceil(events / 450), 1, hundred.overhead),
    },
    platform: {
      gateways: GATEWAYS,
      eventsPerSecond: perSecond(events),
      picturesPerSecond: perSecond(pictures),
      MBPerSecond: Math.round(((bodyBytes + pictures * PICTURE_BYTES) * GATEWAYS) / 86_400 / 10_000) / 100,
      eventsGBADay: Math.round((bodyBytes * GATEWAYS) / 1e8) / 10,
      picturesGBADay: Math.round((pictures * PICTURE_BYTES * GATEWAYS) / 1e8) / 10,
      idsOf30Days: Math.round(events * 30 * GATEWAYS),
    },
  };

  /** Of a request with so many events on a connection that is open: all bytes both ways less the events' own, packets' headers put in. */
  async function wireBytes(count: number): Promise<{ overhead: number }> {
    const entries = examples.many(count).map((event): Entry => {
      const { id, type, sequence } = event;
      const body = JSON.stringify(event);
      return { sequence: Number(sequence), id, type, subject: "", body, expiresAtMs: Number.MAX_SAFE_INTEGER };
    });
    const content = entries.reduce((sum, { body }) => sum + body.length, 0);
    return withCountedSink(async (sink, counted) => {
      // The client keeps two connections, and opens the second one with its second request.
      for (let n = 0; n < 3; n++) await sink.deliver(entries, noPicture, never);
      const before = counted.bytes;
      await sink.deliver(entries, noPicture, never);
      return { overhead: withPackets(counted.bytes - before) - content };
    });
  }

  async function handshakeBytes(): Promise<number> {
    const [entry] = examples.many(1);
    if (entry === undefined) throw new TypeError("there is no example");
    const body = JSON.stringify(entry);
    return withCountedSink(async (sink, counted) => {
      const one: Entry = {
        sequence: 1,
        id: entry.id,
        type: entry.type,
        subject: "",
        body,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
      };
      await sink.deliver([one], noPicture, never);
      return withPackets(counted.bytes) - alone.overhead - body.length;
    });
  }
}

type Sink = Awaited<ReturnType<typeof openHttpsSink>>;

/** The real sink by TLS to a server that accepts all, through a door that counts. */
async function withCountedSink<T>(use: (sink: Sink, counted: { readonly bytes: number }) => Promise<T>): Promise<T> {
  const certificates = makeCertificates("127.0.0.1");
  await using platform = await startScriptedPlatform(({ request, response }) => {
    const accepted = JSON.parse(request.body.toString()).map(({ id }: { id: string }) => id);
    response.end(JSON.stringify({ accepted, duplicate: [], rejected: [] }));
  }, certificates);
  const counted = { bytes: 0 };
  const sockets = new Set<Socket>();
  const door = createServer((near) => {
    const far = connect(platform.port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => {
        counted.bytes += bytes.length;
        to.write(bytes);
      });
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
    }
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const address = door.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const directory = await mkdtemp(join(tmpdir(), "hedgerow-cost-"));
  try {
    const caFile = join(directory, "ca.pem");
    await writeFile(caFile, certificates.ca);
    await using sink = await openHttpsSink({
      settings: { id: "main", kind: "https", url: `https://127.0.0.1:${port}`, caFile },
      gatewayId: "elm-street",
      key: await openGatewayKey(directory),
      clock: systemClock,
    });
    return await use(sink, counted);
  } finally {
    door.close();
    for (const socket of sockets) socket.destroy();
    await rm(directory, { recursive: true });
  }
}

function withPackets(bytes: number): number {
  return bytes + Math.ceil(bytes / PACKET_BYTES) * 2 * 40;
}

function noPicture(): Promise<Buffer> {
  return Promise.reject(new Error("no pictures here"));
}

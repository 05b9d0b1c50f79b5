// Shown: which filters are asked for, and that no packet of the site's broker is kept in memory beyond its bound, however
// its bytes are cut. No broker is needed here; external-broker.test.ts has real ones.
import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketBound, TOO_LARGE } from "../../src/ingest/external-broker-bound.ts";
import { wantedFilters, written, writtenOtherwise } from "../../src/ingest/external-broker-filters.ts";

const device = (id: string, topic: string, more: object = {}) => ({
  id,
  topic,
  profile: "test/all",
  zone: "porch",
  passwordHash: null,
  ...more,
});
const bridge = (id: string, base: string) => ({ id, base, family: "zigbee2mqtt", passwordHash: null });
const filtersOf = (kit: Parameters<typeof wantedFilters>[0]): string[] =>
  wantedFilters(kit, (_, topic) => [topic, `tele/${topic}/+`]).map(({ filter }) => filter);
const DISCOVERY = ["homeassistant/+/+/config", "homeassistant/+/+/+/config"];

test("each device's filters, each bridge's base and the announcements are asked for", () => {
  const kit = { devices: [device("lamp", "lamp3")], bridges: [bridge("z2m", "zigbee2mqtt")] };
  expect(filtersOf(kit)).toEqual(["zigbee2mqtt/#", "lamp3", "tele/lamp3/+", ...DISCOVERY]);
});

test("what a bridge's filter covers is not asked for again, since it would come twice", () => {
  const kit = { devices: [device("pir", "zigbee2mqtt/pir")], bridges: [bridge("z2m", "zigbee2mqtt")] };
  expect(filtersOf(kit)).toEqual(["zigbee2mqtt/#", "tele/zigbee2mqtt/pir/+", ...DISCOVERY]);
});

test("several filters below a device's own topic are asked for as one", () => {
  const kit = { devices: [device("pir", "z/pir")], bridges: [] };
  const wanted = wantedFilters(kit, (_, topic) => [topic, `${topic}/lux`, `${topic}/set/#`, `tele/${topic}/+`]);
  expect(wanted.map(({ filter }) => filter)).toEqual(["z/pir/#", "tele/z/pir/+", ...DISCOVERY]);
});

test("a wired device and a topic with wildcards are not asked for", () => {
  const devices = [device("gate", "gpio/pi/17", { pin: 17 }), device("sly", "#"), device("sly-too", "$SYS/broker")];
  expect(filtersOf({ devices, bridges: [bridge("sly", "+")] })).toEqual(DISCOVERY);
});

test("two devices on one topic share one filter, which names both", () => {
  const wanted = wantedFilters({ devices: [device("a", "x"), device("b", "x")], bridges: [] }, (_, topic) => [topic]);
  expect(wanted[0]).toEqual({ filter: "x", of: ["a", "b"], isShared: true });
});

test("announcements are never shared: brokers replay retained messages to plain subscriptions only", () => {
  const wanted = wantedFilters({ devices: [device("a", "x")], bridges: [] }, (_, topic) => [topic]);
  expect(wanted.map((each) => written(each, "hedge"))).toEqual(["$share/hedge/x", ...DISCOVERY]);
  expect(wanted.map((each) => written(each, null))).toEqual(["x", ...DISCOVERY]);
  expect(wanted.map((each) => writtenOtherwise(each, "hedge", true))).toEqual(["x", null, null]);
  expect(wanted.map((each) => writtenOtherwise(each, "hedge", false))).toEqual(["$share/hedge/x", null, null]);
});

/** A PUBLISH [MQTT-3.3]; `bytes` of payload. */
function publish({ topic, qos, bytes, id = 7 }: { topic: string; qos: 0 | 1; bytes: number; id?: number }): Buffer {
  const name = Buffer.from(topic);
  const head = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    ...(qos === 1 ? [Buffer.from([id >> 8, id & 255])] : []),
  ]);
  return Buffer.concat([
    Buffer.from([0x30 | (qos << 1)]),
    lengthOf(head.length + bytes),
    head,
    Buffer.alloc(bytes, 65),
  ]);
}

function lengthOf(length: number): Buffer {
  const bytes: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** What comes through when the bytes come in pieces of these sizes, or the error. */
async function through(bytes: Buffer, sizes: readonly number[], isVersion5 = false): Promise<Buffer | Error> {
  const bound = new PacketBound({ bytesMax: 100, isVersion5 });
  const out: Buffer[] = [];
  bound.on("data", (piece: Buffer) => out.push(piece));
  const ended = new Promise<Buffer | Error>((resolve) => {
    bound.once("error", resolve);
    bound.once("end", () => resolve(Buffer.concat(out)));
  });
  let at = 0;
  for (let n = 0; at < bytes.length; n++) {
    const size = Math.max(1, sizes[n % sizes.length] ?? 1);
    bound.write(bytes.subarray(at, at + size));
    at += size;
  }
  bound.end();
  return ended;
}

const standIn = (isVersion5: boolean): Buffer => {
  const plain = publish({ topic: TOO_LARGE, qos: 1, bytes: isVersion5 ? 1 : 0, id: 513 });
  if (isVersion5) plain[plain.length - 1] = 0;
  return plain;
};

test("small packets pass unchanged and a large message becomes a small one with its id, however the bytes are cut", async () => {
  const small = publish({ topic: "a", qos: 1, bytes: 90 });
  const large = publish({ topic: "porch/lux", qos: 1, bytes: 20_000, id: 513 });
  const pingresp = Buffer.from([0xd0, 0]);
  const sent = Buffer.concat([small, large, pingresp, large, small]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (sizes, is5) => {
        const came = await through(sent, sizes, is5);
        const instead = standIn(is5);
        expect(came).toEqual(Buffer.concat([small, instead, pingresp, instead, small]));
      },
    ),
    { numRuns: 60 },
  );
});

test("a large message of QoS 0 has no id, and neither has what stands for it", async () => {
  const came = await through(publish({ topic: "a", qos: 0, bytes: 500 }), [64]);
  expect(came).toEqual(publish({ topic: TOO_LARGE, qos: 0, bytes: 0 }));
});

test("a large packet that is no message, and a topic longer than its packet, end the connection", async () => {
  const suback = Buffer.concat([Buffer.from([0x90]), lengthOf(5000), Buffer.alloc(5000)]);
  expect(await through(suback, [1000])).toBeInstanceOf(Error);
  const lying = Buffer.concat([Buffer.from([0x32]), lengthOf(200), Buffer.from([255, 255]), Buffer.alloc(70_000)]);
  expect(await through(lying, [5000])).toBeInstanceOf(Error);
});

test("random bytes come to an end, as bytes or as an error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 500 }), async (bytes, size) => {
      const came = await through(Buffer.from(bytes), [size]);
      expect(came instanceof Error || came.length >= 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});

// Decoding of what is meant to hurt: sizes, depths, names and numbers that no sensor sends. Families' meanings are in test/devices.
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });

function decode(payload: string | Uint8Array, profileId = "zigbee2mqtt/any", topic = "zigbee2mqtt/porch") {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  return profiles.decode({ profileId, deviceTopic: "zigbee2mqtt/porch", topic, payload: bytes });
}

test("a payload larger than a packet may be is refused unread", () => {
  expect(decode(Buffer.alloc(LIMITS.packetBytes + 1, 32))).toEqual({
    outcome: "dropped",
    reason: "too-large",
    removed: [],
  });
});

test("broken UTF-8, a picture and a lone surrogate are not JSON", () => {
  for (const bytes of [
    Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    Buffer.from([0xc0, 0x80]),
  ]) {
    expect(decode(bytes)).toMatchObject({ outcome: "dropped", reason: "not-json" });
  }
});

test("a byte order mark before JSON is no harm", () => {
  expect(decode(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"occupancy":true}')]))).toMatchObject({
    outcome: "readings",
  });
});

test("nesting as deep as a packet allows is walked without a stack", () => {
  const depth = Math.floor(LIMITS.packetBytes / 2) - 10;
  expect(decode("[".repeat(depth) + "]".repeat(depth))).toMatchObject({ outcome: "ignored", reason: "not-mapped" });
  const objects = Math.floor(LIMITS.packetBytes / 8);
  expect(decode(`${'{"a":'.repeat(objects)}1${"}".repeat(objects)}`)).toMatchObject({
    outcome: "ignored",
    removed: ["a"],
  });
});

test("ten thousand fields are named up to the bound, and long names are cut", () => {
  const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${"x".repeat(5)}${index}`, index]));
  const { removed } = decode(JSON.stringify({ ["n".repeat(500)]: 1, ...fields }));
  expect(removed).toHaveLength(LIMITS.removedNames);
  expect(removed[0]).toHaveLength(LIMITS.removedNameChars);
});

test("a full packet of fields is decoded in a moment, also by a profile that looks for names by pattern", () => {
  const count = 15_000;
  const payload = Buffer.from(
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, { a: 1 }]))),
  );
  expect(payload.byteLength).toBeLessThan(LIMITS.packetBytes);
  const begin = performance.now();
  profiles.decode({ profileId: "tasmota/any", deviceTopic: "own", topic: "tele/own/SENSOR", payload });
  expect(performance.now() - begin).toBeLessThan(100);
});

test("fields of every object, such as constructor and __proto__, are nobody's readings", () => {
  expect(decode('{"__proto__":{"occupancy":true,"battery":5},"constructor":1,"toString":2}')).toMatchObject({
    outcome: "ignored",
    reason: "not-mapped",
    removed: expect.arrayContaining(["__proto__", "constructor", "toString"]),
  });
  expect(Object.hasOwn(Object.prototype, "occupancy")).toBe(false);
});

test("a topic's last level named like an object's insides is a name", () => {
  expect(decode("true", "zigbee2mqtt/any", "zigbee2mqtt/porch/__proto__")).toMatchObject({
    outcome: "ignored",
    reason: "not-mapped",
  });
});

test.each([
  ['{"battery":"100.00"}', 100],
  ['{"battery":" 87 "}', 87],
  ['{"battery":88.3}', 88.3],
  ['{"battery":0}', 0],
  ['{"battery":-0}', 0],
  ['{"battery":1e1}', 10],
])("%s is a battery of %d %%", (payload, value) => {
  expect(decode(payload)).toMatchObject({ outcome: "readings", readings: [{ kind: "battery", value }] });
});

test.each([
  '"Infinity"',
  "1e999",
  '"0x10"',
  '"1,5"',
  "-1",
  "101",
  "{}",
  "[50]",
  '"12abc"',
  `"${"1".repeat(100)}"`,
  "true",
])("a battery of %s is a bad value", (value) => {
  expect(decode(`{"battery":${value}}`)).toMatchObject({ outcome: "dropped", reason: "bad-value" });
});

test.each(['"NaN"', '""', '"unavailable"', '"unknown"', '"None"'])("a battery of %s says nothing", (value) => {
  expect(decode(`{"battery":${value}}`)).toMatchObject({ outcome: "ignored", reason: "not-mapped" });
});

test("one bad value does not take the others along", () => {
  expect(decode('{"occupancy":true,"battery":"low","illuminance":-3}')).toMatchObject({
    outcome: "readings",
    readings: [{ kind: "motion", value: true }],
    removed: ["battery", "illuminance"],
  });
});

test("a bad lux value is not replaced by the raw one beside it", () => {
  expect(decode('{"illuminance_lux":"?","illuminance":9116,"occupancy":true}')).toMatchObject({
    readings: [{ kind: "motion", value: true }],
  });
});

test("a message of nothing but identity is dropped whole", () => {
  const identity = '{"mac":"02:00:00:00:00:01","ssid":"n","ip":"192.0.2.7","gps":{"lat":1,"lon":2},"name":"x"}';
  expect(decode(identity)).toMatchObject({ outcome: "dropped", reason: "identity-only" });
});

test("an unknown profile decodes nothing", () => {
  expect(decode("{}", "no/such")).toEqual({ outcome: "dropped", reason: "no-profile", removed: [] });
});

test("a topic that is only nearly the device's own is not read", () => {
  expect(decode('{"occupancy":true}', "zigbee2mqtt/any", "zigbee2mqtt/porch2")).toMatchObject({
    outcome: "ignored",
    reason: "not-mapped",
  });
  expect(decode('{"occupancy":true}', "zigbee2mqtt/any", "zigbee2mqtt/porch/set")).toMatchObject({
    outcome: "ignored",
    reason: "not-mapped",
  });
});

test("what a bridge says of itself is told apart from what it is about", () => {
  const online = (topic: string, payload: string) =>
    profiles.bridgeOnline({ family: "zigbee2mqtt", base: "z2m/yard", topic, payload: Buffer.from(payload) });
  expect(online("z2m/yard/bridge/state", "online")).toBe(true);
  expect(online("z2m/yard/bridge/state", '{"state":"offline"}')).toBe(false);
  expect(online("z2m/yard/bridge/info", '{"state":"offline"}')).toBeNull();
  expect(online("z2m/yard/bridge/state", "\u0000")).toBeNull();
});

// What real senders announce for Home Assistant, from the announcement to the readings: each fixture is read, merged into a
// proposal, checked by the schema of profiles, compiled, and decodes the sender's own messages.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { compileFamily } from "../../src/profiles/compile.ts";
import { decodeBy } from "../../src/profiles/decode.ts";
import { type Discovery, type Entity, mergeDiscoveries, readDiscovery } from "../../src/profiles/discovery.ts";
import { DISCOVERY_LIMITS } from "../../src/profiles/discovery-limits.ts";
import { toProfile } from "../../src/profiles/discovery-profile.ts";
import { ProfileFile } from "../../src/profiles/schema.ts";

const Fixture = z.strictObject({
  sender: z.string(),
  announcements: z.array(
    z.strictObject({ topic: z.string(), payload: z.record(z.string(), z.unknown()), expect: z.unknown() }),
  ),
  proposal: z
    .strictObject({
      deviceTopic: z.string(),
      name: z.string(),
      on: z.array(z.string()),
      holdS: z.number().optional(),
      staleAfterS: z.number().optional(),
      lamp: z.unknown().optional(),
    })
    .optional(),
  messages: z.array(
    z.strictObject({
      topic: z.string(),
      payload: z.string(),
      readings: z.array(z.tuple([z.string(), z.union([z.boolean(), z.number(), z.string()])])),
    }),
  ),
});

const directory = join(import.meta.dirname, "../fixtures/discovery");
const fixtures = readdirSync(directory).map((file) => ({
  file,
  ...Fixture.parse(JSON.parse(readFileSync(join(directory, file), "utf8"))),
}));

test("there is a fixture for each kind of sender", () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(16);
});

test.each(fixtures)("each announcement is an entity, needs a profile, or is not for us: $file", ({ announcements }) => {
  for (const { topic, payload, expect: expected } of announcements)
    expect(outline(announce(topic, payload)), topic).toEqual(expected);
});

test.each(fixtures.filter(({ proposal }) => proposal !== undefined))(
  "the device becomes a profile that reads its messages: $file",
  ({ announcements, proposal, messages }) => {
    const entities = entitiesOf(announcements);
    expect(new Set(entities.map(({ deviceKey }) => deviceKey)).size).toBe(1);
    const made = toProfile(entities);
    if (made.kind !== "profile") throw new Error(made.why);
    const { deviceTopic, name, entry } = made;
    expect({
      deviceTopic,
      name,
      on: entry.messages.map(({ on }) => on),
      ...("holdS" in entry && { holdS: entry.holdS }),
      ...("staleAfterS" in entry && { staleAfterS: entry.staleAfterS }),
      ...(proposal?.lamp !== undefined && { lamp: entry.lamp }),
    }).toEqual(proposal);
    expect(messages.length).toBeGreaterThan(0);
    for (const { topic, payload, readings } of messages)
      expect(decode(entry, deviceTopic, topic, payload), `${topic} ${payload}`).toEqual(readings);
  },
);

test.each(fixtures)("no name, identifier or address stands in the profile: $file", ({ announcements }) => {
  const made = toProfile(entitiesOf(announcements));
  if (made.kind !== "profile") return expect(announcements.every(isUnread)).toBe(true);
  const text = JSON.stringify(made.entry);
  expect(text).not.toMatch(/02[:]?00[:]?00|0x0200|zigbee2mqtt_|frigate_gate|room-assistant|manufacturer/i);
  expect(text).not.toContain(made.name);
});

test("an empty message takes an announcement back, and only that one", () => {
  const [first, second] = fixtures.find(({ file }) => file === "esphome.json")?.announcements ?? [];
  if (first === undefined || second === undefined) throw new Error("no fixture");
  const known = [first, second].reduce<ReturnType<typeof mergeDiscoveries>>(
    (so, { topic, payload }) => mergeDiscoveries(so, announce(topic, payload)),
    [],
  );
  expect(known).toHaveLength(2);
  const removed = readDiscovery({ topic: first.topic, payload: new Uint8Array() });
  expect(removed.kind).toBe("removed");
  expect(mergeDiscoveries(known, removed)).toEqual([known[1]]);
});

test("announced again, an entity replaces its older self; one that became unreadable does too", () => {
  const topic = "homeassistant/binary_sensor/a/config";
  const once = mergeDiscoveries([], announce(topic, { device_class: "motion", state_topic: "a/b" }));
  const twice = mergeDiscoveries(once, announce(topic, { device_class: "motion", state_topic: "a/c" }));
  expect(twice).toMatchObject([{ kind: "entity", stateTopic: "a/c" }]);
  const worse = mergeDiscoveries(twice, announce(topic, { state_topic: "a/c" }));
  expect(worse).toMatchObject([{ kind: "needs-profile" }]);
  expect(mergeDiscoveries(worse, announce(topic, "nonsense"))).toEqual([]);
});

test("a device has no more entities than the bound", () => {
  let known: ReturnType<typeof mergeDiscoveries> = [];
  for (let index = 0; index < DISCOVERY_LIMITS.entities + 5; index += 1)
    known = mergeDiscoveries(
      known,
      announce(`homeassistant/binary_sensor/a/${index}/config`, {
        device_class: "motion",
        state_topic: `a/${index}`,
        device: { identifiers: ["one"] },
      }),
    );
  expect(known).toHaveLength(DISCOVERY_LIMITS.entities);
  const components = Object.fromEntries(
    Array.from({ length: DISCOVERY_LIMITS.entities + 1 }, (_, index) => [`c${index}`, { p: "sensor" }]),
  );
  expect(announce("homeassistant/device/a/config", { components })).toMatchObject({ kind: "no" });
});

test("what expires is late only where it is no motion: a sensor that speaks of people is silent while there are none", () => {
  const announced = (component: string, more: object) => ({
    topic: `homeassistant/${component}/box/config`,
    payload: { state_topic: `box/${component}`, expire_after: 60, device: { ids: "box" }, ...more },
  });
  const pir = announced("binary_sensor", { device_class: "motion" });
  const lux = announced("sensor", { device_class: "illuminance", unit_of_measurement: "lx" });
  const alone = toProfile(entitiesOf([pir]));
  expect(alone.kind === "profile" && "staleAfterS" in alone.entry).toBe(false);
  expect(toProfile(entitiesOf([pir, lux]))).toMatchObject({ kind: "profile", entry: { staleAfterS: 60 } });
});

test("a second relay is left out and named, since the two would contradict each other", () => {
  const relay = (number: number) =>
    entitiesOf([
      {
        topic: `homeassistant/switch/box/relay${number}/config`,
        payload: { name: `Relay ${number}`, state_topic: `box/relay/${number}`, device: { ids: "box" } },
      },
    ]);
  const made = toProfile([...relay(1), ...relay(2)]);
  expect(made).toMatchObject({ kind: "profile", deviceTopic: "box/relay/1", leftOut: ["Relay 2"] });
});

test("where all availabilities must agree, the bridge's is left out and the device's own stays", () => {
  const topic = "homeassistant/binary_sensor/a/config";
  const at = (mode: string) =>
    entitiesOf([
      {
        topic,
        payload: {
          device_class: "motion",
          state_topic: "z/porch",
          availability_mode: mode,
          availability: [{ topic: "z/bridge/state" }, { topic: "z/porch/link" }, { topic: "z/porch/link/deep" }],
        },
      },
    ]);
  const topicsOf = (mode: string) => {
    const made = toProfile(at(mode));
    return made.kind === "profile" ? made.entry.messages.map(({ on }) => on) : made.why;
  };
  expect(topicsOf("all")).toEqual(["{topic}/link/deep", "{topic}"]);
  expect(topicsOf("latest")).toEqual(["{topic}/link", "{topic}/link/deep", "{topic}"]);
});

test.each([
  ["topics without a common beginning", [{ state_topic: "a/x" }, { state_topic: "b/y" }], "no common beginning"],
  [
    "an address in the middle of topics",
    [{ state_topic: "a/020000000012/x" }, { state_topic: "a/other/y" }],
    "a hardware address",
  ],
  ["a pattern too long", [{ state_topic: "a/x" }, { state_topic: `a/${"y".repeat(250)}` }], "too long"],
])("%s: a person is asked for a profile", (_, options, why) => {
  const entities = entitiesOf(
    options.map((each, index) => ({
      topic: `homeassistant/binary_sensor/a/${index}/config`,
      payload: { ...each, device_class: ["motion", "tamper"][index] },
    })),
  );
  const made = toProfile(entities);
  expect(made).toMatchObject({ kind: "needs-profile", why: expect.stringContaining(why) });
});

test("names are cleaned for people: no line breaks, no text turned around, no more than fits", () => {
  const name = `Porch\n\u202etoor\u0000 ${"x".repeat(500)}`;
  const found = announce("homeassistant/binary_sensor/a/config", {
    device_class: "motion",
    state_topic: "a",
    device: { name },
  });
  if (found.kind !== "entity") throw new Error(found.kind);
  expect(found.deviceName).toMatch(/^Porch toor x+$/);
  expect(found.deviceName).toHaveLength(DISCOVERY_LIMITS.nameChars);
});

function announce(topic: string, payload: unknown): Discovery {
  return readDiscovery({ topic, payload: Buffer.from(JSON.stringify(payload)) });
}

type Announced = { readonly topic: string; readonly payload: unknown };

function entitiesOf(announcements: readonly Announced[]): readonly Entity[] {
  return announcements
    .map(({ topic, payload }) => announce(topic, payload))
    .reduce<ReturnType<typeof mergeDiscoveries>>(mergeDiscoveries, [])
    .filter((each) => each.kind === "entity");
}

function isUnread({ topic, payload }: Announced): boolean {
  return entitiesOf([{ topic, payload }]).length === 0;
}

function outline(found: Discovery | Entity): unknown {
  if (found.kind === "entity") return { kind: "entity", reads: found.reads.map(({ kind }) => kind) };
  if (found.kind === "several") return { kind: "several", parts: found.parts.map(outline) };
  return "why" in found ? { kind: found.kind, why: found.why } : { kind: found.kind };
}

function decode(entry: unknown, deviceTopic: string, topic: string, payload: string): unknown {
  const file = ProfileFile.parse({ title: "Discovered", setup: ["approve it"], profiles: { one: entry } });
  const [profile] = compileFamily("discovered", file).profiles;
  if (profile === undefined) throw new Error("no profile");
  const decoded = decodeBy(profile.messages, { ownTopic: deviceTopic, topic, payload: Buffer.from(payload) });
  return decoded.outcome === "readings" ? decoded.readings.map(({ kind, value }) => [kind, value]) : decoded.reason;
}

// Shown: disclosure is an allow-list (promise 5, I4). Random payloads with secrets in random places go the whole way from bytes
// to events; no secret is in any event, times are no finer than the policy's bucket, and kinds the policy does not name stay.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HouseFact } from "../../src/core/house-fact.ts";
import type { ReadingValue } from "../../src/core/reading.ts";
import { emptyMemory, normalise } from "../../src/normalise/normalise.ts";
import { afterNews, tell } from "../../src/normalise/presence.ts";
import { type Disclosed, disclose, discloseFact, type Event } from "../../src/privacy/disclose.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { testDisclosure, testPolicy } from "../helpers/disclosure.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const atMs = Date.UTC(2026, 10, 21, 10, 20, 30, 456);
const by = testDisclosure({ clock: { nowMs: () => atMs, monotonicMs: () => 0, isSynced: () => true } });

/** Identities of the kinds that real devices send. */
const SECRETS = [
  "Cafe-Wifi-2",
  "02:42:ac:11:00:02",
  "0x00158d00aabbccdd",
  "192.168.7.31",
  "48.8566",
  "Somebody Here",
  "hello neighbour",
  "AB-123-CD",
];
const KEYS = [
  "occupancy",
  "illuminance",
  "battery",
  "linkquality",
  "state",
  "brightness",
  "ssid",
  "SSId",
  "BSSId",
  "mac",
  "ip",
  "latitude",
  "name",
  "text",
  "Wifi",
  "POWER",
  "Switch1",
  "BH1750",
  "ANALOG",
  "Illuminance",
  "Time",
  "zone",
  "sha256",
];

const leaf = fc.oneof(
  fc.constantFrom(...SECRETS),
  fc.constantFrom("ON", "OFF", true, false, null),
  fc.integer({ min: -5, max: 300 }),
  fc.double(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.dictionary(
    fc.oneof(fc.constantFrom(...KEYS), fc.constantFrom(...SECRETS)),
    fc.oneof({ depthSize: "small" }, leaf, tie("tree")),
    { maxKeys: 8 },
  ),
}));

/** What real devices send beside their identities, so that most payloads become readings. */
const REAL = {
  occupancy: true,
  illuminance: 5,
  battery: 80,
  linkquality: 90,
  state: "ON",
  POWER: "ON",
  Switch1: "ON",
  BH1750: { Illuminance: 4 },
  motion: true,
};
const payloads = fc
  .tuple(fc.subarray(Object.entries(REAL)), tree)
  .map(([real, rest]) => ({ ...Object.fromEntries(real), ...Object.fromEntries(Object.entries(rest)) }));

/** Everything that a message of this profile would let out. */
function eventsOf(profileId: string, topic: string, payload: string): Event[] {
  const decoded = profiles.decode({ profileId, deviceTopic: "Somebody Here", topic, payload: Buffer.from(payload) });
  if (decoded.outcome !== "readings") return [];
  const heard = normalise({ memory: emptyMemory, readings: decoded.readings, deviceId: "dev", atMs, isReplay: false });
  const memory = afterNews(heard.memory, heard.news);
  const said = tell({
    memory,
    deviceId: "dev",
    atMs,
    listeningMs: 0,
    isSiteHeld: false,
    isDiscreet: false,
    fields: by.policy.events.fields,
  });
  const events = heard.news
    .map((reading) => disclose(reading, by))
    .flatMap((disclosed) => (disclosed.kind === "event" ? [disclosed.event] : []));
  return said.status === null ? events : [...events, discloseFact(said.status, by)];
}

test("no identity that a device sends is in any event, whatever the payload", () => {
  let made = 0;
  fc.assert(
    fc.property(fc.constantFrom(...profiles.list.map(({ id }) => id)), payloads, (profileId, payload) => {
      for (const topicFilter of profiles.publishFilters(profileId, "Somebody Here")) {
        const topic = topicFilter.replaceAll("+", "SENSOR").replaceAll("#", "x");
        const text = eventsOf(profileId, topic, JSON.stringify(payload))
          .map((event) => JSON.stringify(event.content))
          .join("\n");
        if (text !== "") made++;
        for (const secret of SECRETS) expect(text).not.toContain(secret);
      }
    }),
    { numRuns: 3000 },
  );
  // The property would hold of a house that says nothing.
  expect(made).toBeGreaterThan(500);
});

test("no time of an event is finer than the policy's bucket", () => {
  const buckets = fc.integer({ min: 1, max: 3600 });
  fc.assert(
    fc.property(buckets, fc.integer({ min: atMs - 1e9, max: atMs }), (timeBucketS, at) => {
      const policy = testPolicy({ timeBucketS, motion: { mode: "each" } });
      const { attributes } = eventOf(
        disclose({ kind: "motion", value: true, deviceId: "dev", atMs: at }, { ...by, policy }),
      ).content;
      const times = [attributes.time, attributes.recordedtime, attributes.expirytime].map((text) => Date.parse(text));
      for (const time of times) expect(time % (timeBucketS * 1000)).toBe(0);
      expect(times[0]).toBeLessThanOrEqual(at);
    }),
  );
});

test("a policy that names nothing lets nothing of the street out", () => {
  const quiet = { ...by, policy: testPolicy({ light: false }) };
  const readings: ReadingValue[] = [
    { kind: "motion", value: true },
    { kind: "presence", value: true },
    { kind: "illuminance", value: 12 },
    { kind: "light-category", value: "dark" },
    { kind: "switch", value: true },
    { kind: "brightness", value: 50 },
    { kind: "contact", value: true },
  ];
  for (const reading of readings)
    expect(disclose({ ...reading, deviceId: "dev", atMs }, quiet).kind, reading.kind).toBe("withheld");
});

test("battery and link leave only where the policy names them", () => {
  const fact: HouseFact = {
    kind: "device-status",
    deviceId: "dev",
    state: "ok",
    flags: ["low-battery"],
    batteryPct: 9.6,
    linkPct: 44,
    atMs,
  };
  const dataOf = (fields: object) =>
    discloseFact(fact, { ...by, policy: testPolicy({ fields }) }).content.attributes.data;
  expect(dataOf({})).toEqual({ zone: "porch", clock: "synced", state: "ok", flags: ["low-battery"] });
  expect(dataOf({ batteryPct: true, linkPct: true })).toMatchObject({ batteryPct: 10, linkPct: 44 });
});

test("an event names a device by its pseudonym and never by its id", () => {
  const text = JSON.stringify(
    eventOf(disclose({ kind: "motion", value: true, deviceId: "somebodys-porch", atMs }, by)).content,
  );
  expect(text).not.toContain("somebodys-porch");
});

function eventOf(disclosed: Disclosed): Event {
  if (disclosed.kind !== "event") throw new Error(`withheld: ${JSON.stringify(disclosed)}`);
  return disclosed.event;
}

// Shown: whatever devices send and whatever the policy says, what leaves is what a stranger expects who has read the policy
// alone (promise 5, I4). Random policies, mutated messages of all families, the real road from bytes to the body of a delivery,
// and a judge who knows nothing of disclose.ts (helpers/outgoing-oracle.ts). `RUNS` and `SEED` as in every such test.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { bodyOf } from "../../src/forward/batch.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { testDisclosure, testPolicy } from "../helpers/disclosure.ts";
import { fixtureLines, withIdentities, withIdentitiesInstead, withOtherNumbers } from "../helpers/fixture-lines.ts";
import { findIdentities, madeUpIdentities } from "../helpers/identities.ts";
import { mistakesIn, type OracleHouse } from "../helpers/outgoing-oracle.ts";
import { seededRandom } from "../helpers/random.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { testRoad } from "../helpers/test-road.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const RUNS = Number(process.env["RUNS"] ?? (process.env["SOAK"] === undefined ? 15 : 400));
const MESSAGES = 60;
const START = Date.UTC(2026, 10, 21, 12, 3, 4, 567);
const CELL = "u09tun";
const ZONES = ["porch", "path", "private-door"];

const profiles = await openProfiles({ directories: [builtInProfiles] });
const fixtures = await fixtureLines();

const events = fc.record(
  {
    timeBucketS: fc.constantFrom(1, 60, 900, 3600, 86_400),
    motion: fc.oneof(
      fc.constantFrom({ mode: "none" }, { mode: "each" }),
      fc.record({
        mode: fc.constant("counts"),
        windowS: fc.constantFrom(1, 60, 900, 3600),
        atLeast: fc.integer({ min: 1, max: 6 }),
      }),
    ),
    light: fc.boolean(),
    fields: fc.record({ batteryPct: fc.boolean(), linkPct: fc.boolean() }),
    lightOfMotionSensors: fc.boolean(),
    perDay: fc.record(
      {
        "light.level": fc.integer({ min: 0, max: 5 }),
        "light.state": fc.integer({ min: 0, max: 5 }),
        motion: fc.integer({ min: 0, max: 5 }),
      },
      { requiredKeys: [] },
    ),
    pseudonyms: fc.constantFrom("never", "yearly", "quarterly", "monthly"),
    zones: fc.boolean(),
    cellLetters: fc.integer({ min: 0, max: 6 }),
  },
  { requiredKeys: [] },
);
const quiet = fc.record({ zones: fc.subarray(["private-door"]) }, { requiredKeys: [] });

/** Lives that always are among them: of each kind of event there is one. */
const EXAMPLES: [object, object, number][] = [
  [{ motion: { mode: "each" }, fields: { batteryPct: true, linkPct: true } }, {}, 1],
  [{ motion: { mode: "counts", windowS: 60, atLeast: 1 }, lightOfMotionSensors: true }, {}, 2],
  [{ motion: { mode: "each" }, zones: false, cellLetters: 0 }, { zones: ["private-door"] }, 3],
];

test("what leaves is of the policy's fields, words, zones, times and counts, whatever came in", async () => {
  console.info(`adversary: SEED=${SEED} RUNS=${RUNS}`);
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(events, quiet, fc.integer({ min: 0, max: 2 ** 31 }), async (rules, hushed, seed) => {
      const { bodies, house, said } = await lived({ rules, hushed, seed });
      for (const body of bodies) expect(mistakesIn(body, house), body).toEqual([]);
      expect(findIdentities(Buffer.from(bodies.join("")), said)).toEqual([]);
      expect(overBudget(bodies, house)).toEqual([]);
      for (const body of bodies) seen.add(JSON.parse(body).type);
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true, examples: EXAMPLES },
  );
  // Else nothing was judged.
  for (const type of ["motion.detected", "motion.count", "light.level", "light.state", "device.status"])
    expect([...seen]).toContain(`hedgerow.${type}.v1`);
}, 300_000);

test("the judge finds what it is there for", () => {
  const house = oracleOf(testPolicy({ motion: { mode: "counts", atLeast: 3 }, zones: true, cellLetters: 4 }));
  const good = event({ zone: "porch", cell: "u09t", clock: "synced", state: "ok", flags: [] });
  expect(mistakesIn(JSON.stringify(good), house)).toEqual([]);
  for (const [changed, mistake] of [
    [{ ...good, note: "x" }, "device.status.note"],
    [{ ...good, subject: "porch-lamp" }, "device.status.subject"],
    [{ ...good, time: "2026-11-21T12:00:01.000Z" }, "device.status.time"],
    [{ ...good, data: { ...good.data, zone: "Somebody" } }, "data.zone"],
    [{ ...good, data: { ...good.data, cell: CELL } }, "data.cell"],
    [{ ...good, data: { ...good.data, flags: ["02:42:ac:11:00:02"] } }, "data.flags"],
    [{ ...good, data: { ...good.data, batteryPct: 50 } }, "data.batteryPct"],
    [{ ...good, type: "hedgerow.motion.detected.v1" }, "motion.detected"],
  ] as const)
    expect(mistakesIn(JSON.stringify(changed), house).join(), mistake).toContain(mistake);
  const count = { ...event({ zone: "porch", clock: "synced", count: 2 }), type: "hedgerow.motion.count.v1" };
  expect(mistakesIn(JSON.stringify(count), house).join()).toContain("data.count: 2");
});

function event(data: Readonly<Record<string, unknown>>) {
  const time = "2026-11-21T12:00:00.000Z";
  return {
    specversion: "1.0",
    id: "000000000001-00112233445566778899",
    source: "urn:hedgerow:test",
    type: "hedgerow.device.status.v1",
    subject: "device-00112233445566778899",
    time,
    recordedtime: time,
    expirytime: time,
    dataschema: "urn:hedgerow:schema:device.status.v1",
    dataclassification: "internal",
    sequence: "000000000001",
    datacontenttype: "application/json",
    data,
  };
}

function oracleOf(policy: OracleHouse["policy"], behind: OracleHouse["behind"] = () => null): OracleHouse {
  return { policy, gatewayId: "test", version: "1.0.0", zones: ZONES, cell: CELL, behind };
}

/** More events of a class from one device than the policy lets it cause in a day; the whole life is of one day. */
function overBudget(bodies: readonly string[], { policy }: OracleHouse): string[] {
  const told = new Map<string, number>();
  for (const body of bodies) {
    const { type, subject } = JSON.parse(body);
    const eventClass = /^hedgerow\.(light\.level|light\.state|motion)/.exec(type)?.[1];
    if (eventClass !== undefined) told.set(`${eventClass} ${subject}`, (told.get(`${eventClass} ${subject}`) ?? 0) + 1);
  }
  return [...told].flatMap(([key, n]) => {
    const most = Object.entries(policy.events.perDay).find(([eventClass]) => key.startsWith(eventClass))?.[1];
    return most !== undefined && n > most ? [`${key}: ${n} of ${most}`] : [];
  });
}

/** A gateway's life under a policy: some devices of the fixtures, their messages as they are and ill, ten minutes, the bodies. */
async function lived({ rules, hushed, seed }: { rules: object; hushed: object; seed: number }) {
  const random = seededRandom(seed);
  const said = madeUpIdentities(random);
  const policy = { ...testPolicy(rules), quiet: { zones: [], hours: [], ...hushed } };
  const from = Math.floor(random() * (fixtures.lines.length - MESSAGES));
  const lines = fixtures.lines.slice(from, from + MESSAGES);
  const devices = fixtures.devices.map((device, n) => ({ ...device, zone: ZONES[n % ZONES.length] ?? "porch" }));
  const time = { nowMs: START };
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs - START, isSynced: () => true };
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path, { clock });
  const disclosure = testDisclosure({
    policy,
    clock,
    cell: CELL,
    zoneOf: (id) => devices.find((device) => device.id === id)?.zone ?? "unknown",
  });
  const road = testRoad({ profiles, devices, bridges: fixtures.bridges, disclosure, spool, clock });
  const taken: Promise<void>[] = [];
  for (const { topic, payload } of lines) {
    const ill = [
      payload,
      withIdentities(payload, said),
      withIdentitiesInstead(payload, said, random),
      withOtherNumbers(payload, random),
    ][Math.floor(random() * 4)];
    const login = { kind: "site", id: "site" } as const;
    const arrival = { topic, payload: Buffer.from(ill ?? payload), isReplay: false, login, receivedAtMs: time.nowMs };
    taken.push(road.take(arrival));
    time.nowMs += Math.floor(random() * 20_000);
    if (random() < 0.2) await road.tick();
  }
  await Promise.all(taken);
  // Every window is over by then.
  time.nowMs += 2 * 3_600_000;
  await road.tick();
  const span = { fromMs: START, toMs: time.nowMs };
  const known = new Map(
    devices.flatMap(({ id, zone, profile }) => {
      const kinds: readonly string[] = profiles.get(profile)?.kinds ?? [];
      const sensesMotion = kinds.includes("motion") || kinds.includes("presence");
      return disclosure.pseudonyms.namesOf("device", id, span).map((name) => [name, { zone, sensesMotion }] as const);
    }),
  );
  const bodies = waitingFor(spool, time.nowMs).map((entry) => JSON.stringify(JSON.parse(bodyOf([entry]))[0]));
  return { bodies, said, house: oracleOf(policy, (subject) => known.get(subject) ?? null) };
}

// Shown: a policy that becomes tighter acts on all that waits in a real spool (I10): for random policies each entry that is left is
// allowed by the new one, what was offered keeps its bytes, every number that is gone is named, the sums hold, a crash on the way
// is no matter, and nothing of it is left in the files. The platform is told once.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog } from "../src/core/log.ts";
import { applyPolicy, rulesMoved } from "../src/policy-change.ts";
import { discloseFact } from "../src/privacy/disclose.ts";
import { type Policy, SCHEMAS } from "../src/settings/schema.ts";
import { SPOOL_LIMITS } from "../src/spool/spool-limits.ts";
import type { Batch, Spool } from "../src/spool/spool.ts";
import { breachesOf, type SentEvent } from "./helpers/allowed-by.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { MASK, policies, policyPairs } from "./helpers/policies.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { markersIn, openTestSpool, query } from "./helpers/test-spool.ts";
import {
  behind,
  DEVICES,
  disclosureOf,
  namesUntil,
  PROFILES,
  SITE_CAMERAS,
  toldAt,
  WHEN,
} from "./helpers/told-events.ts";
import { addPicture } from "./helpers/waiting-pictures.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 7, 31);
const HOUR_MS = 3_600_000;
const NAMES = namesUntil(NOW_MS);
const OWN = /^hedgerow\.(tombstone|gateway\.status|policy\.changed|erasure\.requested)\.v1$/;

/** `sha256`: as of the policy's file. */
type Applied = { readonly policy: Policy; readonly sha256?: string; readonly tighten?: Spool["tighten"] };

async function openHouse() {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime(NOW_MS);
  let spool = await openTestSpool(directory.path, { clock: time.clock });
  stack.defer(() => spool[Symbol.asyncDispose]());
  const owned = stack.move();
  const { path: dataDir } = directory;
  return {
    dataDir,
    time,
    spool: () => spool,
    async reopen() {
      await spool[Symbol.asyncDispose]();
      spool = await openTestSpool(dataDir, { clock: time.clock });
    },
    async apply({ policy, sha256 = JSON.stringify(policy), tighten }: Applied) {
      const disclosure = { ...disclosureOf(policy, NOW_MS), clock: time.clock };
      const own = {
        erasable: spool.erasable,
        state: (prefix: string) => spool.state(prefix),
        append: (batch: Batch) => spool.append(batch),
        newestSequence: () => spool.newestSequence(),
        tighten: tighten ?? ((part: Parameters<Spool["tighten"]>[0]) => spool.tighten(part)),
        shortenRetention: (to: Parameters<Spool["shortenRetention"]>[0]) => spool.shortenRetention(to),
      };
      const tell: Parameters<typeof applyPolicy>[0]["tell"] = (fact, discard) =>
        spool.append({ make: [{ event: discloseFact(fact, disclosure) }], ...(discard && { discard }) });
      const kit = { devices: DEVICES, cameras: SITE_CAMERAS };
      await applyPolicy({
        disclosure,
        policySha256: sha256,
        kit,
        profiles: PROFILES,
        ...WHEN,
        spool: own,
        tell,
        log: silentLog,
      });
      await spool.settled();
    },
    async make(policy: Policy, moments: readonly number[]) {
      const told = moments.flatMap((atMs, number) => toldAt(atMs, { number, policy, names: NAMES }));
      await Promise.all(told.map((event) => spool.append({ make: [{ event }] })));
    },
    offer: (entriesMax: number, isUrgent = false) =>
      spool.peek({ sinkId: "main", entriesMax, bytesMax: 1e9, nowMs: time.clock.nowMs(), isUrgent }),
    /** All that waits, by sequence, as it lies on the disk: asking the spool for it would offer it. */
    entries(): Map<number, string> {
      const rows = query(dataDir, "SELECT sequence, body FROM entries ORDER BY sequence");
      return new Map(rows.map((row) => [Number(row["sequence"]), String(row["body"])]));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const parse = (body: string): SentEvent => JSON.parse(body);
const policyOf = (events: object, rest: object = {}): Policy =>
  SCHEMAS.policy.parse({ version: 1, controller: { name: "Test", contact: "a@b.example" }, events, ...rest });
const WIDE = { motion: { mode: "each" }, fields: { batteryPct: true, linkPct: true }, retentionHours: 720 };
const HOURS_BACK = Array.from({ length: 20 }, (_, n) => NOW_MS - n * HOUR_MS);

const moments = fc.uniqueArray(fc.integer({ min: NOW_MS - 20 * HOUR_MS, max: NOW_MS }), { minLength: 2, maxLength: 4 });

test("for any two policies, what is left is allowed by the second, offered or not, and all that is gone is named", async () => {
  const seen = new Set<string>();
  const pairs = fc.oneof(policyPairs, fc.tuple(policies, policies));
  const property = fc.asyncProperty(
    pairs,
    moments,
    fc.integer({ min: 0, max: 12 }),
    async ([before, now], at, offered) => {
      // Buckets that became finer change nothing of what was rounded.
      fc.pre(now.events.timeBucketS >= before.events.timeBucketS);
      await using house = await openHouse();
      await house.apply({ policy: before });
      await house.make(before, at);
      const last = house.spool().newestSequence();
      const seenBySink = new Map(house.offer(offered).map(({ sequence, body }) => [sequence, body]));
      if (offered % 2 === 0) await house.reopen();
      await house.apply({ policy: now });
      const left = house.entries();
      const named = [...left.values()]
        .map(parse)
        .flatMap(({ data }) => (Array.isArray(data["sequences"]) ? data["sequences"] : []));
      for (let sequence = 1; sequence <= last; sequence++) {
        const body = left.get(sequence);
        expect(named.includes(sequence), `${sequence} is left or named`).toBe(body === undefined);
        if (body === undefined) continue;
        const event = parse(body);
        const wasOffered = seenBySink.get(sequence);
        if (wasOffered !== undefined) expect(body, "one id has one body").toBe(wasOffered);
        seen.add(wasOffered === undefined ? "not offered" : "offered");
        // The house's own words keep their times where a sink may have seen them, or others beside them.
        const mayBeFiner = OWN.test(event.type) && seenBySink.size > 0;
        const breaches = breachesOf(event, now, behind(event, NAMES));
        expect(breaches.filter((what) => !(mayBeFiner && /is finer|the cell/.test(what)))).toEqual([]);
      }
      const { "entry.made.main": made = 0, "entry.erased.main": erased = 0 } = house.spool().counters();
      expect(made).toBe(erased + left.size);
    },
  );
  await fc.assert(property, { numRuns: Number(process.env["RUNS"] ?? 10) });
  expect(seen).toEqual(new Set(["offered", "not offered"]));
}, 60_000);

test("a start that is cut off on the way does the rest at the next one, and rewrites nothing that was offered meanwhile", async () => {
  await using house = await openHouse();
  const [before, now] = [policyOf(WIDE), policyOf({ ...WIDE, zones: false, light: false })];
  await house.apply({ policy: before });
  await house.make(before, HOURS_BACK);
  const made = house.entries().size;
  let parts = 0;
  const cutOff: Spool["tighten"] = (part) => {
    if (parts++ > 0) throw new Error("a power cut");
    return house.spool().tighten({ ...part, entriesMax: 50 });
  };
  await expect(house.apply({ policy: now, tighten: cutOff })).rejects.toThrow("a power cut");
  expect([...house.entries().values()].filter((body) => body.includes('"zone":"site"')).length).toBeGreaterThan(0);
  await house.reopen();
  await house.apply({ policy: now });
  const left = [...house.entries().values()].map(parse);
  expect(left.flatMap((event) => breachesOf(event, now, behind(event, NAMES)))).toEqual([]);
  const gone = left.flatMap(({ data }) => (Array.isArray(data["sequences"]) ? data["sequences"] : []));
  expect(new Set(gone).size).toBe(gone.length);
  expect(left.filter(({ data }) => data["sequences"] === undefined).length + gone.length - 1).toBe(made);
});

test("nothing of what is said with less, or goes, is left in the files of the spool", async () => {
  await using house = await openHouse();
  await house.apply({ policy: policyOf(WIDE) });
  await house.make(policyOf(WIDE), HOURS_BACK);
  const [own, ...others] = house.offer(6);
  const rejected = others.map((entry) => ({ entry, why: "no" }));
  await house.spool().settle({ sinkId: "main", accepted: own === undefined ? [] : [own], rejected });
  const markers = ['"batteryPct":50', '"zone":"porch"', '"cell":"u09tun"', "hedgerow.light.level"];
  await writeFile(join(house.dataDir, "spool.db.damaged-1"), markers.join());
  expect(await markersIn(house.dataDir, markers)).toEqual(markers);
  const now = { ...WIDE, fields: {}, zones: false, cellLetters: 3, light: false };
  await house.apply({ policy: policyOf(now) });
  house.time.pass(SPOOL_LIMITS.scrubErasedMs + 1);
  await house.spool().timeSettled();
  expect(await markersIn(house.dataDir, [...markers, '"zone":"site"'])).toEqual(['"zone":"site"']);
  expect(house.spool().deadLetters(100)).toEqual([]);
});

const CAMERA = { purpose: { en: "Is the gate open?" }, until: "2027-01-01", retentionHours: 72 };

test.each<readonly [string, object]>([
  ["has another mask", { cameras: { "gate-cam": { ...CAMERA, masks: [MASK] } } }],
  ["is gone", {}],
  ["looks at a quiet zone", { cameras: { "gate-cam": CAMERA }, quiet: { zones: ["path"] } }],
  [
    "looked in hours that are quiet now",
    { cameras: { "gate-cam": CAMERA }, quiet: { hours: [{ between: ["00:00", "23:59"] }] } },
  ],
])(
  "pictures of a camera that %s go, rows and files: those that wait and the one that the page shows",
  async (_, rest) => {
    await using house = await openHouse();
    const before = policyOf(WIDE, { cameras: { "gate-cam": CAMERA, "yard-cam": CAMERA } });
    await house.apply({ policy: before });
    await house.make(before, HOURS_BACK.slice(0, 2));
    const pictures = [...house.entries()].filter(([, body]) => parse(body).type.includes("light.level")).slice(0, 3);
    for (const [sequence] of pictures)
      await addPicture(house.dataDir, { sequence, bytes: 100, camera: "gate-cam", isSnapshot: true });
    const delivered = house.offer(100).filter(({ sequence }) => sequence === pictures.at(-1)?.[0]);
    await house.spool().settle({ sinkId: "main", accepted: delivered, rejected: [] });
    expect(house.spool().lastPicture("gate-cam")).not.toBeNull();
    await house.apply({ policy: policyOf(WIDE, rest) });
    await house.spool().sweepPictures(await house.spool().timeSettled());
    expect(house.spool().lastPicture("gate-cam")).toBeNull();
    expect(await readdir(join(house.dataDir, "images"))).toEqual([]);
    expect([...house.entries().values()].filter((body) => body.includes("snapshot.redacted"))).toEqual([]);
  },
);

test("the platform is told once which policy holds, with what moved, and again where only the file's words changed", async () => {
  await using house = await openHouse();
  const told = () =>
    [...house.entries().values()]
      .map(parse)
      .filter(({ type }) => type.includes("policy.changed"))
      .map(({ data }) => [data["change"], data["policy"], data["tighter"], data["looser"]]);
  const [first, second] = [
    policyOf(WIDE),
    policyOf({ ...WIDE, zones: false, fields: { batteryPct: true }, timeBucketS: 1 }),
  ];
  await house.apply({ policy: first, sha256: "a" });
  await house.apply({ policy: first, sha256: "a" });
  expect(told()).toEqual([["in-force", "a", 0, 0]]);
  await house.apply({ policy: first, sha256: "b" });
  expect(rulesMoved(house.spool(), second)).toEqual({ tighter: 2, looser: 1 });
  await house.reopen();
  await house.apply({ policy: second, sha256: "c" });
  await house.apply({ policy: second, sha256: "c" });
  expect(told()).toEqual([
    ["in-force", "a", 0, 0],
    ["in-force", "b", 0, 0],
    ["in-force", "c", 2, 1],
  ]);
});

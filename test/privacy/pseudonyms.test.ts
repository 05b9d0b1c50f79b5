// Shown: a device's name outside holds for a season of the policy and then changes; all names of a span can be told, for an
// erasure; the names of gateways from before there were seasons stay as they were where the policy says never.
import { createHmac } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPseudonyms, openPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { type Rhythm, seasonAt, seasonsIn } from "../../src/privacy/seasons.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const key = Buffer.alloc(32, 7);
const PARIS = "Europe/Paris";
const NOV_21 = Date.UTC(2026, 10, 21, 10, 20);

test.each([
  ["monthly", "2026-11", Date.UTC(2026, 9, 31, 23), Date.UTC(2026, 10, 30, 23)],
  ["quarterly", "2026-Q4", Date.UTC(2026, 8, 30, 22), Date.UTC(2026, 11, 31, 23)],
  ["yearly", "2026", Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31, 23)],
] as const)("a %s season begins and ends at midnight where the site is", (rhythm, name, fromMs, toMs) => {
  expect(seasonAt(NOV_21, { rhythm, timezone: PARIS })).toEqual({ name, fromMs, toMs });
});

test("seasons follow each other without a gap, in any time zone", () => {
  const zones = fc.constantFrom(
    "Europe/Paris",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Sao_Paulo",
  );
  const rhythms = fc.constantFrom<Rhythm>("monthly", "quarterly", "yearly");
  const moments = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2060, 0, 1) });
  fc.assert(
    fc.property(zones, rhythms, moments, (timezone, rhythm, atMs) => {
      const season = seasonAt(atMs, { rhythm, timezone });
      expect(season.fromMs <= atMs && atMs < season.toMs).toBe(true);
      expect(seasonAt(season.toMs, { rhythm, timezone }).fromMs).toBe(season.toMs);
      expect(seasonAt(season.toMs - 1, { rhythm, timezone })).toEqual(season);
    }),
    { numRuns: 300 },
  );
});

test("the same device has the same name within a season, another in the next, and comes back under none of the old", () => {
  const names = createPseudonyms({ key, rhythm: "monthly", rhythms: ["monthly"], timezone: PARIS });
  const months = Array.from({ length: 24 }, (_, n) => Date.UTC(2026, n, 15));
  const given = months.map((atMs) => names.nameOf("device", "porch", atMs));
  expect(new Set(given).size).toBe(24);
  expect(names.nameOf("device", "porch", (months[3] ?? 0) + 86_400_000)).toBe(given[3]);
  expect(names.namesOf("device", "porch", { fromMs: months[0] ?? 0, toMs: months[23] ?? 0 })).toEqual(given);
  expect(names.seasonAt(NOV_21).toMs).toBe(Date.UTC(2026, 10, 30, 23));
  expect(names.nameOf("camera", "porch", months[0] ?? 0)).not.toBe(given[0]?.replace("device", "camera"));
});

test("a clock that was never set names by a season of its own", () => {
  const by = { rhythm: "monthly", timezone: PARIS } as const;
  expect(seasonAt(5000, by).name).toBe(seasonAt(Date.UTC(2020, 5, 5), by).name);
  expect(
    seasonsIn({ fromMs: 0, toMs: Date.UTC(2026, 1, 10) }, { ...by, seasonsMax: 9 }).map(({ name }) => name),
  ).toEqual(["unset", "2026-01", "2026-02"]);
});

test("a span of a thousand years names the newest seasons and no more than its bound", () => {
  const span = { fromMs: 0, toMs: Date.UTC(3026, 1, 10) };
  const seasons = seasonsIn(span, { rhythm: "monthly", timezone: PARIS, seasonsMax: 12 });
  expect(seasons).toHaveLength(12);
  expect(seasons.at(-1)?.name).toBe("3026-02");
});

test("without seasons a name is what it was before there were any", async () => {
  await using dir = await tempDir();
  const names = await openPseudonyms({ dataDir: dir.path, rhythm: "never", timezone: PARIS });
  const kept = await readFile(join(dir.path, "keys/pseudonym.key"));
  const old = createHmac("sha256", kept).update("device:porch").digest("hex").slice(0, 20);
  expect(names.nameOf("device", "porch", NOV_21)).toBe(`device-${old}`);
  expect(names.seasonAt(NOV_21).toMs).toBe(Number.POSITIVE_INFINITY);
});

test("an erasure names what a thing was called under each rhythm that there ever was, and no other", async () => {
  await using dir = await tempDir();
  const open = (rhythm: Rhythm) => openPseudonyms({ dataDir: dir.path, rhythm, timezone: PARIS });
  const span = { fromMs: NOV_21, toMs: NOV_21 };
  const first = (await open("quarterly")).nameOf("device", "porch", NOV_21);
  expect((await open("quarterly")).namesOf("device", "porch", span)).toEqual([first]);
  const second = (await open("monthly")).nameOf("device", "porch", NOV_21);
  expect((await open("monthly")).namesOf("device", "porch", span).toSorted()).toEqual([first, second].toSorted());
  await writeFile(join(dir.path, "keys/pseudonym-rhythms.json"), "{broken");
  expect((await open("monthly")).namesOf("device", "porch", span)).toHaveLength(4);
});

test("a gateway that is older than seasons finds the names it gave for ever", async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "keys"));
  await writeFile(join(dir.path, "keys/pseudonym.key"), key);
  const old = createHmac("sha256", key).update("device:porch").digest("hex").slice(0, 20);
  const names = await openPseudonyms({ dataDir: dir.path, rhythm: "quarterly", timezone: PARIS });
  expect(names.nameOf("device", "porch", NOV_21)).not.toBe(`device-${old}`);
  expect(names.namesOf("device", "porch", { fromMs: NOV_21, toMs: NOV_21 })).toContain(`device-${old}`);
});

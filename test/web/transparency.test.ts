// What anybody may read without a login, and that nothing finer than the policy allows can be read from it.
import { expect, test, vi } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { openDayCounts } from "../../src/web/day-counts.ts";
import { openTransparency, publicDay } from "../../src/web/transparency.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb, testWebPolicy } from "../helpers/test-web.ts";

test("the policy is told in plain words, in the languages it is written in", async () => {
  await using page = await openTestWeb();
  const { text } = await page.ask("GET", "/transparency");
  for (const words of [
    "Elm Street Association",
    'href="mailto:privacy@elm.example"',
    "told only from 3 on, never a single one",
    "Times are told in steps of 1 minute",
    '<p lang="en" dir="auto" class="purpose">See whether the gate was left open after dark</p>',
    '<p lang="fr" dir="auto" class="purpose">Voir si le portail est resté ouvert la nuit</p>',
    "24 a day at most",
    "3 days, sent or not",
    "30 June 2027",
    "1 area, and the faces that are found",
    "the picture is thrown away",
    "platform.example",
    "faces painted over",
    "could not tell whether all faces were found",
  ]) {
    expect(text).toContain(words);
  }
});

test("the same as JSON, with the receipts whole", async () => {
  await using page = await openTestWeb();
  const view = JSON.parse((await page.ask("GET", "/api/v1/transparency")).text);
  expect(view.controller).toEqual({ name: "Elm Street Association", contact: "privacy@elm.example" });
  expect(view.cameras[0]).toMatchObject({ id: "gate-cam", retentionHours: 72, masks: 1 });
  expect(view.counts[0]).toMatchObject({
    readings: { taken: 120, withheld: { policy: 4 } },
    pictures: { taken: 8, made: { redacted: 7 }, withheld: { unsure: 1 } },
    sent: { main: 80 },
  });
  expect(view.receipts).toHaveLength(2);
  expect(view.receipts[0]).toMatchObject({ outcome: "redacted", regions: 2, signature: expect.any(String) });
});

test("nothing public says where a mask is, what a sensor is called or when it spoke", async () => {
  await using page = await openTestWeb();
  const { text } = await page.ask("GET", "/api/v1/transparency");
  expect(text).not.toMatch(/neighbour window|polygon|porch|heardAt|lastSnapshotAt/);
  expect(JSON.parse(text).asOf).toMatch(/:00\.000Z$/);
});

test("reloading the page shows nothing new before the edge of the policy's time bucket", async () => {
  await using page = await openTestWeb();
  const before = await page.ask("GET", "/api/v1/transparency");
  page.house.set({ counters: { "reading.taken": 500, "snapshot.made.redacted": 9 } });
  expect((await page.ask("GET", "/api/v1/transparency")).text).toBe(before.text);
});

test("at the edge of the bucket the counts are renewed, readings only when they grew by the policy's least number", async () => {
  await using directory = await tempDir();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.UTC(2026, 5, 1, 12, 0, 30) });
  try {
    const house = fakeHouse();
    const settings = SCHEMAS.gateway.parse({ gateway: { id: "elm" } });
    const deps = {
      settings,
      policy: testWebPolicy(),
      commands: house.commands,
      clock: systemClock,
      log: silentLog,
      dataDir: directory.path,
      receipts: () => [],
    };
    await using page = await openTransparency(deps);
    const taken = () => page.view().counts.map(({ readings, pictures }) => [readings.taken, pictures.taken]);
    expect(taken()).toEqual([[120, 8]]);
    house.set({ counters: { "reading.taken": 122, "snapshot.made.redacted": 9 } });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(taken()).toEqual([[120, 8]]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(taken()).toEqual([[120, 9]]);
    expect(page.view().asOf).toBe("2026-06-01T12:01:00.000Z");
    house.set({ counters: { "reading.taken": 123, "snapshot.made.redacted": 9 } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(taken()).toEqual([[123, 9]]);
  } finally {
    vi.useRealTimers();
  }
});

test("a picture that was never taken is not counted as taken", () => {
  const counters = {
    "snapshot.made.empty": 2,
    "snapshot.withheld.camera-timeout": 5,
    "snapshot.withheld.no-detector": 1,
  };
  expect(publicDay({ day: "2026-06-01", counters }).pictures.taken).toBe(3);
});

test("days are counted in the gateway's time zone, and a restart loses none", async () => {
  await using directory = await tempDir();
  const open = () => openDayCounts({ dataDir: directory.path, timezone: "Europe/Paris", log: silentLog });
  const at = (iso: string, taken: number) => ({
    nowMs: Date.parse(iso),
    counters: { "reading.taken": taken, "web.refused.wrong-login": 1 },
  });
  const first = await open();
  await first.look(at("2026-06-01T10:00:00Z", 0));
  await first.look(at("2026-06-01T22:30:00Z", 40));
  const second = await open();
  expect(await second.look(at("2026-06-01T22:45:00Z", 47))).toEqual([
    { day: "2026-06-02", counters: { "reading.taken": 7 } },
    { day: "2026-06-01", counters: { "reading.taken": 40 } },
  ]);
});

test("a clock that is set back begins no day anew", async () => {
  await using directory = await tempDir();
  const days = await openDayCounts({ dataDir: directory.path, timezone: "UTC", log: silentLog });
  await days.look({ nowMs: Date.parse("2026-06-02T10:00:00Z"), counters: { "reading.taken": 5 } });
  expect(await days.look({ nowMs: Date.parse("2026-01-01T00:00:00Z"), counters: { "reading.taken": 9 } })).toEqual([
    { day: "2026-06-02", counters: { "reading.taken": 9 } },
  ]);
});

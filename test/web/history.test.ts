// How things were, on the pages: the sentence beside each drawing, the drawing itself, the page over real HTTP, and the JSON.
import { expect, test } from "vitest";
import type { HistoryKind, ThingHistory } from "../../src/core/history-commands.ts";
import type { DeviceState } from "../../src/core/reading.ts";
import { languageOf } from "../../src/languages/say.ts";
import { dayEdges, daysStrip, hoursStrip } from "../../src/web/history-chart.ts";
import type { Html } from "../../src/web/html.ts";
import { daysSentence, hoursSentence } from "../../src/web/history-words.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { enterAsVolunteer, openTestWeb } from "../helpers/test-web.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const now = { nowMs: NOW_MS, timezone: "UTC", language: languageOf("en") };

type Change = readonly [hoursAgo: number, state: DeviceState | null];

function historyWith(changes: readonly Change[], nowMs = NOW_MS): ThingHistory {
  const fromMs = nowMs - 31 * DAY;
  const later = changes.map(([hoursAgo, state]) => ({ atMs: nowMs - hoursAgo * HOUR, state }));
  return { fromMs, toMs: nowMs, changes: [{ atMs: fromMs, state: null }, ...later], lows: [] };
}

const hours = (kind: HistoryKind, ...changes: Change[]): string =>
  hoursSentence(historyWith(changes), { kind, span: { fromMs: NOW_MS - DAY, toMs: NOW_MS }, now });
const days = (kind: HistoryKind, ...changes: Change[]): string =>
  daysSentence(historyWith(changes), { kind, span: { fromMs: NOW_MS - 30 * DAY, toMs: NOW_MS }, now });

const textOf = async (drawn: Html): Promise<string> => (await drawn).toString();

test("a sentence tells a day by its hours", () => {
  expect(hours("device", [40, "ok"])).toBe("In the last 24 hours: well all the time.");
  expect(hours("device", [40, "ok"], [9, "stale"], [7, "ok"])).toBe(
    "In the last 24 hours: late from 03:00 to 05:00, else well.",
  );
  expect(hours("platform", [40, "stale"], [20, "ok"], [2, "offline"])).toBe(
    "In the last 24 hours: away until 16:00 and refused since 10:00, else well.",
  );
  expect(hours("camera", [40, "paused"])).toBe("In the last 24 hours: off all the time.");
  expect(hours("gateway", [40, "ok"], [5, null], [4, "ok"])).toBe(
    "In the last 24 hours: not known from 07:00 to 08:00, else well.",
  );
});

test("of many spells the newest are named, and the others counted", () => {
  const flapping = Array.from({ length: 10 }, (_, n): Change[] => [
    [20 - n * 2, "offline"],
    [19 - n * 2, "ok"],
  ]).flat();
  expect(hours("device", [40, "ok"], ...flapping)).toBe(
    "In the last 24 hours: offline from 06:00 to 07:00, offline from 08:00 to 09:00, offline from 10:00 to 11:00 and 7 more times, else well.",
  );
});

test("a sentence tells a month by how long; what was before the thing was known is no news", () => {
  expect(days("device", [40, "ok"])).toBe("In the last 30 days: well all the time.");
  expect(
    days("device", [300, "ok"], [200, "offline"], [197, "ok"], [9, "offline"], [7, "ok"], [3, null], [2, "ok"]),
  ).toBe("In the last 30 days: offline for 5 hours and not known for 1 hour, else well.");
});

test("the drawing says by its height what it says by its colour, and nothing where nothing is known", async () => {
  const drawn = await textOf(
    hoursStrip(
      historyWith([
        [12, "ok"],
        [6, "offline"],
      ]),
      { kind: "device", now },
    ),
  );
  expect(drawn).toContain('role="img" aria-label="In the last 24 hours: ');
  expect(
    [...drawn.matchAll(/<rect class="(\w+)" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/g)].map((rect) =>
      rect.slice(1),
    ),
  ).toEqual([
    ["ok", "720", "0", "360", "20"],
    ["offline", "1080", "14", "360", "6"],
  ]);
});

test.each([
  ["the clocks go back", Date.UTC(2026, 9, 25, 22), 25],
  ["the clocks go forward", Date.UTC(2026, 2, 29, 21), 23],
])("a day on which %s is one column, as high as the others", async (_, nowMs, length) => {
  const edges = dayEdges({ nowMs, timezone: "Europe/Paris" });
  expect(edges).toHaveLength(31);
  const whole = dayEdges({ nowMs: nowMs + 2 * HOUR, timezone: "Europe/Paris" });
  const [began = 0, ended = 0] = whole.slice(-3, -1);
  expect((ended - began) / HOUR).toBe(length);
  const all = await textOf(
    daysStrip(historyWith([[31 * 24 - 1, "ok"]], nowMs), { kind: "device", now: { ...now, nowMs }, edges }),
  );
  expect(all.match(/<rect class="ok" x="\d+" y="0" width="32" height="20"\/>/g)).toHaveLength(30);
});

test("a column is never higher than the others, however many things went wrong that day", async () => {
  const wrong: Change[] = [
    [200, "ok"],
    [9, "stale"],
    [8.75, "offline"],
    [8.5, "unknown"],
    [8.25, "paused"],
    [8, "ok"],
  ];
  const drawn = await textOf(daysStrip(historyWith(wrong), { kind: "device", now, edges: dayEdges(now) }));
  for (const [, y, height] of drawn.matchAll(/y="(-?\d+)" width="\d+" height="(\d+)"/g))
    expect([Number(y) >= 0, Number(y) + Number(height) <= 20]).toEqual([true, true]);
  expect(drawn).toContain('class="stale"');
});

test("a volunteer sees how everything was, each with its sentence; and the same as JSON", async () => {
  const house = fakeHouse();
  house.histories.set(
    "device:porch-motion",
    historyWith(
      [
        [40, "ok"],
        [9, "stale"],
        [7, "ok"],
      ],
      Date.now(),
    ),
  );
  house.histories.set("gateway:gateway", historyWith([[40, "ok"]], Date.now()));
  await using page = await openTestWeb({ house });
  await page.enter();
  const headers = await enterAsVolunteer(page);
  const { text } = await page.ask("GET", "/history", { headers });
  expect(text).toMatch(
    /Porch motion<\/bdi><\/a><\/h3><div class="histories">[^]*?aria-label="In the last 24 hours: late from/,
  );
  expect(text).toContain("In the last 24 hours: well all the time.");
  expect(text).toContain("Nothing is known yet");
  expect((await page.ask("GET", "/", { headers })).text).toContain('href="/history"');
  const told = JSON.parse((await page.ask("GET", "/api/v1/history", { headers })).text);
  expect(told.devices.map(({ id }: { id: string }) => id)).toEqual(["porch-motion"]);
  expect(told.devices[0].changes.map(({ state }: { state: string }) => state)).toEqual([null, "ok", "stale", "ok"]);
  expect(told.devices[0].changes[1].at).toMatch(/^\d{4}-.*Z$/);
  expect((await page.ask("GET", "/api/v1/history")).status).toBe(401);
});

test("of a thousand devices a page shows as many as can be looked at, those first that are not well", async () => {
  const [device] = fakeStatus().devices;
  if (device === undefined) throw new Error("unreachable");
  const devices = Array.from({ length: 1000 }, (_, n) => ({
    ...device,
    id: `d-${n}`,
    name: `Sensor ${n}`,
    state: n === 999 ? ("offline" as const) : ("ok" as const),
  }));
  await using page = await openTestWeb({ house: fakeHouse({ devices }) });
  const headers = await page.enter();
  const { text } = await page.ask("GET", "/", { headers });
  expect(text.match(/<a class="row" href="\/devices\//g)).toHaveLength(60);
  expect(text).toContain('<a class="row" href="/devices/d-999">');
  expect(text).toContain("940 more devices");
});

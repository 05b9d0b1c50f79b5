// The page Buffer in a real browser: on a phone and on a desk, dark and light, with everything it may have to show; its buttons
// by keyboard and without script. Screenshots go to out/. Skipped aloud where there is no chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { GatewayStatus } from "../../src/core/commands.ts";
import { conservationOf } from "../../src/core/conservation.ts";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { fakeDeadLetter } from "../helpers/fake-dead-letter.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";

const agoIso = (ms: number) => new Date(Date.now() - ms).toISOString();
const HOUR_MS = 3_600_000;

describe.runIf(hasBrowser())("the page Buffer", () => {
  test("can be read on a phone and on a desk, by day and by night, in good order and in every trouble", async () => {
    await mkdir(join(import.meta.dirname, "../../out"), { recursive: true });
    await using open = await openBrowser({}, fakeHouse(goodOrder()));
    const { page, web, house, complaints } = open;
    await setUp(open);
    for (const look of LOOKS) {
      await page.setViewportSize(look.viewport);
      await page.emulateMedia({ colorScheme: look.colorScheme });
      house.deadLetters = [];
      house.set({ ...fakeStatus(), ...goodOrder() });
      await page.goto(`${web.url}/buffer`);
      await page.getByText("Does it add up?").first().waitFor();
      await shootPage(page, { what: "buffer-well", look });
      house.deadLetters = [
        fakeDeadLetter(),
        fakeDeadLetter({
          sinkId: "city",
          id: "x".repeat(120),
          type: "org.example.unheard-of.v1",
          why: "y".repeat(300),
        }),
      ];
      house.set(trouble());
      await page.goto(`${web.url}/buffer`);
      await page.getByText("paused: needs a person").waitFor();
      await shootPage(page, { what: "buffer-trouble", look });
      await page.goto(web.url);
      await page.getByText("more things need").click();
      await shootPage(page, { what: "status-losses", look });
    }
    expect(complaints).toEqual([]);
  });

  test("without script a steward sends now and has a rejected event sent once more, and is told what came of it", async () => {
    const house = fakeHouse();
    await using open = await openBrowser({ javaScriptEnabled: false }, house);
    const { page, web } = open;
    await setUp(open);
    house.set(trouble());
    house.deadLetters = [fakeDeadLetter(), fakeDeadLetter({ id: "other" })];
    await page.goto(`${web.url}/buffer`);
    await page.getByRole("button", { name: "Send now: city" }).press("Enter");
    await page.getByRole("status").getByText("It is tried now.").waitFor();
    await page.getByRole("button", { name: "Send once more: Light level, other" }).press("Enter");
    await page.getByRole("status").getByText("1 event will be sent once more.").waitFor();
    house.requeued = { requeued: 0, left: [{ id: "other", sinkId: "main", why: "picture-gone" }] };
    await page.getByRole("button", { name: "Send all of main once more" }).click();
    await page.getByRole("status").getByText("1 stays: its picture is deleted already.").waitFor();
    expect(house.asked).toEqual([
      ["sendNow", { id: "city" }],
      ["requeue", { ids: ["other"], sinkId: "main" }],
      ["requeue", { sinkId: "main" }],
    ]);
  });

  test("a change shows without reloading, and the button in focus keeps it", async () => {
    const house = fakeHouse();
    await using open = await openBrowser({}, house);
    const { page, web } = open;
    await setUp(open);
    house.set(trouble());
    await page.goto(`${web.url}/buffer`);
    await page.getByRole("button", { name: "Send now: city" }).focus();
    house.set({ buffer: { ...trouble().buffer, entries: 4321 } });
    await page.getByText("Holds 4,321 events").waitFor();
    expect(await page.locator(":focus").getAttribute("id")).toBe("send-city");
  });
});

function sumsOf(counters: Record<string, number>, waiting: Record<string, number>): GatewayStatus["conservation"] {
  return conservationOf({ counters, waiting: new Map(Object.entries(waiting)), sinkIds: Object.keys(waiting) });
}

function goodOrder() {
  const { buffer } = fakeStatus();
  const readings = { "reading.taken": 12_345, "reading.ignored.repeat": 9000, "reading.withheld.policy": 345 };
  const rest = { "reading.counted": 2500, "reading.made": 500, "entry.made.main": 512, "entry.forwarded.main": 500 };
  return {
    buffer: { ...buffer, bytes: 1_300_000 },
    conservation: sumsOf({ ...readings, ...rest }, { main: 12 }),
  };
}

function trouble(): Pick<GatewayStatus, "buffer" | "sinks" | "conservation" | "counters"> {
  const { buffer, sinks } = fakeStatus();
  const [main] = sinks;
  if (main === undefined) throw new Error("unreachable");
  const counters = {
    "reading.taken": 1000,
    "reading.made": 990,
    "entry.made.main": 112_345,
    "entry.forwarded.main": 100_000,
    "entry.rejected.main": 1,
    "entry.evicted.main": 1204,
    "entry.expired.main": 5,
    "entry.erased.main": 20,
    "entry.made.city": 12,
    "spool.lost": 12,
    "spool.saved": 30,
    "spool.pictures-of-lost-key": 3,
  };
  return {
    buffer: {
      ...buffer,
      entries: 11_115,
      pictures: 830,
      bytes: 2_140_000_000,
      disk: "full",
      oldestAt: agoIso(60 * HOUR_MS),
      hoursLeft: 0,
      deadLetters: 230,
    },
    sinks: [
      { ...main, state: "waiting", why: "connect ECONNREFUSED", since: agoIso(60 * HOUR_MS) },
      { ...main, id: "city", state: "paused", why: "401 unknown key", since: agoIso(HOUR_MS), lastAcceptedAt: null },
      {
        ...main,
        id: "night",
        state: "resting",
        why: "sends from 01:00 to 05:00",
        since: agoIso(HOUR_MS),
        until: new Date(Date.now() + 3 * HOUR_MS).toISOString(),
      },
    ],
    conservation: sumsOf(counters, { main: 11_115, city: 12, night: 0 }),
    counters,
  };
}

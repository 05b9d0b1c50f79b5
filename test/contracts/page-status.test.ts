// The status page in each state that a house may be in, in a real browser: the answers to a volunteer's questions stand on one
// phone screen, and who sees, hears or moves otherwise finds their way. Screenshots go to out/. Skipped aloud without chromium.
import { describe, expect, test } from "vitest";
import type { GatewayStatus } from "../../src/core/commands.ts";
import type { ThingHistory } from "../../src/core/history-commands.ts";
import { axeViolations } from "../helpers/axe.ts";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { CONTRAST, shootPage, WIDER_THAN_THE_SCREEN } from "../helpers/page-looks.ts";

const HOUR = 3_600_000;
const PHONE = { name: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light" } as const;
const DESK_DARK = { name: "desktop-dark", viewport: { width: 1280, height: 900 }, colorScheme: "dark" } as const;

const { devices, sinks, buffer, gateway } = fakeStatus();
const [device] = devices;
const [sink] = sinks;
if (device === undefined || sink === undefined) throw new Error("unreachable");
const longAgo = new Date(Date.now() - 5 * HOUR).toISOString();
const many = Array.from({ length: 80 }, (_, n) => ({
  ...device,
  id: `sensor-${n}`,
  name: `Sensor ${n} of the street`,
  zone: ["gate", "path", "porch", "yard"][n % 4] ?? "",
  linkPct: n % 3 === 0 ? 44 : null,
}));

const STATES: Readonly<Record<string, Partial<GatewayStatus>>> = {
  well: {},
  "hand-needed": {
    devices: [
      { ...device, state: "offline", heardAt: longAgo },
      { ...device, id: "b", name: "Gate motion", flags: ["low-battery"], batteryPct: 8 },
      { ...device, id: "c", name: "Lamp by the steps", state: "stale" },
      { ...device, id: "d", name: "سقيفة", state: "unknown", heardAt: null },
      { ...device, id: "e", name: "Door of the shed", state: "paused" },
    ],
    sinks: [
      { ...sink, state: "waiting", why: "connect ECONNREFUSED", lastAcceptedAt: longAgo },
      { ...sink, id: "city", state: "paused", why: "401 unknown key" },
    ],
    buffer: { ...buffer, entries: 12_345, hoursLeft: 12, oldestAt: longAgo, deadLetters: 3 },
  },
  empty: { devices: [], cameras: [], bridges: [], sinks: [], counters: {} },
  "unsure-clock": { gateway: { ...gateway, clock: "unsure" } },
  full: { devices: many },
};

/** Where a desk differs from a phone. */
const ON_A_DESK_TOO = ["hand-needed", "full"];

describe.runIf(hasBrowser())("the status page", () => {
  test.each([PHONE, DESK_DARK])("can be read by everybody in each state, on a $name", async (look) => {
    await using open = await openBrowser({ ...look, reducedMotion: "reduce" }, houseWithHistory());
    await setUp(open);
    const { page, web, house, complaints } = open;
    const shown = Object.entries(STATES).filter(([what]) => look === PHONE || ON_A_DESK_TOO.includes(what));
    for (const [what, change] of shown) {
      house.set({ ...fakeStatus(), ...change });
      await page.goto(web.url);
      await shootPage(page, { what: `status-${what}`, look });
      if (look === PHONE) expect(await page.evaluate(BOTTOM_OF_ANSWERS), what).toBeLessThanOrEqual(844);
    }
    house.set(fakeStatus());
    await page.goto(`${web.url}/history`);
    await page.getByText("How to read it").click();
    await shootPage(page, { what: "history", look });
    expect(complaints).toEqual([]);
  });

  test("reads from right to left in Arabic, and on the narrowest phone", async () => {
    await using open = await openBrowser({ viewport: { width: 360, height: 740 } }, houseWithHistory());
    await setUp(open);
    const { page, web, house } = open;
    for (const what of ["well", "hand-needed"]) {
      house.set({ ...fakeStatus(), ...STATES[what] });
      await page.goto(`${web.url}/?lang=ar`);
      expect(await page.evaluate("document.documentElement.dir")).toBe("rtl");
      expect(await page.evaluate("new DOMMatrix(getComputedStyle(document.querySelector('.strip')).transform).a")).toBe(
        -1,
      );
      for (const script of [CONTRAST, WIDER_THAN_THE_SCREEN, LEFT_OF_THE_SCREEN])
        expect(await page.evaluate(script), what).toEqual([]);
      expect(await axeViolations(page), what).toEqual([]);
    }
  });
});

/** Everything that a volunteer asks first: where it ends, in pixels from the top. */
const BOTTOM_OF_ANSWERS = "document.querySelector('#today').getBoundingClientRect().bottom + scrollY";
const LEFT_OF_THE_SCREEN = `[...document.querySelectorAll("main *")].filter((element) =>
  element.getBoundingClientRect().left < -1 && element.closest(".scroll, .unseen") === null && element.checkVisibility()).map((element) => element.outerHTML.slice(0, 80))`;

function houseWithHistory() {
  const house = fakeHouse();
  const nowMs = Date.now();
  const fromMs = nowMs - 31 * 24 * HOUR;
  const history: ThingHistory = {
    fromMs,
    toMs: nowMs,
    changes: [
      { atMs: fromMs, state: null },
      { atMs: nowMs - 400 * HOUR, state: "ok" },
      { atMs: nowMs - 60 * HOUR, state: "offline" },
      { atMs: nowMs - 50 * HOUR, state: "ok" },
      { atMs: nowMs - 9 * HOUR, state: "stale" },
      { atMs: nowMs - 7 * HOUR, state: "paused" },
      { atMs: nowMs - 5 * HOUR, state: "ok" },
      { atMs: nowMs - 3 * HOUR, state: null },
      { atMs: nowMs - 2 * HOUR, state: "ok" },
    ],
    lows: [{ day: "2026-11-20", batteryPct: 61, linkPct: null }],
  };
  for (const { id } of [...devices, ...many]) house.histories.set(`device:${id}`, history);
  for (const thing of ["gateway:gateway", "platform:main", "camera:gate-cam"]) house.histories.set(thing, history);
  return house;
}

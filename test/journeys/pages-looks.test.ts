// How the pages of sensors look: each on a phone and on a desk, dark and light, with everything they may have to show.
// Screenshots go to out/screenshots/. Skipped aloud where there is no chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HeardView } from "../../src/core/commands.ts";
import { axeViolations } from "../helpers/axe.ts";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { fakeBridge, fakeHouse, fakeProposal, fakeStatus } from "../helpers/fake-house.ts";
import { CONTRAST, LOOKS, WIDER_THAN_THE_SCREEN } from "../helpers/page-looks.ts";

const OUT = join(import.meta.dirname, "../../out/screenshots");
const LONG = "Sensor with a rather long name that somebody typed on a Sunday afternoon";

describe.runIf(hasBrowser())("the looks of the pages of sensors", () => {
  test.each(LOOKS)(
    "every page can be read on a $name: contrast of 4.5 at least, nothing beside the screen, every field labelled",
    async ({ name, viewport, colorScheme }) => {
      const house = fakeHouse();
      await using open = await openBrowser({ viewport, colorScheme }, house);
      const { page, web, complaints } = open;
      await mkdir(OUT, { recursive: true });
      const shoot = async (what: string) => {
        await page.mouse.move(0, 0);
        await page.screenshot({ path: join(OUT, `${what}-${name}.png`), fullPage: true });
        expect(await page.evaluate(CONTRAST), what).toEqual([]);
        expect(await page.evaluate(WIDER_THAN_THE_SCREEN), what).toEqual([]);
        expect(await page.getByRole("heading", { level: 1 }).count(), what).toBe(1);
        expect(await page.evaluate(UNLABELLED), what).toEqual([]);
        expect(await axeViolations(page), what).toEqual([]);
      };
      const visit = async (path: string, what: string) => {
        await page.goto(`${web.url}${path}`);
        await shoot(what);
      };
      await setUp(open);
      house.set(fullKit());
      house.proposals = [
        fakeProposal(),
        fakeProposal({
          id: "p-2",
          name: LONG,
          topic: `zigbee2mqtt/${LONG}`,
          profile: null,
          why: "its template is not simple",
          kinds: [],
        }),
        fakeProposal({ id: "p-3", name: "سقيفة", topic: "homeassistant/shed" }),
      ];
      house.heard = heard();
      await visit("/", "status-bridges");
      await visit("/devices", "devices-waiting");
      await visit("/devices/lamp-3", "device-why");
      await visit("/bridges/z2m", "bridge");
      await visit("/proposals/p-2", "proposal-needs-profile");
      await visit("/proposals/p-1", "proposal");
      await visit("/devices/new", "new-families");
      await visit("/devices/new/tasmota", "new-device");
      await page.locator('input[value="tasmota/relay"]').check();
      await page.getByLabel("Zone").fill("…");
      await page.getByRole("button", { name: "Add it" }).click();
      await page.getByRole("alert").waitFor();
      await shoot("new-device-mistake");
      await page.getByLabel("Zone").fill("path");
      await page.getByRole("button", { name: "Add it" }).click();
      await page.getByText("Waiting for the first message").waitFor();
      await shoot("lines");
      const link = (await page.locator("#link code").textContent()) ?? "";
      const [lamp] = fakeStatus().devices;
      if (lamp === undefined) throw new Error("unreachable");
      house.set({ devices: [{ ...lamp, id: "path-1", name: "Path 1", heardAt: new Date().toISOString() }] });
      await page.getByText("Heard it!").waitFor();
      await shoot("lines-heard");
      await page.goto(link);
      await shoot("link");
      await page.getByRole("button", { name: "Show the set-up lines" }).click();
      await page.getByText("Heard it!").waitFor();
      await shoot("link-lines");
      house.set(fullKit());
      await visit("/devices/lamp-3/revoke", "revoke");
      house.set({ bridges: [] });
      await visit("/devices/new/zigbee2mqtt", "new-bridge");
      expect(complaints.filter((complaint) => !complaint.includes("400"))).toEqual([]);
    },
  );
});

/** Fields without a label, for who cannot see the page (WCAG 2.2, 1.3.1). */
const UNLABELLED = `[...document.querySelectorAll("input:not([type=hidden]), select")]
  .filter((field) => field.labels.length === 0).map((field) => field.outerHTML)`;

function fullKit() {
  const [porch, lamp] = fakeStatus().devices;
  if (porch === undefined || lamp === undefined) throw new Error("unreachable");
  return {
    bridges: [
      fakeBridge,
      { ...fakeBridge, id: "chirpstack", family: "chirpstack", base: "application", state: "offline" as const },
      { ...fakeBridge, id: "rtl-433", family: "rtl-433", base: "rtl_433", isPaired: false, heardAt: null },
    ],
    proposals: 3,
    devices: [
      porch,
      { ...lamp, lamp: { isOn: false, fault: "dark-at-night" as const, isSwitchable: true } },
      { ...porch, id: "long", name: LONG, zone: "path", flags: ["low-battery" as const, "tamper" as const] },
    ],
  };
}

function heard(): HeardView[] {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const nothing = { readings: [], removed: [] };
  return [
    {
      at: at(0),
      outcome: "readings",
      reason: null,
      readings: [
        { kind: "switch", value: true },
        { kind: "brightness", value: 80 },
        { kind: "link", value: 61 },
      ],
      removed: ["ssid", "bssid", "ip_address"],
    },
    { at: at(1), outcome: "ignored", reason: "repeat", ...nothing },
    { at: at(2), outcome: "dropped", reason: "not-json", ...nothing },
    { at: at(3), outcome: "dropped", reason: "not-json", ...nothing },
    {
      at: at(180),
      outcome: "ignored",
      reason: "identity-only",
      readings: [],
      removed: Array.from({ length: 30 }, (_, n) => `a_rather_long_field_name_${n}`),
    },
  ];
}

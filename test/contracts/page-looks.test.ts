// How the local page looks: each page on a phone and on a desk, dark and light, with everything it may have to show.
// Screenshots go to out/. Skipped aloud where there is no chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeviceView } from "../../src/core/commands.ts";
import { hasBrowser, openBrowser } from "../helpers/browser-page.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { CONTRAST, LOOKS, WIDER_THAN_THE_SCREEN } from "../helpers/page-looks.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

const OUT = join(import.meta.dirname, "../../out");

describe.runIf(hasBrowser())("the page's looks", () => {
  test("the measures of a page's looks find what they are for", async () => {
    await using open = await openBrowser();
    await open.page.setContent('<p style="color: #888; background: #999">faint</p><p style="width: 3000px">wide</p>');
    expect(await open.page.evaluate(CONTRAST)).toEqual([expect.stringContaining("faint")]);
    expect(await open.page.evaluate(WIDER_THAN_THE_SCREEN)).toContain("P  wide");
  });

  test.each(LOOKS)(
    "every page can be read on a $name: contrast of 4.5 at least, nothing beside the screen",
    async ({ name, viewport, colorScheme }) => {
      await using open = await openBrowser({ viewport, colorScheme }, fakeHouse(troubledKit()));
      const { page, web, complaints } = open;
      const shoot = async (what: string) => {
        await mkdir(OUT, { recursive: true });
        await page.mouse.move(0, 0);
        await page.screenshot({ path: join(OUT, `${what}-${name}.png`), fullPage: true });
        expect(await page.evaluate(CONTRAST), what).toEqual([]);
        expect(await page.evaluate(WIDER_THAN_THE_SCREEN), what).toEqual([]);
        expect(await page.getByRole("heading", { level: 1 }).count(), what).toBe(1);
      };
      await page.goto(web.url);
      await shoot("setup");
      await page.getByLabel("Set-up code").fill("AAAAAAAA");
      await page.getByLabel("Your passphrase").fill(PASSPHRASE);
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await shoot("setup-wrong");
      await page.getByLabel("Set-up code").fill(web.web.setupCode ?? "");
      await page.getByLabel("Your passphrase").fill(PASSPHRASE);
      await page.keyboard.press("Enter");
      await page.getByText("Next step:").waitFor();
      await page.getByText("Everything that came in").click();
      await page.getByText("more things need a hand").click();
      await shoot("trouble");
      open.house.set({ ...fakeStatus(), devices: street() });
      await page.getByText("Everything works.").waitFor();
      await page.getByText("Everything that came in").click();
      await shoot("status");
      for (const what of ["devices", "devices/porch-motion", "cameras", "buffer", "transparency"]) {
        await page.goto(`${web.url}/${what}`);
        await shoot(what.replace("/", "-"));
      }
      await page.getByRole("button", { name: "Log out" }).click();
      await shoot("login");
      expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
    },
  );
});

/** A kit as it may hang in a street, for the pictures of the page. */
function street(): DeviceView[] {
  const [device] = fakeStatus().devices;
  if (device === undefined) throw new Error("unreachable");
  const names = [
    "Porch motion",
    "Gate motion",
    "Lamp by the steps",
    "Lamp at the corner",
    "Light on the shed",
    "Door of the shed",
  ];
  return names.map((name, n) => ({
    ...device,
    id: n === 0 ? device.id : `device-${n}`,
    name,
    zone: ["porch", "gate", "path"][n % 3] ?? "",
    heardAt: new Date(Date.now() - (n * 47_000 + 8_000)).toISOString(),
    batteryPct: n % 3 === 2 ? null : 91 - n * 7,
  }));
}

/** One of everything that a page may have to show. */
function troubledKit() {
  const { devices, cameras, sinks, buffer, gateway } = fakeStatus();
  const [device] = devices;
  const [camera] = cameras;
  const [sink] = sinks;
  if (device === undefined || camera === undefined || sink === undefined) throw new Error("unreachable");
  const longAgo = new Date(Date.now() - 5 * 3_600_000).toISOString();
  return {
    gateway: { ...gateway, clock: "unsure" as const },
    devices: [
      device,
      {
        ...device,
        id: "lamp-1",
        name: "Lamp with a rather long name that somebody typed on a Sunday afternoon",
        zone: "path",
        state: "offline" as const,
        heardAt: longAgo,
      },
      {
        ...device,
        id: "lamp-2",
        name: "Lamp 2",
        state: "stale" as const,
        heardAt: longAgo,
        flags: ["low-battery" as const],
        batteryPct: 9,
      },
      {
        ...device,
        id: "shed",
        name: "سقيفة",
        state: "unknown" as const,
        heardAt: null,
        isPaired: false,
        batteryPct: null,
      },
      {
        ...device,
        id: "gate-pir",
        name: "Gate PIR",
        zone: "gate",
        state: "paused" as const,
        flags: ["tamper" as const],
      },
    ],
    cameras: [
      camera,
      {
        ...camera,
        id: "yard-cam",
        name: "Yard camera",
        state: "unreachable" as const,
        why: "no frame from yard-cam in 8000 ms",
        lastImageSha256: null,
        lastSnapshotAt: null,
        lastRegions: null,
        takenToday: 0,
      },
      {
        ...camera,
        id: "old-cam",
        name: "Old camera",
        state: "no-policy" as const,
        why: "the policy does not name this camera, so it does not start",
        lastImageSha256: null,
        lastSnapshotAt: null,
        lastRegions: null,
        takenToday: 0,
        perDay: 0,
      },
    ],
    buffer: { ...buffer, entries: 12_345, oldestAt: longAgo, hoursLeft: 5, deadLetters: 3 },
    sinks: [
      { ...sink, state: "waiting", why: "connect ECONNREFUSED", lastAcceptedAt: longAgo },
      { ...sink, id: "city", state: "paused", why: "401 unknown key" },
    ],
  };
}

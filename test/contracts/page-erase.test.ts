// The pages Erase and Who was given what in a real browser: on a phone and on a desk, dark and light, by keyboard and without
// script. Screenshots go to out/. Skipped aloud where there is no chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";

describe.runIf(hasBrowser())("the page Erase", () => {
  test("can be read on a phone and on a desk, by day and by night", async () => {
    await mkdir(join(import.meta.dirname, "../../out"), { recursive: true });
    await using open = await openBrowser({}, fakeHouse());
    const { page, web, house, complaints } = open;
    await setUp(open);
    house.disclosures = [
      {
        number: 2,
        to: "x".repeat(120),
        what: "y".repeat(300),
        ground: "other",
        detail: "",
        requestedAt: null,
        at: "2026-11-21T12:00:00.000Z",
        by: null,
      },
      {
        number: 1,
        to: "A court",
        what: "Two pictures of 20 November",
        ground: "order",
        detail: "file 12/26",
        requestedAt: "2026-11-20",
        at: "2026-11-21T11:00:00.000Z",
        by: "steward",
      },
    ];
    for (const look of LOOKS) {
      await page.setViewportSize(look.viewport);
      await page.emulateMedia({ colorScheme: look.colorScheme });
      for (const [what, path] of [
        ["erase-choose", "/erase?device=porch-motion"],
        [
          "erase-look",
          `/erase/look?device=porch-motion&camera=gate-cam&others=${"z".repeat(60)}&from=2026-11-20T14:30`,
        ],
        ["erase-done", "/erase/done?isDone=true&entries=12&rejected=1&pictures=3"],
        ["disclosures", "/disclosures"],
      ] as const) {
        await page.goto(`${web.url}${path}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await shootPage(page, { what, look });
      }
    }
    expect(complaints).toEqual([]);
  });

  test("by keyboard and without script a steward comes from a device to its erasure, and confirms it", async () => {
    const house = fakeHouse();
    await using open = await openBrowser({ javaScriptEnabled: false }, house);
    const { page, web } = open;
    await setUp(open);
    await page.goto(`${web.url}/devices/porch-motion`);
    await page.getByRole("link", { name: "Erase what it said" }).press("Enter");
    await page.getByRole("checkbox", { name: "porch-motion" }).waitFor();
    expect(await page.getByRole("checkbox", { name: "porch-motion" }).isChecked()).toBe(true);
    await page.getByLabel("From").fill("2026-11-20T14:30");
    await page.getByRole("button", { name: "See what is held" }).press("Enter");
    await page.getByText("12 events that wait for a platform").waitFor();
    await page.getByRole("button", { name: "Erase it for good" }).press("Enter");
    await page.getByRole("status").getByText("are gone").waitFor();
    expect(house.asked.at(-1)).toEqual([
      "erase",
      { devices: ["porch-motion"], cameras: [], from: "2026-11-20T13:30:00.000Z", by: "steward" },
    ]);
    await page.goto(`${web.url}/disclosures`);
    await page.getByLabel("Who was given it?").fill("A court");
    await page.getByLabel("What was it?").fill("Two pictures");
    await page.getByRole("radio", { name: "An order of a court or the police" }).press("Space");
    await page.getByRole("button", { name: "Enter it" }).press("Enter");
    await page.getByRole("status").getByText("Entered.").waitFor();
    expect(house.asked.at(-1)).toMatchObject(["addDisclosure", { to: "A court", ground: "order", by: "steward" }]);
  });
});

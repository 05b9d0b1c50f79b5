// The pages of devices in a real browser: with the keyboard alone, on a phone in Arabic, and while things change. Skipped
// aloud where there is no chromium.
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { axeViolations } from "../helpers/axe.ts";
import { hasBrowser, openBrowser } from "../helpers/browser-page.ts";
import { fakeHouse, fakeProposal, fakeStatus } from "../helpers/fake-house.ts";
import { CONTRAST, WIDER_THAN_THE_SCREEN } from "../helpers/page-looks.ts";

const PHONE = { viewport: { width: 390, height: 844 } };
const NAMES = ["سقيفة \u202e<b>x</b>", "漢".repeat(80), "Motion\u0007"];

function kit() {
  const [porch, lamp] = fakeStatus().devices;
  if (porch === undefined || lamp === undefined) throw new Error("unreachable");
  const motion = Array.from({ length: 9 }, (_, n) => ({ ...porch, id: `m-${n}`, name: NAMES[n] ?? `Motion ${n}` }));
  return { devices: [{ ...lamp, heardAt: null }, ...motion] };
}

/** A browser that is logged in. */
async function opened(options: Parameters<typeof openBrowser>[0] = {}) {
  const house = fakeHouse(kit());
  const open = await openBrowser(options, house);
  const { cookie } = await open.web.enter();
  const [name = "", value = ""] = cookie.split("=");
  await open.context.addCookies([{ name, value, url: open.web.url }]);
  return { ...open, at: (path: string) => `${open.web.url}${path}` };
}

/** Goes on with the Tab key until what has the focus fits, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
  }
  throw new Error(`${selector} is not reached with the Tab key`);
}

describe.runIf(hasBrowser())("the pages of devices", () => {
  test("with the keyboard alone a sensor is added and heard, and another is approved", async () => {
    await using open = await opened();
    const { page, house, at, complaints } = open;
    await page.goto(at("/devices"));
    await tabTo(page, 'a[href="/devices/new"]');
    await page.keyboard.press("Enter");
    await page.waitForURL(/new$/);
    await tabTo(page, 'a[href="/devices/new/tasmota"]');
    await page.keyboard.press("Enter");
    await page.waitForURL(/tasmota$/);
    await tabTo(page, 'input[name="profile"]');
    await page.keyboard.press("Space");
    await tabTo(page, "#zone");
    await page.keyboard.type("path");
    await page.keyboard.press("Enter");
    await page.getByText("Waiting for the first message").waitFor();
    const [lamp, motion] = kit().devices;
    if (lamp === undefined || motion === undefined) throw new Error("unreachable");
    const heard = { ...lamp, id: "path-1", heardAt: new Date().toISOString() };
    house.set({ devices: [heard, { ...motion, id: "porch-motion" }] });
    await page.getByText("Heard it!").waitFor();
    house.proposals = [fakeProposal()];
    await page.goto(at("/devices"));
    await tabTo(page, 'a[href="/proposals/p-1"]');
    await page.keyboard.press("Enter");
    await page.waitForURL(/p-1$/);
    await tabTo(page, 'button[name="in"]');
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=approved/);
    expect(house.asked.map(([command]) => command)).toEqual(["pairDevice", "approve"]);
    expect(complaints).toEqual([]);
  });

  test("on a phone in Arabic every page fits and reads, whatever devices are called", async () => {
    await using open = await opened(PHONE);
    const { page, house, at } = open;
    house.proposals = [fakeProposal({ name: NAMES[0] ?? "" }), fakeProposal({ id: "p-2", name: NAMES[1] ?? "" })];
    const paths = ["?lang=ar", "?q=zzz", "/m-0", "/m-1/edit", "/m-2/replace", "/m-1/remove", "/new", "/new/gpio"];
    for (const path of [...paths.map((each) => `/devices${each}`), "/proposals?all=z2m", "/proposals/p-2"]) {
      await page.goto(at(path));
      expect(await page.locator("html").getAttribute("dir"), path).toBe("rtl");
      for (const measure of [CONTRAST, WIDER_THAN_THE_SCREEN]) expect(await page.evaluate(measure), path).toEqual([]);
      expect(await axeViolations(page), path).toEqual([]);
    }
  });

  test("a list that is filtered stays so while things change", async () => {
    await using open = await opened();
    const { page, house, at } = open;
    await page.goto(at("/devices?zone=path"));
    await page.getByText("1 of 10 devices.").waitFor();
    house.set({ devices: kit().devices.map((device) => ({ ...device, state: "offline" as const })) });
    await page.locator("#list .badge.bad").waitFor();
    expect(await page.locator('#list a[href^="/devices/"]').count()).toBe(1);
  });
});

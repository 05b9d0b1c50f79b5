// The local page in a real browser: set-up by keyboard, with and without script, live updates, out of touch and back.
// Skipped aloud where there is no chromium.
import { describe, expect, test } from "vitest";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { fakeStatus } from "../helpers/fake-house.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

describe.runIf(hasBrowser())("the local page", () => {
  test("a volunteer sets up, looks and logs out with the keyboard alone", async () => {
    await using open = await openBrowser();
    const { page, web, complaints } = open;
    await page.goto(web.url);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Skip to the content");
    await page.getByLabel("Set-up code").focus();
    await page.keyboard.type(web.web.setupCode?.toLowerCase() ?? "");
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press("Enter");
    await page.getByText("Everything works.").waitFor();
    await page.getByRole("button", { name: "Log out" }).press("Enter");
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await page.getByLabel("Passphrase").fill(PASSPHRASE);
    await page.keyboard.press("Enter");
    await page.getByText("Everything works.").waitFor();
    expect(complaints).toEqual([]);
  });

  test("without script the page is set up and looked at all the same", async () => {
    await using open = await openBrowser({ javaScriptEnabled: false });
    await setUp(open);
    await open.page.getByRole("link", { name: "Cameras" }).click();
    await open.page.getByRole("img", { name: "Last redacted picture of Gate camera" }).waitFor();
  });

  test("a change shows without reloading; what was unfolded stays so, and the focus stays where it was", async () => {
    await using open = await openBrowser();
    await setUp(open);
    const { page, house } = open;
    await page.getByText("Everything that came in").click();
    await page.getByRole("link", { name: /Porch motion/ }).focus();
    const [porch, lamp] = fakeStatus().devices;
    if (porch === undefined || lamp === undefined) throw new Error("unreachable");
    house.set({ devices: [porch, { ...lamp, state: "offline" }], counters: { "reading.taken": 777 } });
    await page.getByText("Lamp 3 is offline.").waitFor();
    await page.getByRole("cell", { name: "777" }).waitFor();
    expect(await page.locator(":focus").getAttribute("href")).toBe("/devices/porch-motion");
  });

  test("a page out of touch says so, and comes back by itself", async () => {
    await using open = await openBrowser();
    await setUp(open);
    const { page, context, house } = open;
    await context.setOffline(true);
    await page.evaluate("dispatchEvent(new Event('online'))");
    await page.getByRole("alert").getByText("Out of touch with the box.").waitFor();
    house.set({ buffer: { ...fakeStatus().buffer, entries: 4321 } });
    await context.setOffline(false);
    await page.getByText("Holds 4,321 events").waitFor();
    expect(await page.locator("#out-of-touch").isVisible()).toBe(false);
  });

  test("a house that is away for a moment, as when it opens anew, raises no alarm", async () => {
    await using open = await openBrowser();
    await setUp(open);
    const { page, context, house } = open;
    const alarms: string[] = [];
    await page.exposeFunction("alarm", (words: string) => alarms.push(words));
    const banner = "document.querySelector('#out-of-touch')";
    await page.evaluate(
      `new MutationObserver(() => ${banner}.hidden || alarm(${banner}.textContent)).observe(${banner}, { attributes: true })`,
    );
    const failed = page.waitForEvent("requestfailed");
    await context.setOffline(true);
    await failed;
    house.set({ buffer: { ...fakeStatus().buffer, entries: 4321 } });
    await context.setOffline(false);
    await page.getByText("Holds 4,321 events").waitFor();
    expect(alarms).toEqual([]);
  });

  test("a page whose login ended leads to the login", async () => {
    await using open = await openBrowser();
    await setUp(open);
    await open.web.registry.update((data) => {
      for (const account of data.accounts) account.passphraseHash += "x";
    });
    open.house.set({});
    await open.page.getByRole("heading", { name: "Log in" }).waitFor();
  });
});

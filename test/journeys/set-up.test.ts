// Shown: a new box is set up from its page alone, in a real browser, to its first event at the platform: once with the keyboard
// only, at a desk; once on a phone in Arabic, without scripts. Slips on the way are told and lose nothing. Skipped aloud without chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { axeViolations } from "../helpers/axe.ts";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { freePorts, openHouse } from "../helpers/gateway-process.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

const ROOT = join(import.meta.dirname, "../..");
const OUT = join(ROOT, "out/screenshots");
const Login = z.looseObject({ url: z.url(), user: z.string(), password: z.string() });
const Facts = z.looseObject({
  status: z.url(),
  platform: z.url(),
  setupCode: z.string(),
  toType: z.looseObject({ bridge: z.url(), platform: z.url(), camera: Login }),
});
const Events = z.looseObject({ events: z.array(z.looseObject({ type: z.string() })) });

/** The demonstration with nothing set up. */
async function freshDemo() {
  const [port = 0] = await freePorts(1);
  const args = ["src/main.ts", "demo", "--fresh", "--json", "--port-base", String(Math.min(port, 65_000))];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return {
    facts: Facts.parse(JSON.parse(line)),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The types of events that the platform holds. */
async function toldTo(platform: string): Promise<readonly string[]> {
  const answer = await fetch(`${platform}/v1/events?after=0`);
  return Events.parse(await answer.json()).events.map(({ type }) => type);
}

/** Goes there with the Tab key, as who has no mouse. */
async function reach(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 90; presses += 1) {
    if ((await target.and(page.locator(":focus")).count()) > 0) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key never comes to ${String(target)}`);
}

async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await reach(page, target);
  await page.keyboard.press(key);
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await reach(page, target);
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type(text);
}

/** The login that a page of lines shows, typed into the simulated bridge's own page. */
async function giveLogin(page: Page, bridge: string): Promise<void> {
  const shown = page.locator("dl.values code");
  await page.locator("#heard").waitFor();
  const [user = "", password = ""] = await shown.allTextContents();
  await fetch(bridge, { method: "POST", body: new URLSearchParams({ user, password }) });
}

/** From the step to the step: its address, a slip in its password, a test picture, a mask, its rules. */
async function addCamera(page: Page, camera: z.infer<typeof Login>): Promise<void> {
  const address = async (password: string) => {
    await type(page, page.locator("#address"), camera.url);
    await type(page, page.locator("#user"), camera.user);
    await type(page, page.locator("#password"), password);
    await page.keyboard.press("Enter");
    await press(page, page.locator('form[action$="/test"] button'));
  };
  await press(page, page.locator('main a[href^="/cameras/new?then="]'));
  await address("not this one");
  await page.getByText("The camera did not take the user name or the password.").waitFor();
  await press(page, page.locator('#test a[href$="/source"]'));
  expect(await page.locator("#user").inputValue(), "nothing typed is lost").toBe(camera.user);
  await address(camera.password);
  await page.locator("#test img").waitFor();
  expect(await axeViolations(page), "the test picture").toEqual([]);
  await press(page, page.locator('main a.button[href$="/masks"]'));
  await type(page, page.locator("#name"), "window");
  await press(page, page.getByRole("button", { name: "Keep this mask" }));
  await page.getByRole("heading", { name: "Masks it has" }).waitFor();
  await press(page, page.locator('main a.button[href$="/rules"]'));
  for (const [name, text] of Object.entries({ name: "Gate", zone: "gate", "purpose-en": "See whether it is open" }))
    await type(page, page.locator(`[name="${name}"]`), text);
  await press(page, page.getByRole("button", { name: "Go on" }));
  await page.getByRole("heading", { name: "This is what the neighbours will read" }).waitFor();
  await press(page, page.locator('form[action$="/save"] button'));
  await page.waitForURL(/\/setup\/camera$/);
}

beforeAll(async () => void (await mkdir(OUT, { recursive: true })));

describe.runIf(hasBrowser())("the set-up of a new box", () => {
  test("with the keyboard alone, from the code to the first event at the platform", async () => {
    await using demo = await freshDemo();
    const { facts } = demo;
    await using desk = await launchPage(facts.status, { timezoneId: "Europe/Paris" });
    const { page } = desk;
    const shoot = async (what: string) => {
      await page.screenshot({ path: join(OUT, `set-up-${what}.png`), fullPage: true });
      expect(await axeViolations(page), what).toEqual([]);
    };
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    const step = (name: string) => page.locator(`a[href="/setup/${name}"]`);
    const steps = page.getByRole("heading", { name: "Set up this box" });

    await page.goto(facts.status);
    await type(page, page.getByLabel("Set-up code"), facts.setupCode);
    await type(page, page.getByLabel("Your passphrase"), PASSPHRASE);
    await page.keyboard.press("Enter");
    await steps.waitFor();
    await shoot("steps");

    await press(page, step("site"));
    await type(page, page.getByLabel("Name"), "Elm Street");
    await type(page, page.getByLabel("Place"), "Dresden");
    await press(page, button("Save"));
    await page.getByRole("alert").getByText("This is no place").waitFor();
    expect(await page.getByLabel("Name").inputValue(), "nothing typed is lost").toBe("Elm Street");
    expect(await page.getByLabel("Time zone").inputValue(), "the browser's").toBe("Europe/Paris");
    await type(page, page.getByLabel("Place"), "48.8584, 2.2945");
    await press(page, button("Save"));
    await steps.waitFor();
    await page.getByText("Elm Street").first().waitFor();

    await press(page, step("platform"));
    await type(page, page.getByRole("textbox", { name: "Address" }), "ftp://platform.example");
    await press(page, button("Does it answer?"));
    await page.getByText("This is no address of a platform").waitFor();
    await type(page, page.getByRole("textbox", { name: "Address" }), facts.toType.platform);
    await press(page, button("Does it answer?"));
    await page.getByText("It answers.").waitFor();
    await press(page, button("Save"));
    await steps.waitFor();

    await press(page, step("finish"));
    await page.getByText("Before you can begin").waitFor();
    expect(await page.getByRole("link", { name: "We have agreed: begin" }).count()).toBe(0);
    await press(page, page.locator("main").locator(`a[href="/setup/policy"]`));
    await type(page, page.getByLabel("Name", { exact: true }), "Elm Street Association");
    await page.locator("#preview").getByText("Elm Street Association is responsible").waitFor();
    await press(page, button("Show the sign"));
    await page.getByRole("alert").getByText("Please write who answers for the data").waitFor();
    await type(page, page.getByLabel("How to reach them"), "privacy@elm.example");
    // With the arrows, as in any group of radio buttons: each single movement, since a test does not wait for a quarter of an hour.
    await press(page, page.locator("input[name=motion]:checked"), "ArrowDown");
    await page.locator("#preview").getByText("When something moves").waitFor();
    await shoot("policy");
    await press(page, button("Save"));
    await steps.waitFor();

    await press(page, step("sensor"));
    await press(page, page.locator(`a[href^="/devices/new?then="]`));
    await press(page, page.locator(`a[href^="/devices/new/zigbee2mqtt"]`));
    await press(page, page.locator('form[action$="/bridge"] button'));
    await giveLogin(page, facts.toType.bridge);
    await page.locator("#heard .verdict.good").waitFor();
    await page.goto(`${facts.status}/devices`);
    await press(page, page.locator('a[href^="/proposals/"]').filter({ hasText: "path_lux" }));
    await type(page, page.locator("input[name=zone]"), "path");
    await press(page, page.locator('form[action$="/approve"] button'));
    await page.waitForURL(/\/devices\//);
    await page.goto(`${facts.status}/setup/sensor`);
    await page.getByText("Heard it!").waitFor();
    expect(await toldTo(facts.platform), "a draft tells nothing").toEqual([]);

    await press(page, page.locator("main").getByRole("link", { name: "All steps" }).first());
    await press(page, step("camera"));
    await addCamera(page, facts.toType.camera);
    await page.getByText("Gate", { exact: true }).waitFor();
    await press(page, page.locator("main").getByRole("link", { name: "All steps" }).first());
    await press(page, step("finish"));
    await shoot("finish");
    await press(page, page.getByRole("link", { name: "We have agreed: begin" }));
    await press(page, button("Yes, begin"));
    await page.getByText("What was agreed holds").waitFor();
    await expect
      .poll(() => toldTo(facts.platform), { timeout: 30_000, interval: 300 })
      .toContain("hedgerow.light.level.v1");
    const complaints = desk.complaints.filter((said) => !/status of 400|ERR_CONNECTION_REFUSED|stream/.test(said));
    expect(complaints).toEqual([]);
  });

  test("on a phone, in Arabic, without scripts: what was agreed is said, the sign is shown, and the box begins", async () => {
    const nobody = { name: "to be named", contact: "to be named" };
    const policy = { version: 1, draft: true, controller: nobody, events: { motion: { mode: "counts" } } };
    const gateway = { gateway: { id: "test-street", name: "Elm Street", dataDir: "./data" } };
    await using house = await openHouse({ kit: {}, policy, gateway });
    await house.start();
    const url = `http://127.0.0.1:${house.statusPort}`;
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await using hand = await launchPage(url, { ...phone, locale: "ar", javaScriptEnabled: false });
    const { page } = hand;
    const shoot = async (what: string) => {
      await page.screenshot({ path: join(OUT, `set-up-ar-${what}.png`), fullPage: true });
    };
    const save = () => page.locator("main form button").first().tap();
    await page.goto(url);
    expect(await page.locator("html").getAttribute("dir")).toBe("rtl");
    await page.locator("#code").fill((await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).trim());
    await page.locator("#passphrase").fill(PASSPHRASE);
    await page.locator("main form button").tap();
    await page.locator("ol.set-up").waitFor();
    await shoot("steps");
    await page.locator('a[href="/setup/policy"]').tap();
    await page.locator("#name").fill("جمعية شارع الدردار");
    await page.locator('input[name="language-ar"]').check();
    await page.locator('button[formaction="/setup/policy/show"]').tap();
    await page.getByRole("alert").waitFor();
    expect(await page.locator("#name").inputValue(), "nothing typed is lost").toBe("جمعية شارع الدردار");
    await page.locator("#contact").fill("privacy@elm.example");
    await page.locator('input[name="motion"][value="none"]').check();
    await page.locator("#from").fill("22:00");
    await page.locator("#to").fill("06:00");
    await page.locator('button[formaction="/setup/policy/show"]').tap();
    await page.locator('#preview [lang="ar"][dir="rtl"]').getByText("جمعية شارع الدردار").waitFor();
    expect(await page.locator('input[name="keep-0"]').getAttribute("value")).toBe("22:00/06:00");
    await shoot("policy");
    await save();
    await page.waitForURL(/\/setup\/steps$/);
    await page.locator('a[href="/setup/finish"]').tap();
    await shoot("finish");
    await page.locator('a[href="/setup/begin"]').tap();
    await save();
    await page.waitForURL(/\/setup\/finish$/);
    await page.locator('main a[href="/sign"]').tap();
    await page.locator("article.sheet").getByText("جمعية شارع الدردار").first().waitFor();
    const written = await readFile(join(house.directory, "policy.yaml"), "utf8");
    expect(written).toContain("جمعية شارع الدردار");
    expect(await house.hedgerow("policy", "show", "--language", "en", "--config", house.config)).toContain("22:00");
    expect(hand.complaints).toEqual([]);
  });
});

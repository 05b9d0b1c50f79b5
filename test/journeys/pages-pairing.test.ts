// Shown: a person adds a sensor from the page of the real program, in a real browser, with mosquitto_pub as the sensor:
// lines, one-time link, "Heard it!", why a message was not used, revocation. Skipped aloud without chromium or mosquitto_pub.
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { openHouse, type TestHouse } from "../helpers/gateway-process.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

const OUT = join(import.meta.dirname, "../../out/screenshots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const hasSensor = spawnSync("mosquitto_pub", ["--help"]).error === undefined;
if (!hasSensor) console.warn("skipped: pairing from the page needs mosquitto_pub (apt-get install mosquitto-clients)");

type Login = { readonly username: string; readonly password: string };

/** Publishes with QoS 1 and waits for the acknowledgement; rejects when the login is refused. */
async function publish(house: TestHouse, login: Login, topic: string, payload: string): Promise<void> {
  const asked = ["-h", "127.0.0.1", "-p", String(house.brokerPort), "-u", login.username, "-P", login.password];
  await promisify(execFile)("mosquitto_pub", [...asked, "-q", "1", "-t", topic, "-m", payload]);
}

async function enter(page: Page, house: TestHouse): Promise<void> {
  await page.goto(`http://127.0.0.1:${house.statusPort}/`);
  await page.getByLabel("Set-up code").fill((await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).trim());
  await page.getByLabel("Your passphrase").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Set up and log in" }).click();
  await page.getByRole("link", { name: "Devices" }).waitFor();
}

/** Adds a device, by default one that sends one JSON object; the page shows its lines afterwards. */
async function add(
  page: Page,
  { name, zone, profile = "generic/json" }: { name: string; zone: string; profile?: string },
): Promise<void> {
  await page.getByRole("link", { name: "Devices" }).click();
  await page.locator(`a[href="/devices/new"]`).click();
  await page.locator(`a[href="/devices/new/${profile.split("/")[0]}"]`).click();
  await page.locator(`input[name="profile"][value="${profile}"]`).check();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Zone").fill(zone);
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByText(`Waiting for the first message of ${name}`).waitFor();
}

async function valueOf(page: Page, term: string): Promise<string> {
  // The set-up lines may name it once more, as the field that it goes into.
  return (await page.locator(`dt:text-is("${term}") + dd code`).first().textContent()) ?? "";
}

async function loginOf(page: Page): Promise<Login> {
  return { username: await valueOf(page, "User name"), password: await valueOf(page, "Password") };
}

describe.runIf(hasBrowser() && hasSensor)("pairing from the page", () => {
  test("a sensor is added, its lines are read by a one-time link, it is heard, and revoked", async () => {
    await using house = await openHouse({ kit: {} });
    await house.start();
    const url = `http://127.0.0.1:${house.statusPort}`;
    await using desk = await launchPage(url);
    const { page, context } = desk;
    await mkdir(OUT, { recursive: true });
    await enter(page, house);
    await page.getByText("No sensors yet.").waitFor();
    await add(page, { name: "Gate PIR", zone: "Front Gate" });
    const [login, topic] = [await loginOf(page), await valueOf(page, "Topic")];
    await page.screenshot({ path: join(OUT, "journey-lines-desktop.png"), fullPage: true });

    await context.grantPermissions(["clipboard-read"]);
    await page.getByRole("button", { name: "Copy Password" }).first().click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(login.password);

    const link = (await page.locator("#link code").textContent()) ?? "";
    await using phone = await launchPage(url, PHONE);
    await phone.page.goto(link);
    await phone.page.getByRole("button", { name: "Show the set-up lines" }).click();
    expect(await loginOf(phone.page)).toEqual(login);
    await phone.page.screenshot({ path: join(OUT, "journey-link-phone.png"), fullPage: true });
    await page.getByText("The link was opened").waitFor();

    await publish(house, login, "sensors/elsewhere", "{}");
    await page.getByText("It spoke on a topic that is not its own").waitFor();
    await publish(house, login, topic, JSON.stringify({ motion: true, ssid: "made-up network" }));
    await page.getByText("Heard it!").waitFor();
    await phone.page.getByText("Heard it!").waitFor();
    expect(await loginOf(phone.page)).toEqual(login);
    await phone.page.close();
    await page.screenshot({ path: join(OUT, "journey-heard-desktop.png"), fullPage: true });

    await page.getByRole("link", { name: "Done" }).click();
    const why = page.getByRole("region", { name: "Why don’t I see my sensor?" });
    await why.getByText("motion", { exact: true }).waitFor();
    await why.getByText("ssid").waitFor();
    await publish(house, login, topic, "not json");
    await why.getByText("It could not be read").waitFor();
    await page.screenshot({ path: join(OUT, "journey-why-desktop.png"), fullPage: true });

    await page.getByRole("link", { name: "Revoke its login" }).click();
    await page.getByRole("button", { name: "Revoke its login" }).click();
    await page.getByText("Its login is void").waitFor();
    await expect(publish(house, login, topic, "{}")).rejects.toThrow(/not authori[sz]ed/i);
    await page.getByRole("link", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove it" }).click();
    await page.getByRole("heading", { name: "Add the first sensor" }).waitFor();
    expect([...desk.complaints, ...phone.complaints]).toEqual([]);
  });

  test("without script a sensor is added and seen to be heard, and a bridge's device is approved", async () => {
    await using house = await openHouse({ kit: {} });
    await house.start();
    await using phone = await launchPage(`http://127.0.0.1:${house.statusPort}`, {
      ...PHONE,
      javaScriptEnabled: false,
    });
    const { page } = phone;
    await enter(page, house);
    await add(page, { name: "Hall light", zone: "hall" });
    await publish(house, await loginOf(page), await valueOf(page, "Topic"), JSON.stringify({ illuminance: 12.5 }));
    await page.reload();
    await page.getByText("Heard it!").waitFor();
    await page.getByText("light 12.5 lx").waitFor();

    await page.goto(`http://127.0.0.1:${house.statusPort}/devices/new/zigbee2mqtt`);
    await page.getByRole("button", { name: "Make its login" }).click();
    const bridge = await loginOf(page);
    await publish(house, bridge, "zigbee2mqtt/Back door", JSON.stringify({ contact: true, battery: 80 }));
    await page.getByRole("link", { name: "Devices" }).first().click();
    await page.getByText("1 waits for your approval").waitFor();
    await page.screenshot({ path: join(OUT, "journey-waits-phone.png"), fullPage: true });
    await page.getByRole("link", { name: /Back door/ }).click();
    await page.getByLabel("Zone").fill("Back door");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("Approved.").waitFor();
    await publish(house, bridge, "zigbee2mqtt/Back door", JSON.stringify({ contact: false, battery: 80 }));
    await page.reload();
    await page.getByText("open", { exact: false }).first().waitFor();
    await page.screenshot({ path: join(OUT, "journey-approved-phone.png"), fullPage: true });
    expect(phone.complaints).toEqual([]);
  });

  test("a lamp that listens is switched from the page, and one that cannot be is told of in a sentence", async () => {
    await using house = await openHouse({ kit: {} });
    await house.start();
    await using desk = await launchPage(`http://127.0.0.1:${house.statusPort}`);
    const { page } = desk;
    await enter(page, house);
    await add(page, { name: "Path lamp", zone: "path", profile: "tasmota/relay" });
    const { username, password } = await loginOf(page);
    await page.getByRole("link", { name: "Done" }).click();
    const asked = ["-h", "127.0.0.1", "-p", String(house.brokerPort), "-u", username, "-P", password];
    // Line by line: into a pipe it would say what it heard only when it ends.
    const lamp = spawn("stdbuf", ["-oL", "mosquitto_sub", ...asked, "-d", "-t", "cmnd/path-lamp/#"]);
    const isOver = once(lamp, "close");
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => {
      lamp.kill();
      await isOver;
    });
    const lines = createInterface(lamp.stdout)[Symbol.asyncIterator]();
    const until = async (pattern: RegExp): Promise<void> => {
      for (let next = await lines.next(); next.done !== true; next = await lines.next())
        if (pattern.test(next.value)) return;
      throw new Error(`mosquitto_sub ended before it said ${pattern}`);
    };
    await until(/^Subscribed/);
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("The lamp was told.").waitFor();
    await until(/PUBLISH.*'cmnd\/path-lamp\/Power1'/);
    await until(/^ON$/);
    await page.getByRole("button", { name: "Switch off" }).click();
    await page.getByText(/moment ago|does not listen/).waitFor();
    expect(desk.complaints.filter((complaint) => !/4(09|29)/.test(complaint))).toEqual([]);
  });
});

// Shown: a steward looks through a real camera from the page of the real program, draws a mask by keyboard, which is kept in the
// policy; a resident checks the receipts, and a picture, in the browser. The real redactor at work; skipped aloud
// without chromium.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { openHouse, type TestHouse } from "../helpers/gateway-process.ts";
import { serveSnapshotCamera } from "../helpers/http-cameras.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

const OUT = join(import.meta.dirname, "../../out/screenshots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function openSite() {
  await using stack = new AsyncDisposableStack();
  const picture = await sharp(await samplePhotograph("sample1"))
    .resize(960)
    .jpeg()
    .toBuffer();
  const camera = stack.use(await serveSnapshotCamera({ picture }));
  const source = { kind: "http-snapshot", url: camera.url };
  const house = stack.use(
    await openHouse({
      kit: {
        cameras: [
          { id: "gate-cam", name: "Gate camera", zone: "gate", source, schedule: { at: ["03:00"] } },
          { id: "yard-cam", name: "Yard camera", zone: "yard", source, schedule: { at: ["03:00"] } },
        ],
      },
      policy: {
        cameras: { "gate-cam": { purpose: { en: "See whether the gate was left open" }, until: "2099-06-30" } },
      },
    }),
  );
  await house.start();
  const owned = stack.move();
  return {
    house,
    camera,
    url: `http://127.0.0.1:${house.statusPort}`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function enter(page: Page, house: TestHouse): Promise<void> {
  await page.goto(`http://127.0.0.1:${house.statusPort}/`);
  await page.getByLabel("Set-up code").fill((await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).trim());
  await page.getByLabel("Your passphrase").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Set up and log in" }).click();
  await page.getByRole("link", { name: "Cameras" }).waitFor();
}

describe.runIf(hasBrowser())("cameras and receipts from the page", () => {
  test("a steward tests a camera, masks a part of its picture, and a resident checks what was made of it", async () => {
    await using site = await openSite();
    const { house, camera, url } = site;
    /** When the house opened, in epoch milliseconds; 0 while it opens anew. */
    const startOf = async ({ request }: BrowserContext): Promise<number> => {
      const answered = await request.get(`${url}/api/v1/status`).catch(() => null);
      return answered?.ok() === true ? Date.parse((await answered.json()).gateway.startedAt) : 0;
    };
    await using desk = await launchPage(url);
    const { page, context } = desk;
    await mkdir(OUT, { recursive: true });
    await enter(page, house);
    await page.getByRole("link", { name: "Cameras" }).click();
    await page.getByRole("link", { name: "Gate camera" }).click();

    // The test: redacted, told, and nothing of it kept or counted.
    const test = () => context.request.post(`${url}/api/v1/cameras/gate-cam/test`);
    // The self-check at the start is a look, too.
    await expect.poll(async () => (await test()).status(), { timeout: 60_000 }).toBe(200);
    await page.getByRole("button", { name: "Take a test picture" }).click();
    await page.getByRole("img", { name: "Redacted test picture of Gate camera" }).waitFor();
    await page.getByText(/^painted over in \d+ places$/).waitFor();
    await page.getByText("0 of 24 used today").waitFor();
    await page.screenshot({ path: join(OUT, "journey-camera-test-desktop.png"), fullPage: true });

    // The mask by keyboard; it is the policy's then, and the house opens anew with it.
    await page.getByRole("link", { name: "Draw a mask on it" }).click();
    await page.getByLabel("Name").fill("the bench");
    await page.getByRole("button", { name: /^Corner 1:/ }).focus();
    for (let press = 0; press < 10; press += 1) await page.keyboard.press("ArrowLeft");
    await page.locator("#keep [name=x][value='0.3']").waitFor({ state: "attached" });
    await page.screenshot({ path: join(OUT, "journey-mask-desktop.png"), fullPage: true });
    const before = await startOf(context);
    await page.getByRole("button", { name: "Keep this mask" }).click();
    await page.getByText("The mask is kept.").waitFor();
    await expect.poll(() => startOf(context), { timeout: 60_000 }).toBeGreaterThan(before);
    const masks = await house.hedgerow("camera", "mask", "gate-cam", "--json", "--config", house.config);
    expect(JSON.parse(masks)).toMatchObject([
      {
        name: "the bench",
        polygon: [
          [0.3, 0.4],
          [0.6, 0.4],
          [0.6, 0.6],
          [0.4, 0.6],
        ],
      },
    ]);

    // By hand: counted, kept, with a receipt.
    await page.goto(`${url}/cameras/gate-cam`);
    await page.getByRole("button", { name: "Take a picture now" }).click();
    await page.getByText("The picture was taken").waitFor();
    await page.getByText("1 of 24 used today").waitFor();
    await page.getByText(/^faces painted over in \d+ places$/).waitFor();
    const last = await context.request.get(`${url}/cameras/gate-cam/last.jpg`);
    const taken = join(house.directory, "taken.jpg");
    await writeFile(taken, await last.body());

    // Paused: nobody looks through it, not even for a test, until somebody lets it look again.
    await page.getByRole("button", { name: "Pause it" }).click();
    await page.getByText("Paused by steward.").waitFor();
    expect((await test()).status()).toBe(400);
    await page.getByRole("button", { name: "Let it look again" }).click();
    await page.getByText("It looks again.").waitFor();

    // Two looks at once through one camera; another camera that the policy does not name; a camera that is away.
    const both = await Promise.all([test(), test()]);
    expect(new Set(both.map((answer) => answer.status()))).toEqual(new Set([200, 429]));
    const unnamed = await context.request.post(`${url}/api/v1/cameras/yard-cam/test`);
    expect([unnamed.status(), (await unnamed.json()).error]).toEqual([400, expect.stringContaining("policy.yaml")]);
    camera.fall({ kind: "status", status: 503 });
    await page.getByRole("button", { name: "Take a test picture" }).click();
    await page.getByText("No picture to show").waitFor();
    await page.getByText("withheld", { exact: true }).waitFor();

    // The resident, on a phone, without a login.
    await using phone = await launchPage(url, PHONE);
    const resident = phone.page;
    await resident.goto(`${url}/transparency`);
    const link = resident.getByRole("link", { name: "Check the receipts, or a picture of yours" });
    await link.click();
    await expect
      .poll(async () => {
        await resident.reload();
        return resident.locator("#receipts > li").count();
      })
      .toBe(1);
    await resident.getByRole("button", { name: "Check all" }).click();
    await resident.getByText("Receipts checked: 1. All are genuine").waitFor();
    await resident.getByLabel("Choose the picture file").setInputFiles(taken);
    await resident.getByText("There is a genuine receipt for this picture").waitFor();
    await resident.screenshot({ path: join(OUT, "journey-receipts-phone.png"), fullPage: true });
    // The page that waits for the house to open anew asks it while it is closed.
    const complaints = desk.complaints.filter((said) => !said.includes("ERR_CONNECTION_REFUSED"));
    expect([...complaints, ...phone.complaints]).toEqual([]);
  });
});

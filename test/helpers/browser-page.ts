// The local page in a real browser, Debian's chromium, over a kit made by hand.
import { existsSync } from "node:fs";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { fakeHouse } from "./fake-house.ts";
import { streetPicture } from "./street-picture.ts";
import { openTestWeb, PASSPHRASE, type TestWeb } from "./test-web.ts";

const CHROMIUM = "/usr/bin/chromium";
export const DESK = { width: 1280, height: 900 };

/** Whether there is a browser; says aloud when there is none. */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  console.warn(`skipped: the page's browser tests need ${CHROMIUM} (apt-get install chromium)`);
  return false;
}

/** A page in a browser of its own; `complaints`: what the console, the policy and the network said. Only `url` may be asked. */
export async function launchPage(url: string, options: BrowserContextOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const flags =
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: flags.split(" ") });
  stack.defer(() => browser.close());
  const context = await browser.newContext({ viewport: DESK, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  const owned = stack.move();
  return { page, context, complaints, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A page over a kit in good order, in a browser. */
export async function openBrowser(options: BrowserContextOptions = {}, house = fakeHouse()) {
  await using stack = new AsyncDisposableStack();
  house.picture = await streetPicture();
  const web = stack.use(await openTestWeb({ house }));
  const opened = stack.use(await launchPage(web.url, options));
  const owned = stack.move();
  return { ...opened, web, house, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Sets the gateway up as a person does, and waits for the status page in good order. */
export async function setUp({ web, page }: { web: TestWeb; page: Page }): Promise<void> {
  await page.goto(web.url);
  await page.getByLabel("Set-up code").fill(web.web.setupCode ?? "");
  await page.getByLabel("Your passphrase").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Set up and log in" }).click();
  await page.getByText("Everything works.").waitFor();
}

// Receipts in a resident's browser: checked there, and every alteration of picture, policy, signature or chain shown as one; and
// how the page looks. Skipped aloud where there is no chromium.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";
import { ledgerOf, signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb, testWebPolicy } from "../helpers/test-web.ts";

const PICTURES = ["one", "two", "three", "four"].map((name) => Buffer.from(`made-up picture ${name}`));

/** A resident's browser at a page of four signed receipts. */
async function openResident(options: BrowserContextOptions = {}, change: { readonly keyChangesAt?: number } = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const digests = PICTURES.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  const receipts = await signedReceipts(directory.path, digests, change);
  const policy = { ...testWebPolicy(), events: { ...testWebPolicy().events, motion: { mode: "each" } as const } };
  const web = stack.use(await openTestWeb({ dataDir: directory.path, policy, ...ledgerOf(receipts) }));
  const opened = stack.use(await launchPage(web.url, options));
  const owned = stack.move();
  const url = `${web.url}/transparency/receipts`;
  return { ...opened, url, receipts, directory: directory.path, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const ALL_GOOD = "Receipts checked: 4. All are genuine, and none is missing between them.";

describe.runIf(hasBrowser())("receipts in a resident's browser", () => {
  test("all are checked where they stand, one by one too, with the key that the resident was told", async () => {
    await using open = await openResident();
    const { page, url, complaints } = open;
    await page.goto(url);
    await page.getByRole("button", { name: "Check all" }).press("Enter");
    await page.getByText(ALL_GOOD).waitFor();
    expect(await page.getByText("Genuine, and the first of all.").count()).toBe(1);
    const other = `${"A".repeat(43)}=`;
    await page.getByLabel("Public key to check with").fill(other);
    await page
      .getByRole("button", { name: /^Check it: / })
      .first()
      .click();
    await page.getByText("Not genuine. It was changed, or signed by another key.").waitFor();
    expect(complaints).toEqual([]);
  });

  test("over a change of keys all are checked by the keys of now and before, and not by one of them alone", async () => {
    await using open = await openResident({}, { keyChangesAt: 2 });
    const { page, url, complaints } = open;
    await page.goto(url);
    await page.getByRole("button", { name: "Check all" }).press("Enter");
    await page.getByText(ALL_GOOD).waitFor();
    const field = page.getByLabel("Public key to check with");
    await field.fill((await field.inputValue()).split(" ")[0] ?? "");
    await page.getByRole("button", { name: "Check all" }).press("Enter");
    await page.getByText("Receipts checked: 4. Not in order: 2.").waitFor();
    expect(complaints).toEqual([]);
  });

  const quote = (text: string) => text.replaceAll('"', "&quot;");
  test.each([
    ["the policy's digest", (text: string) => text.replace(quote('"policy":"c'), quote('"policy":"d')), 1],
    ["the picture's digest", (text: string) => text.replace(/(&quot;image&quot;:&quot;)[0-9a-f]/, "$1x"), 1],
    ["how many places were painted", (text: string) => text.replace(/(&quot;regions&quot;:)\d+/, "$19"), 1],
    ["a signature", (text: string) => text.replace(/(&quot;signature&quot;:&quot;)./, "$1-"), 1],
    ["a field too many", (text: string) => text.replace("{&quot;version", "{&quot;x&quot;:1,&quot;version"), 1],
    [
      "a receipt taken out",
      (text: string) => text.replace(/(class="row receipt">[^]*?)<li class="row receipt">[^]*?<\/li>/, "$1"),
      1,
    ],
  ])("altered on its way, %s is shown", async (_, alter, bad) => {
    await using open = await openResident();
    const { page, url } = open;
    await page.route(url, async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      expect(alter(text)).not.toBe(text);
      await route.fulfill({ response, body: alter(text) });
    });
    await page.goto(url);
    await page.getByRole("button", { name: "Check all" }).click();
    await page.getByText(`Not in order: ${bad}.`).waitFor();
    expect(await page.getByText(ALL_GOOD).count()).toBe(0);
  });

  test("a picture is found by its bytes, which never leave the browser; with one byte altered it is not", async () => {
    await using open = await openResident();
    const { page, url, directory } = open;
    const [, picture] = PICTURES;
    if (picture === undefined) throw new Error("unreachable");
    const file = join(directory, "picture.jpg");
    const sent: string[] = [];
    page.on("request", (request) => sent.push(`${request.method()} ${request.postData() ?? ""}`));
    await page.goto(url);
    await writeFile(file, picture);
    await page.getByLabel("Choose the picture file").setInputFiles(file);
    await page.getByText("There is a genuine receipt for this picture").waitFor();
    expect(new Set(sent)).toEqual(new Set(["GET "]));
    const altered = Buffer.from(picture);
    altered[3] = (altered[3] ?? 0) ^ 1;
    const other = join(directory, "altered.jpg");
    await writeFile(other, altered);
    await page.getByLabel("Choose the picture file").setInputFiles(other);
    await page.getByText("There is no receipt for this picture.").waitFor();
  });

  test("an answer that was altered on its way is not believed", async () => {
    await using open = await openResident();
    const { page, url, directory, receipts } = open;
    const file = join(directory, "picture.jpg");
    await page.goto(url);
    await page.route("**/api/v1/receipts?*", (route) => {
      const image = new URL(route.request().url()).searchParams.get("sha256");
      return route.fulfill({ json: { receipts: [{ ...receipts[0], image }] } });
    });
    await writeFile(file, "a picture of elsewhere");
    await page.getByLabel("Choose the picture file").setInputFiles(file);
    await page.getByText("There is a receipt, but it is not genuine").waitFor();
  });

  test.each(LOOKS)("the page can be read on a $name, at twice the size too", async (look) => {
    const { viewport, colorScheme } = look;
    await using open = await openResident({ viewport, colorScheme });
    await open.page.goto(open.url);
    await open.page.getByRole("button", { name: "Check all" }).click();
    await open.page.getByText(ALL_GOOD).waitFor();
    await shootPage(open.page, { what: "receipts", look });
    expect(open.complaints).toEqual([]);
  });
});

// The public pages in a resident's browser, in each language: on a phone and a desk, by day and by night, at twice the size, on
// paper. axe finds nothing wrong. Two languages here, and of four looks two in Arabic and one in English, which
// pages-looks.test.ts looks at too; all with SOAK. Screenshots and PDFs go to out/transparency. Skipped aloud
// where there is no chromium.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { axeViolations } from "../helpers/axe.ts";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { CONTRAST, WIDER_THAN_THE_SCREEN } from "../helpers/page-looks.ts";
import { openPublicSite } from "../helpers/public-site.ts";

const OUT = join(import.meta.dirname, "../../out/transparency");
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
const IS_SOAK = process.env["SOAK"] !== undefined;
const TAGS = IS_SOAK ? languageTags() : ["en", "ar"];
const LOOKS = [
  { name: "desk-light", viewport: DESK, colorScheme: "light" },
  { name: "phone-dark", viewport: PHONE, colorScheme: "dark" },
  { name: "phone-light", viewport: PHONE, colorScheme: "light" },
  { name: "desk-dark", viewport: DESK, colorScheme: "dark" },
] as const;

/** What begins left of the screen: nobody can scroll there in a right-to-left page's own direction either. */
const BESIDE_THE_LEFT = `[...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().left < -1
  && element.closest(".scroll, .unseen, .skip, [hidden]") === null && element.checkVisibility()).map((element) => element.outerHTML.slice(0, 80))`;

describe.runIf(hasBrowser())("the public pages in each language", () => {
  test.each(TAGS)("in %s they can be read by everybody", async (tag) => {
    await mkdir(OUT, { recursive: true });
    await using site = await openPublicSite();
    await using open = await launchPage(site.page.url);
    const { page, complaints } = open;
    const language = languageOf(tag);
    const digest = site.receipts[0]?.image ?? "";
    await page.goto(`${site.page.url}/transparency?lang=${tag}`);
    await page.locator("#receipts button").first().click();
    await page.getByText(language.say("receipts.genuine"), { exact: false }).waitFor();
    for (const [name, path] of [
      ["page", `/transparency?lang=${tag}`],
      ["receipts", `/transparency/receipts?lang=${tag}&sha256=${digest}`],
    ] as const) {
      await page.goto(`${site.page.url}${path}`);
      expect(await page.locator("html").getAttribute("lang")).toBe(tag);
      expect(await page.locator("html").getAttribute("dir")).toBe(language.direction);
      for (const { name: of, viewport, colorScheme } of LOOKS.slice(0, IS_SOAK ? 4 : tag === "ar" ? 2 : 1)) {
        await page.emulateMedia({ colorScheme });
        await look(page, { what: `${name}-${tag}-${of}`, viewport });
      }
      await page.setViewportSize({ width: DESK.width / 2, height: DESK.height / 2 });
      expect(await page.evaluate(WIDER_THAN_THE_SCREEN), "at 200 %").toEqual([]);
      const pdf = await page.pdf({ format: "A4" });
      await writeFile(join(OUT, `${name}-${tag}.pdf`), pdf);
      expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length, "sheets of paper").toBeLessThan(14);
    }
    await page.getByRole("button", { name: language.say("receipts.check-all") }).click();
    const words = { count: String(site.receipts.length) };
    await page.getByText(language.say("receipts.checked-good", words)).waitFor();
    if (IS_SOAK) await look(page, { what: `receipts-${tag}-checked`, viewport: PHONE });
    expect(complaints).toEqual([]);
  });

  test("before the first picture the page reads without a mistake", async () => {
    await using site = await openPublicSite({ receipts: () => [], receiptCount: () => 0 });
    await using open = await launchPage(site.page.url, { locale: "en" });
    for (const path of ["/transparency", "/transparency/receipts"]) {
      await open.page.goto(`${site.page.url}${path}`);
      await open.page.getByText(languageOf("en").say("page.receipts-none")).waitFor();
    }
    await open.page.getByRole("button", { name: languageOf("en").say("receipts.check-all") }).click();
    await open.page.getByText(languageOf("en").say("receipts.checked-none")).waitFor();
    expect(open.complaints).toEqual([]);
  });

  test("without a script all of it reads, and the language is chosen by a link and stays chosen", async () => {
    await using site = await openPublicSite();
    await using open = await launchPage(site.page.url, { javaScriptEnabled: false, locale: "de-AT" });
    const { page, complaints } = open;
    const [german, arabic] = [languageOf("de"), languageOf("ar")];
    await page.goto(`${site.page.url}/transparency`);
    await page.getByRole("heading", { level: 1, name: german.say("page.title") }).waitFor();
    await page.getByRole("link", { name: "العربية" }).click();
    await page.getByRole("heading", { level: 1, name: arabic.say("page.title") }).waitFor();
    await page.getByRole("link", { name: arabic.say("page.receipts-check") }).click();
    await page.getByRole("heading", { level: 1, name: arabic.say("receipts.title") }).waitFor();
    await page.getByText(arabic.say("receipts.no-script")).waitFor();
    await page.getByLabel(arabic.say("receipts.digest")).fill(site.receipts[1]?.image ?? "");
    await page.getByRole("button", { name: arabic.say("receipts.ask") }).click();
    await page.getByText(arabic.say("receipts.found")).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("ar");
    expect(complaints).toEqual([]);
  });
});

async function look(page: Page, { what, viewport }: { what: string; viewport: typeof DESK }): Promise<void> {
  await page.setViewportSize(viewport);
  await page.screenshot({ path: join(OUT, `${what}.png`), fullPage: true });
  for (const script of [CONTRAST, WIDER_THAN_THE_SCREEN, BESIDE_THE_LEFT])
    expect(await page.evaluate(script), what).toEqual([]);
  expect(await axeViolations(page), what).toEqual([]);
}

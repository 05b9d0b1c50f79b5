// The sign in a real browser: printed it is one A4 page on which nothing is cut off, whatever the policy says, in each language; on a
// screen it can be read on a phone and at a desk, and axe finds nothing. Two languages in test/run, each of them in a soak.
// Screenshots and PDFs go to out/sign/. Skipped aloud where there is no chromium.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { languageTags } from "../../src/languages/say.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { DESK, hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { shootPage } from "../helpers/page-looks.ts";
import { fullPolicy, hostilePolicy, signPolicy } from "../helpers/sign-policies.ts";
import { openTestWeb } from "../helpers/test-web.ts";

const OUT = join(import.meta.dirname, "../../out/sign");
const LANGUAGES = process.env["SOAK"] === undefined ? ["de", "ar"] : languageTags();
const POLICIES: Readonly<Record<string, Policy>> = {
  "no-camera": signPolicy({ cameras: {} }),
  "one-camera": signPolicy(),
  "four-cameras": fullPolicy(4, 240),
  "forty-cameras": fullPolicy(40, 2000),
  hostile: hostilePolicy(),
};
/** A4 at 96 pixels an inch. */
const A4 = { width: 794, height: 1123 };

const AT_A_DESK = { name: "desktop", viewport: DESK, colorScheme: "light" } as const;
/** The narrowest that is still about: the sign has no dark side, paper is white. */
const PHONE = { name: "phone", viewport: { width: 360, height: 740 }, colorScheme: "light" } as const;

/** What is cut off or lies over something else on the sheet, as text. */
const CUT = `(() => {
  const found = [];
  const sheet = document.querySelector(".sheet");
  const bounds = sheet.getBoundingClientRect();
  for (const element of sheet.querySelectorAll("*")) {
    const { left, right, top, bottom, width } = element.getBoundingClientRect();
    if (width === 0) continue;
    if (left < bounds.left - 1 || right > bounds.right + 1 || top < bounds.top - 1 || bottom > bounds.bottom + 1)
      found.push("beyond the sheet: " + element.textContent.slice(0, 40));
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      found.push("wider than its box: " + element.textContent.slice(0, 40));
  }
  for (const box of sheet.querySelectorAll(".columns, .column, .head, .link"))
    if (box.scrollHeight > box.clientHeight + 1) found.push("higher than its box: " + box.className);
  if (sheet.scrollHeight > sheet.clientHeight + 1) found.push("the sheet runs over");
  const blocks = [...sheet.children].map((child) => child.getBoundingClientRect());
  blocks.slice(1).forEach((block, index) => { if (block.top < blocks[index].bottom) found.push("blocks overlap"); });
  return found;
})()`;

describe.runIf(hasBrowser())("the sign", () => {
  let stack = new AsyncDisposableStack();
  const pages = new Map<string, string>();
  let page: Page;
  let complaints: readonly string[] = [];

  beforeAll(async () => {
    await mkdir(OUT, { recursive: true });
    for (const [name, policy] of Object.entries(POLICIES)) {
      const status = { host: "127.0.0.1", port: 0, publicUrl: "http://hedgerow-of-elm-street.local:8080" };
      const settings = SCHEMAS.gateway.parse({
        gateway: { id: "elm-street", timezone: "Europe/Paris" },
        platform: [{ id: "main", kind: "https", url: "https://platform.example/hedgerow" }],
      });
      const web = stack.use(await openTestWeb({ policy, settings: { ...settings, status } }));
      pages.set(name, web.url);
    }
    const opened = stack.use(await launchPage("http://127.0.0.1", { viewport: A4 }));
    ({ page, complaints } = opened);
  });
  afterAll(() => stack.disposeAsync());

  test.each(Object.keys(POLICIES).flatMap((name) => LANGUAGES.map((tag) => [name, tag] as const)))(
    "of the policy %s in %s is one A4 page, and nothing on it is cut off",
    async (name, tag) => {
      await page.emulateMedia({ media: "print" });
      await page.goto(`${pages.get(name)}/sign?lang=${tag}`);
      expect(await page.evaluate(CUT)).toEqual([]);
      const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
      await writeFile(join(OUT, `${name}-${tag}.pdf`), pdf);
      const text = pdf.toString("latin1");
      expect(text.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
      expect(text).toMatch(/\/MediaBox \[0 0 59[45][.\d]* 84[12]/);
    },
  );

  test.each(LANGUAGES)("can be read on a screen in %s, and chosen in another language", async (tag) => {
    await page.emulateMedia({ media: "screen" });
    for (const look of [AT_A_DESK, PHONE]) {
      await page.setViewportSize(look.viewport);
      await page.goto(`${pages.get("one-camera")}/sign?lang=${tag}`);
      await shootPage(page, { what: `sign/one-camera-${tag}`, look });
    }
    await page.getByRole("link", { name: "English" }).click();
    await page.getByRole("heading", { level: 1, name: "Sensors and a camera work here" }).waitFor();
    expect(await page.getByRole("button", { name: "Print" }).isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test.each(LANGUAGES)("the papers can be read on a phone and printed in %s", async (tag) => {
    for (const paper of ["record", "dpia"]) {
      await page.emulateMedia({ media: "screen" });
      await page.setViewportSize(PHONE.viewport);
      await page.goto(`${pages.get("one-camera")}/transparency/${paper}?lang=${tag}`);
      await shootPage(page, { what: `sign/${paper}-${tag}`, look: PHONE });
      const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
      await writeFile(join(OUT, `${paper}-page-${tag}.pdf`), pdf);
      expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(6);
    }
    expect(complaints).toEqual([]);
  });
});

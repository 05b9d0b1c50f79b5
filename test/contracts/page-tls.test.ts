// The page on which phones come to trust the box, in a real browser: read on a phone and on a desk, without script, by keyboard.
// Screenshots go to out/. Skipped aloud where there is no chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";
import { openTestWeb } from "../helpers/test-web.ts";

describe.runIf(hasBrowser())("the page of the protected connection", () => {
  test("can be read by day and by night, each way of installing opens by keyboard, and the link leads to https", async () => {
    await mkdir(join(import.meta.dirname, "../../out"), { recursive: true });
    const gateway = SCHEMAS.gateway.parse({ gateway: { id: "elm-street", name: "Elm Street" } });
    const settings = { ...gateway, status: { host: "127.0.0.1", port: 0, tls: { port: 0 } } };
    await using web = await openTestWeb({ settings });
    await using open = await launchPage(web.url);
    const { page, complaints } = open;
    for (const look of LOOKS) {
      await page.setViewportSize(look.viewport);
      await page.emulateMedia({ colorScheme: look.colorScheme });
      for (const tag of ["en", "ar"]) {
        await page.goto(`${web.url}/tls?lang=${tag}`);
        for (const id of ["android", "linux"]) await page.locator(`#${id} summary`).press("Enter");
        await page.locator("#linux pre").waitFor();
        await shootPage(page, { what: `tls-${tag}`, look });
      }
    }
    expect(complaints).toEqual([]);
    const { port } = web.web.tls ?? {};
    expect(await page.locator("#way-title + p a").getAttribute("href")).toBe(`https://127.0.0.1:${port}`);
    const fetched = await page.request.get(`https://127.0.0.1:${port}/healthz`, { ignoreHTTPSErrors: true });
    expect(fetched.status()).toBe(200);
  });
});

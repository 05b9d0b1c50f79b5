// The page About and the API's description as a browser shows them: on a desk and on a phone, by day and by night, in a
// right-to-left language too, with doctor's findings and while it looks. Without chromium these tests are skipped, aloud.
import { expect, test } from "vitest";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";
import { openTestWeb } from "../helpers/test-web.ts";

test.skipIf(!hasBrowser()).each(LOOKS)("About and the API are whole and readable: $name", async (look) => {
  await using web = await openTestWeb();
  const { cookie } = await web.enter();
  const [name = "", value = ""] = cookie.split("=");
  const { viewport, colorScheme } = look;
  await using opened = await launchPage(web.url, { viewport, colorScheme });
  const { page, context, complaints } = opened;
  await context.addCookies([{ name, value, url: web.url }]);
  await page.goto(`${web.url}/about`);
  await page.getByRole("button", { name: "Look now" }).click();
  await page.getByText("2 things need a hand.").waitFor();
  await page.getByText("things are well").or(page.getByText("One thing is well")).click();
  await shootPage(page, { what: "about", look });
  await page.goto(`${web.url}/about?lang=ar`);
  expect(await page.locator("html").getAttribute("dir")).toBe("rtl");
  await shootPage(page, { what: "about-ar", look });
  await page.goto(`${web.url}/api?lang=en`);
  await page.getByText("What is answered").first().click();
  await shootPage(page, { what: "api", look });
  expect(complaints).toEqual([]);
});

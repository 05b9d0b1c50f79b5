// The pages of people in a real browser: a steward invites somebody, who comes in with a phone; the same with the keyboard, read by
// axe, on a desk and on a phone.
import { describe, expect, test } from "vitest";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { shootPage, STEP_LOOKS } from "../helpers/page-looks.ts";
import { openPeopleSite } from "../helpers/people-site.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

describe.runIf(hasBrowser())("people", () => {
  test.each(STEP_LOOKS)("are invited, come in and are looked after on a $name", async (look) => {
    await using site = await openPeopleSite();
    await using open = await launchPage(site.url, look);
    const { page, context, complaints } = open;
    await page.goto(site.url);
    await shootPage(page, { what: "login", look });
    await page.getByLabel("Passphrase").fill("wrong passphrase");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Passphrase").fill(PASSPHRASE);
    await page.keyboard.press("Enter");
    await page.getByText("Everything works.").waitFor();
    await page.goto(`${site.url}/people`);
    await shootPage(page, { what: "people", look });
    await page.getByRole("button", { name: "Make an invitation" }).press("Enter");
    const link = (await page.locator("pre.once").textContent()) ?? "";
    await shootPage(page, { what: "people-invitation", look });
    await page.goto(`${site.url}/people`);
    await page.getByText("For somebody new: Volunteer").waitFor();
    await page.getByRole("link", { name: "Change vera" }).click();
    await shootPage(page, { what: "people-user", look });
    await page.getByRole("link", { name: "Remove the account" }).click();
    await page.getByText("Remove vera?").waitFor();
    await page.goto(`${site.url}/people/tokens`);
    await page.getByLabel("Name of the program").fill("Home Assistant");
    await page.getByLabel("switch lamps").check();
    await shootPage(page, { what: "people-tokens", look });
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByText("It is shown only once").waitFor();
    await page.getByRole("navigation", { name: "People and programs" }).getByRole("link", { name: "Journal" }).click();
    await page.getByRole("listitem").filter({ hasText: "Made a token for a program" }).waitFor();
    await shootPage(page, { what: "people-journal", look });
    await page.getByRole("navigation", { name: "People and programs" }).getByRole("link", { name: "You" }).click();
    await shootPage(page, { what: "people-you", look });
    await context.clearCookies();
    await page.goto(new URL(new URL(link).pathname, site.url).href);
    await shootPage(page, { what: "people-invited", look });
    await page.getByLabel("User name").fill("omar");
    await page.getByLabel("Your passphrase").fill("a green hedge in May");
    await page.getByRole("button", { name: "Come in" }).press("Enter");
    await page.getByText("Everything works.").waitFor();
    await page.goto(`${site.url}/people?lang=ar`);
    await shootPage(page, { what: "people-volunteer-ar", look });
    expect(complaints.filter((each) => !each.includes("401"))).toEqual([]);
  });
});

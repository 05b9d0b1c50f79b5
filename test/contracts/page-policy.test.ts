// The page of what was agreed in a real browser: read on a phone and on a desk, by axe too, with something announced and without;
// a steward approves it with the keyboard.
import { describe, expect, test } from "vitest";
import { hasBrowser, launchPage, setUp } from "../helpers/browser-page.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";
import { openTestWeb, testWebPolicy } from "../helpers/test-web.ts";

const policy = testWebPolicy();
const events = { ...policy.events, motion: { mode: "each" as const }, fields: { batteryPct: true, linkPct: true } };
const looser = { ...policy, events, changes: { noticeHours: 2 } };
const held = { policy, sha256: "cd".repeat(32), sinceMs: Date.UTC(2026, 5, 1) };

describe.runIf(hasBrowser())("the page of what was agreed", () => {
  test.each(LOOKS)("it can be read on a $name, at twice the size too, and approved with the keyboard", async (look) => {
    let approvedBy: string[] = [];
    const announced = { policy: looser, sha256: "ef".repeat(32), hoursLeft: 13.2 };
    let isAnnounced = false;
    await using web = await openTestWeb({
      policy,
      policyStanding: () => ({ ...held, announced: isAnnounced ? { ...announced, approvedBy } : null }),
    });
    await using open = await launchPage(web.url, look);
    const { page, complaints } = open;
    await setUp({ web, page });
    await page.getByRole("link", { name: "What was agreed, the sign and the papers" }).click();
    await shootPage(page, { what: "policy", look });
    isAnnounced = true;
    await page.goto(web.url);
    await page.getByRole("link", { name: "See what changes" }).click();
    await shootPage(page, { what: "policy-announced", look });
    await page.getByRole("button", { name: "I approve: it may hold early" }).focus();
    approvedBy = ["steward"];
    await page.keyboard.press("Enter");
    await page.getByText("You have approved it.").waitFor();
    expect(await page.getByRole("button", { name: /approve/ }).count()).toBe(0);
    await shootPage(page, { what: "policy-approved", look });
    expect(complaints).toEqual([]);
  });
});

// The page of messages in a real browser: read on a phone and on a desk, by axe too; a steward sets up a push address
// with the keyboard and tries it. Screenshots go to out/. Skipped aloud where there is no chromium.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { LOOKS, shootPage } from "../helpers/page-looks.ts";

describe.runIf(hasBrowser())("the page of messages", () => {
  test("can be read by day and by night, and is set up and tried with the keyboard", async () => {
    await mkdir(join(import.meta.dirname, "../../out"), { recursive: true });
    const house = fakeHouse();
    await using open = await openBrowser({}, house);
    const { page, web, complaints } = open;
    await setUp(open);
    await page.goto(`${web.url}/notices`);
    await page.getByLabel("Address", { exact: true }).fill("https://push.example/elm");
    await page.getByLabel("Access token").fill("tk_made_up");
    await page.getByRole("button", { name: "Add this address" }).press("Enter");
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await readFile(join(web.dataDir, "site", "gateway.yaml"), "utf8")).toContain("https://push.example/elm");
    const failure = { problem: "refused", said: `403 ${"no ".repeat(60)}` } as const;
    const way = { id: "ntfy-1", kind: "ntfy", host: "push.example" } as const;
    house.notices = {
      paused: { by: "ada", at: "2026-11-21T12:00:00.000Z" },
      ways: [{ ...way, waiting: 2, lastSentAt: "2026-11-21T11:00:00.000Z", failure }],
      messages: [
        {
          at: "2026-11-21T11:00:00.000Z",
          what: "needs-a-hand",
          troubles: [
            { kind: "platform-away", count: 1, lastedMs: 1_200_000 },
            { kind: "sensor-silent", count: 2, lastedMs: 2_400_000 },
          ],
          sent: 1,
          waiting: 0,
        },
      ],
    };
    house.noticeTests = [{ ...way, failure }];
    for (const look of LOOKS) {
      await page.setViewportSize(look.viewport);
      await page.emulateMedia({ colorScheme: look.colorScheme });
      await page.goto(`${web.url}/notices`);
      await page.getByRole("button", { name: "Send a test message" }).press("Enter");
      await page.getByText("the test message was not accepted").waitFor();
      await shootPage(page, { what: "notices", look });
    }
    expect(complaints).toEqual([]);
  });
});

// What a steward does with a camera that there is: its pause, its pictures, its login, its removal. The house is made by hand.
import { expect, test } from "vitest";
import { openTestWeb, post, type TestWeb } from "../helpers/test-web.ts";

test("a steward pauses a camera, removes one after being asked, and sees its pictures; nobody else does", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const AT = "/cameras/gate-cam";
  const paused = await post(page, `${AT}/pause`, { paused: "yes" }, headers);
  expect(paused.headers.location).toBe(`${AT}?done=paused`);
  expect(page.house.asked).toEqual([["pauseCamera", { id: "gate-cam", isPaused: true, by: "steward" }]]);
  await pictures(page, headers);
  const asked = await page.ask("GET", `${AT}/remove`, { headers });
  expect(asked.text).toContain("It stops looking at once");
  // The kit of this test stands in the page's status alone: the files refuse to forget what they never knew.
  expect((await post(page, `${AT}/remove`, {}, headers)).status).toBe(404);
});

async function pictures(page: TestWeb, headers: { readonly cookie: string }): Promise<void> {
  const picture = `/cameras/gate-cam/pictures/${"ab".repeat(32)}.jpg`;
  expect((await page.ask("GET", picture, { headers })).status).toBe(200);
  expect((await page.ask("GET", picture)).status).toBe(401);
  expect((await page.ask("GET", picture.replace("gate-cam", "no-cam"), { headers })).status).toBe(404);
  expect((await page.ask("GET", "/cameras/gate-cam/pictures/x.jpg", { headers })).status).toBe(404);
}

test("a paused camera says by whom, and offers no look", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const { cameras } = page.house.commands.status();
  page.house.set({
    cameras: cameras.map((camera) => ({ ...camera, state: "paused" as const, pausedBy: "<i>vera</i>" })),
  });
  const { text } = await page.ask("GET", "/cameras/gate-cam", { headers });
  expect(text).toContain("Paused by &lt;i&gt;vera&lt;/i&gt;.");
  expect(text).toContain("Let it look again</button>");
  expect(text).not.toContain("Take a test picture</button>");
});

test("a camera that sends by MQTT gets its login from its page, shown once; another kind is offered none", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const { cameras } = page.house.commands.status();
  const AT = "/cameras/gate-cam";
  expect((await page.ask("GET", AT, { headers })).text).not.toContain(`${AT}/credentials`);
  page.house.set({ cameras: cameras.map((camera) => ({ ...camera, source: "mqtt" })) });
  expect((await page.ask("GET", AT, { headers })).text).toContain(`${AT}/credentials`);
  expect((await page.ask("GET", `${AT}/credentials`, { headers })).text).toContain("Its old login ends at once.");
  const made = await post(page, `${AT}/credentials`, {}, headers);
  expect([made.status, made.text.includes("They are not shown again.")]).toEqual([200, true]);
  expect(page.house.asked).toEqual([["renewCredentials", { kind: "camera", id: "gate-cam" }]]);
});

// Shown: a steward chooses what to erase, sees how much it is, confirms, and is told what was done; a volunteer and a stranger
// may not. And the disclosure log: entered and read by stewards alone.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { enterAsVolunteer, openTestWeb, post } from "../helpers/test-web.ts";

const unescaped = (text: string) => text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");

test("a steward sees what is held before anything is erased, and confirms that", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const chosen =
    "device=porch-motion&camera=gate-cam&others=old-1%20old-2&from=2026-11-20T14%3A30&to=2026-11-21T08%3A00";
  const first = await page.ask("GET", `/erase?${chosen}`, { headers });
  expect(first.text).toContain('value="porch-motion" checked');
  expect(first.text).toContain('value="old-1 old-2"');
  const { status, text } = await page.ask("GET", `/erase/look?${chosen}`, { headers });
  expect(status).toBe(200);
  expect(text).toContain(
    "All of the devices porch-motion, old-1, old-2 and of the camera gate-cam, from 20 Nov 2026, 14:30 until 21 Nov 2026, 08:00",
  );
  expect(text).toContain("<li>12 events that wait for a platform</li>");
  expect(page.house.asked.map(([command]) => command)).toEqual(["holdings"]);
  const [, ask = ""] = /name="ask" value="([^"]*)"/.exec(text) ?? [];
  const done = await post(page, "/erase", { ask: unescaped(ask) }, headers);
  expect([done.status, done.headers.location]).toEqual([
    303,
    "/erase/done?isDone=true&entries=12&rejected=1&pictures=3",
  ]);
  const expected = {
    devices: ["porch-motion", "old-1", "old-2"],
    cameras: ["gate-cam"],
    from: "2026-11-20T13:30:00.000Z",
    to: "2026-11-21T07:00:00.000Z",
  };
  expect(page.house.asked.at(-1)).toEqual(["erase", { ...expected, by: "steward" }]);
  const told = await page.ask("GET", done.headers.location ?? "", { headers });
  expect(told.text).toContain("12 events that waited, 1 rejected event and 3 pictures are gone.");
});

test("the same by the API: what is held, and to have it erased", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const held = await page.send("/api/v1/erase", { devices: ["lamp"], dryRun: true }, headers);
  expect(JSON.parse(held.text)).toMatchObject({ isDone: false, held: { entries: 12, devices: [{ id: "lamp" }] } });
  const done = await page.send("/api/v1/erase", { cameras: ["gate-cam"], from: "2026-11-20" }, headers);
  expect(JSON.parse(done.text)).toMatchObject({ isDone: true, erased: { pictures: 3 } });
  expect(page.house.asked).toEqual([
    ["holdings", { devices: ["lamp"], cameras: [] }],
    ["erase", { devices: [], cameras: ["gate-cam"], from: "2026-11-19T23:00:00.000Z", by: "steward" }],
  ]);
});

test.each([
  ["/erase/look", "Nothing was chosen"],
  ["/erase/look?from=yesterday", "That is no day and time."],
])("at %s a steward is told what is wrong", async (path, sentence) => {
  await using page = await openTestWeb();
  const { status, text } = await page.ask("GET", path, { headers: await page.enter() });
  expect(status).toBe(400);
  expect(text).toContain(sentence);
});

test("nothing named, an unreadable wish and a house that is busy erase nothing", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  for (const ask of ["", "{", '{"devices":[],"cameras":[]}', '{"devices":"all","cameras":[]}'])
    expect((await post(page, "/erase", { ask }, headers)).status, ask).toBe(400);
  expect((await page.send("/api/v1/erase", {}, headers)).status).toBe(400);
  expect((await page.send("/api/v1/erase", { all: true }, headers)).status).toBe(400);
  expect(page.house.asked).toEqual([]);
  page.house.refusal = new GatewayError("TOO_SOON", "another erasure is at work");
  const busy = await post(page, "/erase", { ask: '{"devices":["lamp"],"cameras":[]}' }, headers);
  expect(busy.status).toBe(429);
  expect(busy.text).toContain("Another erasure is at work.");
});

test("neither a volunteer nor a stranger nor another site may erase or read the log", async () => {
  await using page = await openTestWeb();
  const steward = await page.enter();
  const volunteer = await enterAsVolunteer(page);
  const ask = JSON.stringify({ devices: ["lamp"], cameras: [] });
  for (const path of ["/erase", "/erase/look?device=lamp", "/disclosures", "/api/v1/disclosures"]) {
    expect((await page.ask("GET", path, { headers: volunteer })).status, path).toBe(403);
    expect([303, 401], path).toContain((await page.ask("GET", path)).status);
  }
  for (const headers of [volunteer, {}]) {
    expect([303, 403]).toContain((await post(page, "/erase", { ask }, headers)).status);
    expect([401, 403]).toContain((await page.send("/api/v1/erase", { devices: ["lamp"] }, headers)).status);
    expect([303, 403]).toContain((await post(page, "/disclosures", { to: "x" }, headers)).status);
    expect([401, 403]).toContain((await page.send("/api/v1/disclosures", {}, headers)).status);
  }
  const foreign = { ...steward, origin: "http://elsewhere.example" };
  expect((await post(page, "/erase", { ask }, foreign)).status).toBe(403);
  expect(page.house.asked).toEqual([]);
});

test("who was given what is entered with its ground, and shown with the words made harmless", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const fields = { to: "A court", what: "<b>two</b> pictures", ground: "order", detail: "", requestedAt: "2026-11-20" };
  const added = await post(page, "/disclosures", fields, headers);
  expect([added.status, added.headers.location]).toEqual([303, "/disclosures?done=added"]);
  expect(page.house.asked).toEqual([["addDisclosure", { ...fields, by: "steward" }]]);
  page.house.disclosures = [{ ...fields, ground: "order", number: 1, at: "2026-11-21T12:00:00.000Z", by: "steward" }];
  const { text } = await page.ask("GET", "/disclosures?done=added", { headers });
  expect(text).toContain("&lt;b&gt;two&lt;/b&gt; pictures");
  expect(text).toContain("asked for on 20 November 2026");
  const again = await post(page, "/disclosures", { ...fields, ground: "" }, headers);
  expect(again.status).toBe(400);
  expect(again.text, "what was typed is still there").toContain('value="A court"');
  const api = await page.ask("GET", "/api/v1/disclosures", { headers });
  expect(JSON.parse(api.text)).toEqual({ disclosures: page.house.disclosures });
});

// The page Buffer and its API, the forms over real HTTP: what waits, how the disk and the platforms are, both sums, what was rejected and
// what was lost; stewards send now and once more, volunteers look.
import { expect, test } from "vitest";
import { languageOf } from "../../src/languages/say.ts";
import type { GatewayStatus } from "../../src/core/commands.ts";
import { conservationOf } from "../../src/core/conservation.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { bufferPage } from "../../src/web/buffer-page.ts";
import { handsNeeded } from "../../src/web/verdict.ts";
import { fakeDeadLetter } from "../helpers/fake-dead-letter.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { enterAsVolunteer, openTestWeb, post, testWebPolicy } from "../helpers/test-web.ts";

const { buffer, sinks } = fakeStatus();
const [sink] = sinks;
if (sink === undefined) throw new Error("unreachable");
const GB = 1_000_000_000;
const CLASSES = { snapshot: 7, motion: 997, "light.level": 150, "light.state": 10, house: 40 };
const gateway = SCHEMAS.gateway.parse({
  gateway: { id: "elm-street" },
  platform: [{ id: "main", kind: "https", url: "https://platform.example/hedgerow" }],
});

/** The page as a steward reads it: its text without marks, with single spaces. */
async function textOf(change: Partial<GatewayStatus>): Promise<string> {
  const status = { ...fakeStatus(), ...change };
  const shown = {
    status,
    deadLetters: [],
    platforms: gateway.platform,
    evictFirst: testWebPolicy().events.evictFirst,
    losses: [],
    countedSince: "2026-11-01",
    isSteward: true,
  };
  return plain(
    String(await bufferPage(shown, { nowMs: Date.now(), timezone: "Europe/Paris", language: languageOf("en") })),
  );
}

function plain(page: string): string {
  return page
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll(/\s+/g, " ");
}

const handsOf = (change: Partial<GatewayStatus>) =>
  handsNeeded({ ...fakeStatus(), ...change }, { nowMs: Date.now(), speakerOf: () => ({ kind: "itself" }) });

test("what waits, how full it is and for how long there is room are told at a glance", async () => {
  const text = await textOf({
    buffer: { ...buffer, entries: 1204, pictures: 7, byClass: CLASSES, bytes: GB, bytesMax: 2 * GB },
  });
  expect(text).toContain("Holds 1,204 events, oldest 5 minutes. Room for about 61 hours at today’s rate.");
  expect(text).toContain("1 GB of 2 GB used (50%)");
  expect(text).toContain("1,204 events, 7 of them with a picture");
  expect(text).toContain("Pictures 7 Movements 997 Light and lamps 160 Box and sensors 40 Oldest");
  expect(text).toContain(
    "Disk well 1 GB of 2 GB used (50%) If it ever fills up, the oldest go first, in this order: pictures, light levels and movements.",
  );
});

test.each<[string, Partial<GatewayStatus["buffer"]>, string, string | null]>([
  [
    "a buffer full by itself",
    { disk: "full", bytes: 1.99 * GB },
    "The buffer is full: nothing more is taken in. Sensors get no answer: most keep what they have to say, and send it again by themselves.",
    "Check the internet connection",
  ],
  [
    "a disk full of other things",
    { disk: "full", bytes: GB },
    "not because of the buffer",
    "delete what is not needed",
  ],
  ["a disk that refuses", { disk: "failed", bytes: GB }, "The disk refused a write.", "SD card is worn out"],
  ["a buffer that makes room", { disk: "ok", bytes: 1.95 * GB }, "The oldest go unsent now, to make room", null],
])("%s says what that means and what to do", async (_, change, sentence, next) => {
  const status = { buffer: { ...buffer, bytesMax: 2 * GB, ...change } };
  const text = await textOf(status);
  expect(text).toContain(sentence);
  if (next === null) return expect(text).not.toContain("Next step:");
  expect(text).toMatch(new RegExp(`Next step: [^.]*${next}`));
  expect(text).toContain("There is no room left.");
  expect(handsOf(status)[0]).toMatchObject({ level: "act", next: expect.stringContaining(next), page: "/buffer" });
});

test.each<[string, Partial<GatewayStatus["sinks"][number]>, string]>([
  ["waits", { state: "waiting", why: "ECONNREFUSED", since: "2026-11-21T13:05:00.000Z" }, "since 21 Nov 2026, 14:05"],
  ["rests", { state: "resting", until: new Date(Date.now() + 7_200_000).toISOString() }, "resting until "],
  ["is paused", { state: "paused", why: "401" }, "paused: needs a person"],
])("a platform that %s says so, why, since when, and how much waits for it", async (_, change, words) => {
  const conservation = conservationOf({ counters: {}, waiting: new Map([["main", 42]]), sinkIds: ["main"] });
  const text = await textOf({ sinks: [{ ...sink, ...change }], conservation });
  expect(text).toContain(words);
  expect(text).toContain("42 events wait");
  if (change.why != null) expect(text).toContain(change.why);
  expect(text).toContain("Send now");
  expect(text).toContain("by HTTPS to platform.example");
});

test("both sums stand there with a tick, or say what is missing and that it is to be reported", async () => {
  const counters = { "reading.taken": 10, "reading.made": 10, "entry.made.main": 10, "entry.forwarded.main": 7 };
  const sums = (waiting: number) => ({
    conservation: conservationOf({ counters, waiting: new Map([["main", waiting]]), sinkIds: ["main"] }),
  });
  const whole = await textOf(sums(3));
  expect(whole.match(/Does it add up\? yes/g)).toHaveLength(2);
  expect(whole).toMatch(/Accepted by the platform 7 .*Waiting here 3/);
  const less = await textOf(sums(1));
  expect(less).toContain("Does it add up? 2 missing");
  expect(less).toContain("This is a mistake in Hedgerow: please report it");
  expect(await textOf(sums(4))).toContain("Does it add up? 1 too many");
  expect(handsOf(sums(1))[0]?.what).toContain("The box’s own count does not add up");
  expect(handsOf(sums(3))).toEqual([]);
});

test("what a damaged disk took is told on the status page and by day, with the one next step", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const read = async (path: string) => plain((await page.ask("GET", path, { headers })).text);
  expect(await read("/buffer")).toMatch(/What was lost Nothing since \d+ \w+ \d{4}\./);
  page.house.set({ counters: { "spool.lost": 12, "spool.saved": 30 } });
  const sentence = "The disk was damaged: 12 events could not be saved, 30 could. The platform is told which.";
  expect(await read("/buffer")).toContain(sentence);
  expect(await read("/")).toMatch(
    new RegExp(`On \\d+ \\w+ \\d{4}: ${sentence} Next step: If it happens again, the SD card is worn out`),
  );
});

test("rejected events are named with the reason, since when and until when", async () => {
  await using page = await openTestWeb();
  page.house.deadLetters = [fakeDeadLetter(), fakeDeadLetter({ id: "<b>", why: "<i>no</i>" })];
  page.house.set({ buffer: { ...buffer, deadLetters: 230 } });
  const headers = await page.enter();
  const { text } = await page.ask("GET", "/buffer", { headers });
  expect(text).toContain("these 230 events");
  expect(text).toContain("The oldest 2 are shown.");
  expect(text).toMatch(
    /<b>Light level<\/b>[^]*422 lux is larger than the sun[^]*rejected[^]*1 hour ago[^]*deleted on \d/,
  );
  expect(text).toContain('<code dir="ltr">&lt;b&gt;</code>');
  expect(text).not.toContain("<i>no</i>");
  const { deadLetters } = JSON.parse((await page.ask("GET", "/api/v1/dead-letters", { headers })).text);
  expect(deadLetters).toEqual(page.house.deadLetters);
});

test.each([
  ["/buffer/send/main", {}, ["sendNow", { id: "main" }], "/buffer?sent=now"],
  ["/buffer/requeue", { sink: "main" }, ["requeue", { sinkId: "main" }], "/buffer?requeued=1"],
  ["/buffer/requeue", { sink: "main", id: "a" }, ["requeue", { ids: ["a"], sinkId: "main" }], "/buffer?requeued=1"],
])("a steward's form to %s with %j is done, and a volunteer's is not", async (path, fields, asked, location) => {
  await using page = await openTestWeb();
  const steward = await page.enter();
  const volunteer = await enterAsVolunteer(page);
  expect((await post(page, path, fields, volunteer)).status).toBe(403);
  expect((await post(page, path, fields, { ...steward, origin: "http://elsewhere.example" })).status).toBe(403);
  expect(page.house.asked).toEqual([]);
  const done = await post(page, path, fields, steward);
  expect([done.status, done.headers.location]).toEqual([303, location]);
  expect(page.house.asked).toEqual([asked]);
});

test.each([
  ["/api/v1/sinks/main/send", {}, ["sendNow", { id: "main" }], {}],
  ["/api/v1/dead-letters/requeue", { ids: ["a", "b"] }, ["requeue", { ids: ["a", "b"] }], { requeued: 1, left: [] }],
  ["/api/v1/dead-letters/requeue", {}, ["requeue", {}], { requeued: 1, left: [] }],
])("a program posts to %s as a steward, and not as a volunteer", async (path, body, asked, answer) => {
  await using page = await openTestWeb();
  const steward = await page.enter();
  expect((await page.send(path, body, await enterAsVolunteer(page))).status).toBe(403);
  const answered = await page.send(path, body, steward);
  expect([answered.status, JSON.parse(answered.text)]).toEqual([200, answer]);
  expect(page.house.asked).toEqual([asked]);
  expect((await page.send(path, { ...body, more: 1 }, steward)).status).toBe(400);
});

test("a volunteer sees the page without a button but that to log out", async () => {
  await using page = await openTestWeb({ house: fakeHouse({ sinks: [{ ...sink, state: "paused", why: "401" }] }) });
  page.house.deadLetters = [fakeDeadLetter()];
  await page.enter();
  const { text } = await page.ask("GET", "/buffer", { headers: await enterAsVolunteer(page) });
  expect(text).toContain("422 lux is larger than the sun");
  expect(text.match(/<button[^>]*>[^<]*/g)).toEqual(['<button class="quiet">Log out']);
});

test("what came of sending once more is said, and a made-up address says nothing", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.requeued = {
    requeued: 3,
    left: [
      { id: "a", sinkId: "main", why: "picture-gone" },
      { id: "b", sinkId: "main", why: "past-its-hour" },
      { id: "c", sinkId: "main", why: "past-its-hour" },
    ],
  };
  const done = await post(page, "/buffer/requeue", { sink: "main" }, headers);
  const { text } = await page.ask("GET", done.headers.location ?? "", { headers });
  expect(text).toContain(
    "3 events will be sent once more. 1 stays: its picture is deleted already. 2 stay: their time is up.",
  );
  const made = await page.ask("GET", "/buffer?requeued=%3Cscript%3E&sent=maybe", { headers });
  expect(made.text).not.toContain('class="done"');
});

test.each([
  [
    "/buffer/send/nowhere",
    new GatewayError("NOT_FOUND", "there is no platform nowhere"),
    404,
    "There is no platform nowhere.",
  ],
  ["/buffer/requeue", new GatewayError("SPOOL_FULL", "the disk is full"), 503, "The disk is full."],
])("a refusal of %s is shown on the page with its status", async (path, refusal, status, sentence) => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.refusal = refusal;
  const answered = await post(page, path, { sink: "main" }, headers);
  expect(answered.status).toBe(status);
  expect(answered.text).toMatch(new RegExp(`role="alert">(<p>)?${sentence}`));
  expect(answered.text).not.toContain('src="/assets/page.js');
});

test("a form that names nothing sends nothing once more, and the address of a form leads back to the page", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  expect((await post(page, "/buffer/requeue", {}, headers)).status).toBe(400);
  expect(page.house.asked).toEqual([]);
  for (const path of ["/buffer/requeue", "/buffer/send/main"])
    expect((await page.ask("GET", path, { headers })).headers.location).toBe("/buffer");
});

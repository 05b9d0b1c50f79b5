// What anybody may read without a login, and that nothing finer than the policy allows can be read from it.
import { expect, test, vi } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { openTransparency, type PublicView } from "../../src/web/transparency.ts";
import { midnightBefore } from "../../src/web/words.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestLedger } from "../helpers/test-ledger.ts";
import { openTestWeb, testReceipt, testStanding, testWebPolicy } from "../helpers/test-web.ts";

test("the policy is told in plain words, in the reader's language", async () => {
  await using page = await openTestWeb();
  const { text } = await page.ask("GET", "/transparency");
  for (const words of [
    "Elm Street Association",
    'href="mailto:privacy@elm.example"',
    "Of movement, only the number in 15 minutes is told, from 3 on.",
    "The times that are told are in steps of 1 minute.",
    '<p lang="en" dir="auto" class="purpose">See whether the gate was left open after dark</p>',
    "It takes at most 24 pictures a day.",
    "Its pictures are deleted after 3 days, sent or not.",
    "It may look until 30 June 2027.",
    "1 area is always hidden.",
    "If faces could not be looked for in a picture, it is not sent.",
    "What could not be sent is deleted after 30 days.",
    "platform.example",
    "The numbers are renewed at midnight.",
    "You may object at any time.",
    `Fingerprint of these rules (SHA-256): <code>${"cd".repeat(32)}</code>`,
  ]) {
    expect(text).toContain(words);
  }
  expect((await page.ask("GET", "/transparency?lang=fr")).text).toContain(
    '<p lang="fr" dir="auto" class="purpose">Voir si le portail est resté ouvert la nuit</p>',
  );
});

test("where each movement is told, so are today's pictures and receipts", async () => {
  await using page = await openTestWeb({ policy: eachPolicy() });
  const { text } = await page.ask("GET", "/transparency");
  for (const words of [
    "faces painted over",
    "could not tell whether all faces were found",
    "The numbers are renewed in steps of 1 minute.",
  ])
    expect(text).toContain(words);
});

test("the same as JSON, with the receipts whole", async () => {
  await using page = await openTestWeb({ policy: eachPolicy() });
  const view = JSON.parse((await page.ask("GET", "/api/v1/transparency")).text);
  expect(view.controller).toEqual({ name: "Elm Street Association", contact: "privacy@elm.example" });
  expect(view.cameras[0]).toMatchObject({ id: "gate-cam", retentionHours: 72, masks: 1 });
  expect(view.counts[0]).toMatchObject({
    readings: { taken: 120, withheld: { policy: 4 } },
    pictures: { taken: 8, made: { redacted: 7 }, withheld: { unsure: 1 } },
    sent: { main: 80 },
    erased: { expired: {}, evicted: {}, erased: {} },
  });
  expect(view.receipts).toHaveLength(2);
  expect(view.receipts[0]).toMatchObject({ outcome: "redacted", regions: 2, signature: expect.any(String) });
});

test("page and JSON name the same public key, so that anybody can check the receipts", async () => {
  await using page = await openTestWeb();
  const { publicKey } = JSON.parse((await page.ask("GET", "/api/v1/transparency")).text);
  expect(publicKey).toMatch(/^[\w+/]{43}=$/);
  expect((await page.ask("GET", "/transparency")).text).toContain(`<code>${publicKey}</code>`);
});

test("nothing public says where a mask is, what a sensor is called or when it spoke", async () => {
  await using page = await openTestWeb();
  const { text } = await page.ask("GET", "/api/v1/transparency");
  expect(text).not.toMatch(/neighbour window|polygon|porch|heardAt|lastSnapshotAt/);
  expect(JSON.parse(text).asOf).toMatch(/:00\.000Z$/);
});

test("reloading the page shows nothing new before the edge of the policy's time bucket", async () => {
  await using page = await openTestWeb({ policy: eachPolicy() });
  const before = await page.ask("GET", "/api/v1/transparency");
  page.house.set({ counters: { "reading.taken": 500, "snapshot.made.redacted": 9 } });
  expect((await page.ask("GET", "/api/v1/transparency")).text).toBe(before.text);
});

/** The public view over a house and a time that the test moves; of five pictures made the receipts have 5, 4, 3, 2 and 1 regions */
async function openAt(iso: string, policy: Policy): Promise<AsyncDisposable & Opened> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.parse(iso) });
  stack.defer(() => {
    vi.useRealTimers();
  });
  const house = fakeHouse({ counters: {} });
  const settings = SCHEMAS.gateway.parse({ gateway: { id: "elm", timezone: "Europe/Paris" } });
  const made = () => house.commands.status().counters["snapshot.made.redacted"] ?? 0;
  const receipts = (count: number) =>
    Array.from({ length: made() }, (_, index) => ({ ...testReceipt(1), regions: made() - index })).slice(0, count);
  const receiptsOf = (image: string) =>
    receipts(made())
      .map((receipt, index) => ({ number: made() - index, receipt }))
      .filter(({ receipt }) => receipt.image === image);
  const dataDir = directory.path;
  const ledger = stack.use(await openTestLedger(dataDir, { clock: systemClock }));
  const ports = { receipts, receiptsOf, receiptCount: made, ledger, policyStanding: testStanding(policy) };
  const deps = { settings, policy, commands: house.commands, clock: systemClock, log: silentLog, ...ports };
  const reopen = (under = policy) =>
    openTransparency({ ...deps, policy: under, policyStanding: testStanding(under), dataDir });
  const page = stack.use(await reopen());
  const owned = stack.move();
  return { house, page, reopen, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Opened = {
  readonly house: ReturnType<typeof fakeHouse>;
  readonly page: PublicView;
  readonly reopen: (under?: Policy) => ReturnType<typeof openTransparency>;
};

test.each(["counts", "none"] as const)("with motion %s, nothing moves before midnight of the site", async (mode) => {
  await using open = await openAt("2026-06-01T10:00:30Z", { ...testWebPolicy(), events: eventsOf(mode) });
  const { house, page } = open;
  const before = JSON.stringify(page.view());
  expect(page.view()).toMatchObject({ asOf: "2026-05-31T22:00:00.000Z", renewed: "daily", counts: [], receipts: [] });
  for (let hour = 1; hour < 12; hour += 1) {
    house.set({
      counters: { "reading.taken": 50 * hour, "snapshot.made.redacted": hour, "entry.forwarded.main": hour },
    });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(JSON.stringify(page.view())).toBe(before);
  }
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(page.view()).toMatchObject({
    asOf: "2026-06-01T22:00:00.000Z",
    counts: [{ day: "2026-06-01", readings: { step: 100, taken: 500 }, pictures: { taken: 11 }, sent: { main: 11 } }],
  });
  expect(page.view().receipts.map(({ regions }) => regions)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test("a restart in the middle of the day shows nothing of that day", async () => {
  await using open = await openAt("2026-06-01T10:00:30Z", testWebPolicy());
  const { house, page, reopen } = open;
  house.set({ counters: { "snapshot.made.redacted": 2 } });
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  const before = JSON.stringify(page.view());
  house.set({ counters: { "snapshot.made.redacted": 40, "snapshot.withheld.unsure": 3, "reading.taken": 9 } });
  await using again = await reopen();
  expect(JSON.stringify(again.view())).toBe(before);
  expect(again.view().receipts.map(({ regions }) => regions)).toEqual([2, 1]);
  const found = again.receiptsOf(testReceipt(1).image);
  expect(
    found.map(({ regions }) => regions),
    "who asks by fingerprint learns no more",
  ).toEqual([2, 1]);
});

test("a policy that tells each movement from noon on tells the morning of the one before at midnight", async () => {
  await using open = await openAt("2026-06-01T05:00:30Z", testWebPolicy());
  const { house, page, reopen } = open;
  house.set({ counters: { "snapshot.made.redacted": 2, "reading.taken": 30 } });
  await vi.advanceTimersByTimeAsync(5 * 3_600_000);
  const before = JSON.stringify(page.view().counts);
  await using loose = await reopen(eachPolicy());
  await using again = await reopen(eachPolicy());
  house.set({ counters: { "snapshot.made.redacted": 3, "reading.taken": 140 } });
  await vi.advanceTimersByTimeAsync(3_600_000);
  for (const opened of [loose, again]) {
    expect(opened.view()).toMatchObject({ renewed: "daily", asOf: "2026-05-31T22:00:00.000Z", receipts: [] });
    expect(JSON.stringify(opened.view().counts)).toBe(before);
    expect([opened.receiptsOf(testReceipt(1).image), opened.ledger.upTo()]).toEqual([[], 0]);
  }
  await vi.advanceTimersByTimeAsync(12 * 3_600_000);
  expect(loose.view()).toMatchObject({ renewed: "each-bucket", counts: [{}, { readings: { taken: 100 } }] });
  expect(loose.view().receipts).toHaveLength(3);
});

test("where the policy tells each movement, all is renewed at the edge of the bucket", async () => {
  await using open = await openAt("2026-06-01T12:00:30Z", eachPolicy());
  const { house, page } = open;
  house.set({ counters: { "reading.taken": 1, "snapshot.made.redacted": 1 } });
  await vi.advanceTimersByTimeAsync(29_000);
  expect([page.view().counts[0]?.pictures.taken, page.view().receipts]).toEqual([0, []]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(page.view()).toMatchObject({ asOf: "2026-06-01T12:01:00.000Z", renewed: "each-bucket" });
  expect([page.view().counts[0]?.pictures.taken, page.view().receipts.length]).toEqual([1, 1]);
});

test.each([
  ["an ordinary day", "2026-06-01T10:20:30Z", "Europe/Paris", "2026-05-31T22:00:00.000Z"],
  ["the day of 23 hours", "2026-03-29T10:00:00Z", "Europe/Paris", "2026-03-28T23:00:00.000Z"],
  ["the day of 25 hours", "2026-10-25T10:00:00Z", "Europe/Paris", "2026-10-24T22:00:00.000Z"],
  ["a zone of half hours", "2026-06-01T10:00:00Z", "Asia/Kolkata", "2026-05-31T18:30:00.000Z"],
])("%s begins at midnight of its zone", (_, now, timezone, began) => {
  expect(new Date(midnightBefore(Date.parse(now), timezone)).toISOString()).toBe(began);
});

test("what was erased is told by platform, and a camera's used pictures of the newest day that may be told", async () => {
  await using open = await openAt("2026-06-01T10:00:30Z", testWebPolicy());
  const { house, page } = open;
  const use = (count: number) => ({ "camera.used.gate-cam": count, "entry.expired.main": 2, "entry.erased.city": 3 });
  house.set({ counters: use(7) });
  await vi.advanceTimersByTimeAsync(11 * 3_600_000);
  expect(page.view().cameras[0]?.used, "nothing of today").toBeNull();
  await vi.advanceTimersByTimeAsync(3 * 3_600_000);
  expect(page.view().cameras[0]?.used).toEqual({ day: "2026-06-01", count: 7 });
  expect(page.view().counts[0]?.erased).toEqual({ expired: { main: 2 }, evicted: {}, erased: { city: 3 } });
  house.set({ counters: use(9) });
  await vi.advanceTimersByTimeAsync(3 * 3_600_000);
  expect(page.view().cameras[0]?.used, "nothing of the next day").toEqual({ day: "2026-06-01", count: 7 });
});

function eventsOf(mode: "counts" | "none" | "each"): Policy["events"] {
  const { events } = testWebPolicy();
  return mode === "counts" ? events : { ...events, motion: { mode } };
}

function eachPolicy(): Policy {
  return { ...testWebPolicy(), events: eventsOf("each") };
}

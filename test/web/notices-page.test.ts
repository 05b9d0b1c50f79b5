// The page of messages, over real HTTP: for stewards alone; what a test found, in words with a next step; and what is typed there
// stands in gateway.yaml, its secrets in files.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NOTICE_PROBLEMS, type NoticesView } from "../../src/core/notices-commands.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { enterAsVolunteer, openTestWeb, post, type TestWeb } from "../helpers/test-web.ts";

const NOTICES: NoticesView = {
  paused: null,
  ways: [
    {
      id: "email",
      kind: "email",
      host: "mail.example",
      waiting: 0,
      lastSentAt: "2026-11-21T10:00:00.000Z",
      failure: null,
    },
    {
      id: "ntfy-1",
      kind: "ntfy",
      host: "push.example",
      waiting: 2,
      lastSentAt: null,
      failure: { problem: "refused", said: "403 <b>no</b>\u0007 entry" },
    },
  ],
  messages: [
    { at: "2026-11-21T12:00:00.000Z", what: "all-well", troubles: [], sent: 1, waiting: 1 },
    {
      at: "2026-11-21T11:00:00.000Z",
      what: "needs-a-hand",
      troubles: [{ kind: "sensor-silent", count: 2, lastedMs: 40 * 60_000 }],
      sent: 1,
      waiting: 0,
    },
  ],
};

const EMAIL = {
  to: "vera@elm.example, ada@elm.example",
  from: "kit@elm.example",
  host: "mail.example",
  port: "587",
  security: "starttls",
  username: "kit@elm.example",
  password: "made-up word",
};

async function open(notices: NoticesView = { paused: null, ways: [], messages: [] }): Promise<TestWeb> {
  const house = fakeHouse();
  house.notices = notices;
  return await openTestWeb({ house });
}

const settingsOf = (web: TestWeb): Promise<string> => readFile(join(web.dataDir, "site", "gateway.yaml"), "utf8");

test("stewards see to whom messages go, what does not work and what to do, and the last ones", async () => {
  await using web = await open(NOTICES);
  const { text } = await web.ask("GET", "/notices", { headers: await web.enter() });
  expect(text).toContain("2 sensors have been silent for 40 minutes.");
  expect(text).toContain("The server does not let this box send there. Type the access token anew");
  expect(text).toContain("403 &lt;b&gt;no&lt;/b&gt;  entry");
  expect(text).toContain("2 messages wait");
});

test("who looks after nothing sees none of it", async () => {
  await using web = await open(NOTICES);
  const headers = await enterAsVolunteer(web);
  expect(await web.ask("GET", "/notices", { headers })).toMatchObject({ status: 403 });
  for (const path of ["test", "pause", "email", "push", "rhythm"])
    expect(await post(web, `/notices/${path}`, {}, headers)).toMatchObject({ status: 403 });
  expect(await web.ask("GET", "/notices")).toMatchObject({ status: 303 });
  expect(web.house.asked).toEqual([]);
});

test("a test says of each way what came of it", async () => {
  await using web = await open(NOTICES);
  const headers = await web.enter();
  web.house.noticeTests = NOTICES.ways.map(({ id, kind, host, failure }) => ({ id, kind, host, failure }));
  const { text } = await post(web, "/notices/test", {}, headers);
  expect(text).toMatch(/<bdi>mail\.example<\/bdi>\u2069? accepted the test message\./);
  expect(text).toMatch(/the test message was not accepted by \u2068?<bdi>push\.example<\/bdi>/);
});

test("each problem has its sentence and its next step", async () => {
  await using web = await open(NOTICES);
  const headers = await web.enter();
  for (const problem of NOTICE_PROBLEMS) {
    const ways = NOTICES.ways.map((way) => ({ ...way, failure: { problem, said: null } }));
    web.house.notices = { ...NOTICES, ways };
    const { text } = await web.ask("GET", "/notices", { headers });
    expect(text, problem).toMatch(/<p>[A-Z][^<]{15,}\. [A-Z][^<]{10,}\.<\/p>/);
  }
});

test("what is typed into the form of e-mail stands in gateway.yaml, the password in a file of its own", async () => {
  await using web = await open();
  const headers = await web.enter();
  expect(await post(web, "/notices/email", EMAIL, headers)).toMatchObject({ status: 200 });
  const settings = await settingsOf(web);
  expect(settings).toMatch(/host: mail\.example/);
  expect(settings).toMatch(/- ada@elm\.example|ada@elm\.example\]/);
  expect(settings).not.toContain("made-up word");
  const file = join(web.dataDir, "site", /passwordFile: (\S+)/.exec(settings)?.[1] ?? "");
  expect((await readFile(file, "utf8")).trim()).toBe("made-up word");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { text } = await web.ask("GET", "/notices", { headers });
  expect(text).toContain('value="vera@elm.example, ada@elm.example"');
  expect(text).not.toContain("made-up word");
  // Nothing typed into the secrets: they stay.
  await post(web, "/notices/email", { ...EMAIL, port: "465", security: "tls", username: "", password: "" }, headers);
  expect(await settingsOf(web)).toMatch(/port: 465[\s\S]*passwordFile: |passwordFile: [\s\S]*port: 465/);
  await post(web, "/notices/email/remove", {}, headers);
  expect(await settingsOf(web)).not.toContain("mail.example");
});

test("e-mail with an ill field is not taken, and what was typed stays in the form, but for the password", async () => {
  await using web = await open();
  const headers = await web.enter();
  const before = await settingsOf(web);
  for (const ill of [
    { to: "vera at elm" },
    { to: "" },
    { from: "kit" },
    { from: "kit\u0001@elm.example" },
    { host: "mail example" },
    { port: "0" },
    { port: "many" },
    { security: "somehow" },
  ]) {
    const answer = await post(web, "/notices/email", { ...EMAIL, ...ill }, headers);
    expect(answer.status, JSON.stringify(ill)).toBe(400);
    expect(answer.text).toMatch(/class="mistake" role="alert"/);
    expect(answer.text).toContain(Object.hasOwn(ill, "host") ? 'value="kit@elm.example"' : 'value="mail.example"');
    expect(answer.text).not.toContain("made-up word");
  }
  expect(await settingsOf(web)).toBe(before);
});

test("what hedgerow check refuses is refused here too: a password over the internet in the open", async () => {
  await using web = await open();
  const headers = await web.enter();
  const answer = await post(web, "/notices/email", { ...EMAIL, security: "none" }, headers);
  expect(answer.status).toBe(400);
  expect(answer.text.match(/class="mistake"[^]{0,600}/)?.[0]).toContain("is not on this machine or a private network");
});

test("push addresses are added, keep their tokens, and are removed one by one", async () => {
  await using web = await open();
  const headers = await web.enter();
  await post(web, "/notices/push", { kind: "ntfy", url: "https://push.example/elm", token: "tk_made_up" }, headers);
  await post(web, "/notices/push", { kind: "webhook", url: "http://10.0.0.7:8123/hook", token: "" }, headers);
  const settings = await settingsOf(web);
  expect(settings).toMatch(/push\.example[\s\S]*tokenFile: secrets[\s\S]*10\.0\.0\.7/);
  const gone = await post(web, "/notices/push/remove", { nth: "0", url: "http://10.0.0.7:8123/hook" }, headers);
  expect([gone.status, await settingsOf(web)]).toEqual([303, settings]);
  await post(web, "/notices/push/remove", { nth: "1", url: "http://10.0.0.7:8123/hook" }, headers);
  expect(await settingsOf(web)).toMatch(/push\.example[\s\S]*tokenFile/);
  expect(await settingsOf(web)).not.toContain("10.0.0.7");
  for (const url of [
    "ftp://push.example",
    "https://push.example/a\u0000b",
    "https://push.example/\u202egpj",
    "https://",
  ]) {
    const ill = await post(web, "/notices/push", { kind: "ntfy", url }, headers);
    expect(ill.text, JSON.stringify(url)).toContain("It begins with https://.");
  }
});

test("language and rhythm are changed; numbers out of bounds are not taken", async () => {
  await using web = await open();
  const headers = await web.enter();
  const rhythm = { language: "uk", afterMinutes: "30", atMostPerDay: "3" };
  await post(web, "/notices/rhythm", rhythm, headers);
  expect(await settingsOf(web)).toMatch(/language: uk[\s\S]*afterMinutes: 30[\s\S]*atMostPerDay: 3/);
  for (const ill of [{ afterMinutes: "-1" }, { atMostPerDay: "0" }, { atMostPerDay: "1.5" }, { language: "tlh" }])
    expect((await post(web, "/notices/rhythm", { ...rhythm, ...ill }, headers)).status).toBe(400);
});

test("messages are paused in the steward's own name, and resumed", async () => {
  await using web = await open({ ...NOTICES, paused: { by: "ada", at: "2026-11-21T12:00:00.000Z" } });
  const headers = await web.enter();
  expect((await web.ask("GET", "/notices", { headers })).text).toMatch(/paused by \u2068?<b><bdi>ada<\/bdi><\/b>/);
  await post(web, "/notices/resume", { by: "vera" }, headers);
  await post(web, "/notices/pause", {}, headers);
  expect(web.house.asked).toEqual([
    ["pauseNotices", { isPaused: false, by: "steward" }],
    ["pauseNotices", { isPaused: true, by: "steward" }],
  ]);
});

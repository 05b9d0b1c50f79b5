// Who is let in: the one-time code, the passphrase, sessions; over real HTTP, refusals included.
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestWeb, PASSPHRASE } from "../helpers/test-web.ts";

test("the set-up code has 8 characters without look-alikes, in a file that only the owner may read", async () => {
  await using page = await openTestWeb();
  expect(page.web.setupCode).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
  const path = join(page.dataDir, "setup-code.txt");
  expect((await readFile(path, "utf8")).trim()).toBe(page.web.setupCode);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("the code survives a restart", async () => {
  await using before = await openTestWeb();
  await using after = await openTestWeb({ dataDir: before.dataDir });
  expect(after.web.setupCode).toBe(before.web.setupCode);
});

test("a code file that somebody spoiled is made anew", async () => {
  await using before = await openTestWeb();
  await writeFile(join(before.dataDir, "setup-code.txt"), "hello\n");
  await using after = await openTestWeb({ dataDir: before.dataDir });
  expect(after.web.setupCode).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
});

test("set-up logs the steward in, and the code and its file are gone", async () => {
  await using page = await openTestWeb();
  const code = page.web.setupCode;
  const answered = await page.send("/api/v1/setup", { code, passphrase: PASSPHRASE });
  expect(answered.status).toBe(200);
  expect(JSON.parse(answered.text)).toEqual({ user: "steward", role: "steward" });
  expect((await page.ask("GET", "/api/v1/status", { headers: { cookie: answered.cookie ?? "" } })).status).toBe(200);
  expect(page.web.setupCode).toBeNull();
  await expect(readFile(join(page.dataDir, "setup-code.txt"))).rejects.toThrow("ENOENT");
  expect((await page.send("/api/v1/setup", { code, passphrase: "another passphrase" })).status).toBe(409);
});

test("the code is taken in small letters, with hyphens and spaces", async () => {
  await using page = await openTestWeb();
  const code = page.web.setupCode?.toLowerCase().replace(/^(.{4})/, " $1-");
  expect((await page.send("/api/v1/setup", { code, passphrase: PASSPHRASE })).status).toBe(200);
});

test("a wrong code sets nothing up", async () => {
  await using page = await openTestWeb();
  const answered = await page.send("/api/v1/setup", { code: "AAAAAAAA", passphrase: PASSPHRASE });
  expect([answered.status, answered.cookie]).toEqual([401, undefined]);
  expect(page.registry.data().accounts).toEqual([]);
  expect(page.board.get("web.refused.wrong-code")).toBe(1);
});

test.each([
  ["too short", "only nine", "passphrase-short"],
  ["one letter over and over", "aaaaaaaaaaaaaaa", "passphrase-plain"],
  ["endless", "abcdefgh".repeat(100), "passphrase-long"],
])("a passphrase that is %s is refused with the rule, and the code stays good", async (_, passphrase, why) => {
  await using page = await openTestWeb();
  const code = page.web.setupCode;
  const answered = await page.send("/api/v1/setup", { code, passphrase });
  expect([answered.status, JSON.parse(answered.text).why]).toEqual([400, why]);
  expect((await page.send("/api/v1/setup", { code, passphrase: PASSPHRASE })).status).toBe(200);
});

test("of two who type the right code at the same moment, one becomes the steward", async () => {
  await using page = await openTestWeb();
  const ask = { code: page.web.setupCode, passphrase: PASSPHRASE };
  const answers = await Promise.all([page.send("/api/v1/setup", ask), page.send("/api/v1/setup", ask)]);
  expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(["200", "409"]);
  expect(page.registry.data().accounts).toHaveLength(1);
});

test("only a salted scrypt hash of the passphrase is kept", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const [account] = page.registry.data().accounts;
  expect(account?.passphraseHash).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
});

test("an unknown user and a wrong passphrase get the same answer", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const wrong = await page.send("/api/v1/login", { user: "steward", passphrase: "wrong passphrase" });
  const unknown = await page.send("/api/v1/login", { user: "nobody", passphrase: "wrong passphrase" });
  expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
  expect(wrong.status).toBe(401);
});

test("an unknown user costs as much work as a wrong passphrase", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const cpuOf = async (user: string) => {
    const before = process.cpuUsage();
    await page.send("/api/v1/login", { user, passphrase: "wrong passphrase" });
    const { user: microseconds } = process.cpuUsage(before);
    return microseconds;
  };
  const known = await cpuOf("steward");
  expect(await cpuOf("nobody")).toBeGreaterThan(known / 3);
});

test("after many wrong attempts the right passphrase still opens the door", async () => {
  await using page = await openTestWeb();
  await page.enter();
  for (let n = 0; n < 5; n += 1) await page.send("/api/v1/login", { user: "steward", passphrase: `wrong ${n}` });
  expect((await page.send("/api/v1/login", { user: "steward", passphrase: PASSPHRASE })).status).toBe(200);
});

test("while the page is flooded with wrong logins, an honest one from the same address still comes in", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const flooding = new AbortController();
  const flood = Array.from({ length: 6 }, async () => {
    while (!flooding.signal.aborted)
      await page.send("/api/v1/login", { user: "steward", passphrase: "wrong passphrase" });
  });
  const honest = await page.send("/api/v1/login", { user: "steward", passphrase: PASSPHRASE });
  flooding.abort();
  expect(honest.status).toBe(200);
  await Promise.all(flood);
});

test("each login is a new session, and the one before it in this browser is over", async () => {
  await using page = await openTestWeb();
  const first = await page.enter();
  const again = await page.send("/api/v1/login", { user: "steward", passphrase: PASSPHRASE }, first);
  expect(again.cookie).not.toBe(first.cookie);
  expect((await page.ask("GET", "/api/v1/status", { headers: first })).status).toBe(401);
  expect((await page.ask("GET", "/api/v1/status", { headers: { cookie: again.cookie ?? "" } })).status).toBe(200);
});

test("the cookie is out of reach of scripts and of other sites", async () => {
  await using page = await openTestWeb();
  const { headers } = await page.send("/api/v1/setup", { code: page.web.setupCode, passphrase: PASSPHRASE });
  expect(headers["set-cookie"]?.[0]).toMatch(/^hedgerow-session=[\w-]{43};.*HttpOnly.*SameSite=Strict/);
});

test("logging out ends the session", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  expect((await page.send("/api/v1/logout", {}, headers)).status).toBe(200);
  expect((await page.ask("GET", "/api/v1/status", { headers })).status).toBe(401);
});

test("a session ends when its account is removed", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await page.registry.update((data) => {
    data.accounts = [];
  });
  expect((await page.ask("GET", "/api/v1/status", { headers })).status).toBe(401);
});

test("the forms let in without script, and lead on to the page that was asked for", async () => {
  await using page = await openTestWeb();
  const form = { "content-type": "application/x-www-form-urlencoded", origin: page.url };
  const wrong = await page.ask("POST", "/setup", { headers: form, body: "code=AAAAAAAA&passphrase=long+enough+words" });
  expect([wrong.status, wrong.text.includes('role="alert"')]).toEqual([401, true]);
  const body = new URLSearchParams({ code: page.web.setupCode ?? "", passphrase: PASSPHRASE }).toString();
  const right = await page.ask("POST", "/setup", { headers: form, body });
  expect([right.status, right.headers.location]).toEqual([303, "/"]);
  const login = (next: string) =>
    page.ask("POST", "/login", {
      headers: form,
      body: new URLSearchParams({ user: "steward", passphrase: PASSPHRASE, next }).toString(),
    });
  expect((await login("/devices/lamp-3")).headers.location).toBe("/devices/lamp-3");
  expect((await login("//evil.example/")).headers.location).toBe("/");
});

test("on first start every page leads to set-up, afterwards to the login", async () => {
  await using page = await openTestWeb();
  expect((await page.ask("GET", "/devices")).headers.location).toBe("/setup");
  await page.enter();
  expect((await page.ask("GET", "/devices")).headers.location).toBe("/login?next=%2Fdevices");
  expect((await page.ask("GET", "/setup")).headers.location).toBe("/");
});

test("the language that an address asks for is kept when it leads to the set-up or the login", async () => {
  await using page = await openTestWeb();
  expect((await page.ask("GET", "/?lang=de")).cookie).toBe("hedgerow-language=de");
  expect((await page.ask("GET", "/login?lang=de")).cookie).toBe("hedgerow-language=de");
  await page.enter();
  expect((await page.ask("GET", "/devices?lang=de")).cookie).toBe("hedgerow-language=de");
});

// The door under attack: guessing that does not keep the owner out, sessions that are over, the two doors kept apart, an unknown
// name that is treated like a known one. Over real HTTP; delays are short, scrypt is as it is.
import { once } from "node:events";
import { Agent, request } from "node:http";
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { verifyPassphrase } from "../../src/registry/passphrase.ts";
import { accountsOf } from "../../src/web/accounts.ts";
import { Attempts } from "../../src/web/attempts.ts";
import { browserWord, isKnownBrowser } from "../../src/web/session-cookie.ts";
import { KeptSessions, Sessions } from "../../src/web/sessions.ts";
import { openPeopleSite, type PeopleSite } from "../helpers/people-site.ts";
import { memoryRegistry } from "../helpers/memory-registry.ts";
import { PASSPHRASE, post } from "../helpers/test-web.ts";

const never = new AbortController().signal;
const quick = { attemptDelayMs: 1, attemptDelayMsMax: 2 };
const right = async () => true;
const wrong = async () => false;

/** Tries a passphrase from one of this machine's own addresses, as another machine would. */
async function logInFrom(
  { url }: Pick<PeopleSite, "url">,
  { from, passphrase, cookie, agent }: { from: string; passphrase: string; cookie?: string; agent?: Agent },
): Promise<{ readonly status: number; readonly cookies: readonly string[] }> {
  const headers = { "content-type": "application/json", ...(cookie !== undefined && { cookie }) };
  const asked = request(`${url}/api/v1/login`, { method: "POST", headers, localAddress: from, agent });
  asked.end(JSON.stringify({ user: "steward", passphrase }));
  const [answered] = await once(asked, "response");
  answered.resume();
  await once(answered, "end");
  return { status: answered.statusCode, cookies: answered.headers["set-cookie"] ?? [] };
}

test("a thousand wrong passphrases: bounded work, and the owner comes in meanwhile, in a browser that is known and in a new one", async () => {
  await using page = await openPeopleSite();
  const first = await logInFrom(page, { from: "127.0.0.1", passphrase: PASSPHRASE });
  const known = first.cookies.find((each) => each.startsWith("hedgerow-browser="))?.split(";")[0] ?? "";
  const agent = new Agent({ keepAlive: true, maxSockets: 110 });
  const counts = new Map<number, number>();
  const flooding = new AbortController();
  const hammer = async (): Promise<void> => {
    while (!flooding.signal.aborted) {
      const { status } = await logInFrom(page, { from: "127.0.0.66", passphrase: "wrong passphrase", agent });
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  const flood = Array.from({ length: 100 }, hammer);
  const total = (): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  await expect.poll(total, { timeout: 30_000 }).toBeGreaterThan(1000);
  const before = page.board.get("web.refused.wrong-login");
  // From the very address that hammers, since the browser is known; and from elsewhere in one that is not.
  const owner = await logInFrom(page, { from: "127.0.0.66", passphrase: PASSPHRASE, cookie: known });
  const onNewPhone = await logInFrom(page, { from: "127.0.0.2", passphrase: PASSPHRASE });
  expect([owner.status, onNewPhone.status]).toEqual([200, 200]);
  expect(page.board.get("web.refused.wrong-login") - before).toBeLessThanOrEqual(6);
  flooding.abort();
  agent.destroy();
  await Promise.allSettled(flood);
  // Nearly all were answered without a look at the passphrase.
  expect(counts.get(429)).toBeGreaterThan(900);
}, 60_000);

test("who guesses one name from ever new addresses waits for the name, and its owner's browser does not", async () => {
  const attempts = new Attempts({
    clock: systemClock,
    delays: { attemptDelayMs: 3_600_000, attemptDelayMsMax: 3_600_000 },
  });
  for (const n of [1, 2]) await attempts.run({ address: `198.51.100.${n}`, account: "maria" }, wrong, never);
  const stop = new AbortController();
  const guessing = attempts.run({ address: "198.51.100.3", account: "maria" }, wrong, stop.signal);
  expect(await attempts.run({ address: "198.51.100.3", account: "maria", browser: "word" }, right, never)).toBe(
    "passed",
  );
  expect(await attempts.run({ address: "192.0.2.1", account: "omar" }, right, never)).toBe("passed");
  stop.abort();
  await expect(guessing).rejects.toThrow("aborted");
});

test("of those who wait for one name, an address that never failed goes first", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  const order: string[] = [];
  const noted = (who: string) => async () => order.push(who) > 0;
  await attempts.run({ address: "198.51.100.1", account: "maria" }, wrong, never);
  const held = Promise.withResolvers<boolean>();
  const running = attempts.run({ address: "198.51.100.2", account: "maria" }, () => held.promise, never);
  const failed = attempts.run({ address: "198.51.100.1", account: "maria" }, noted("failed before"), never);
  const honest = attempts.run({ address: "192.0.2.1", account: "maria" }, noted("honest"), never);
  await Promise.resolve();
  held.resolve(false);
  await Promise.all([running, failed, honest]);
  expect(order).toEqual(["honest", "failed before"]);
});

test("an unknown name costs the same wait and the same one scrypt as a wrong passphrase, and gets the same answer", async () => {
  const registry = memoryRegistry();
  await using site = await openPeopleSite({ registry });
  const asked: (string | null)[] = [];
  const accounts = accountsOf({
    registry,
    setupCode: { current: null, matches: () => false, end: async () => {} },
    attempts: new Attempts({ clock: systemClock, delays: quick }),
    board: new Board(),
    clock: systemClock,
    users: site.people,
    journal: { note: () => undefined },
    verify: (words, hash) => {
      asked.push(hash === null ? null : "a hash");
      return verifyPassphrase(words, hash);
    },
  });
  const told = new Set<string>();
  const names = ["steward", "nobody", "vera", "__proto__", "constructor", "", "steward ", "STEWARD", "x".repeat(256)];
  for (const user of names)
    told.add(
      JSON.stringify(await accounts.logIn({ user, passphrase: "wrong passphrase", address: "192.0.2.1" }, never)),
    );
  expect([...told]).toEqual(['{"kind":"refused","why":"wrong-login"}']);
  expect(asked).toEqual(names.map((user) => (user === "steward" || user === "vera" ? "a hash" : null)));
});

test("a browser is known by the account it opened, until that has another passphrase", () => {
  const account = {
    user: "maria",
    role: "steward",
    passphraseHash: "a",
    createdAt: "2026-01-01T00:00:00.000Z",
  } as const;
  const word = browserWord(account);
  expect(isKnownBrowser(word, account)).toBe(true);
  expect(isKnownBrowser(word, { ...account, user: "omar" })).toBe(false);
  expect(isKnownBrowser(word, { ...account, passphraseHash: "b" })).toBe(false);
  // With something behind it the word would be another one each time, with a line of its own to guess in.
  const longer = [`${word}x`, `${word}.`, `${word}.1`, `${word}.${"a".repeat(5000)}`];
  for (const forged of [undefined, "", ".", "x.y", ...longer, word.replace(/^./, "_"), "a".repeat(5000)])
    expect(isKnownBrowser(forged, account), forged?.slice(0, 60)).toBe(false);
});

const looks = async (page: PeopleSite, headers: { readonly cookie: string }): Promise<number> =>
  (await page.ask("GET", "/api/v1/status", { headers })).status;

test("a session is over after logging out, after its passphrase was changed or renewed, after removal; a role is that of now", async () => {
  await using page = await openPeopleSite();
  const [one, two, other] = [page.as("vera"), page.as("vera"), page.as("steward")];
  await post(page, "/logout", {}, one);
  expect([await looks(page, one), await looks(page, two)]).toEqual([401, 200]);
  await page.people.setRole({ user: "vera", role: "steward" });
  expect((await page.ask("GET", "/people/journal", { headers: two })).status).toBe(200);
  await page.people.setRole({ user: "vera", role: "volunteer" });
  expect((await page.ask("GET", "/people/journal", { headers: two })).status).toBe(403);
  const { secret } = await page.people.inviteBack({ user: "vera", by: "steward" });
  expect(await looks(page, two)).toBe(200);
  await page.people.acceptInvitation({ secret, user: "", passphrase: "a green hedge in May" });
  expect(await looks(page, two)).toBe(401);
  const three = page.as("vera");
  await page.people.removeUser({ user: "vera" });
  expect([await looks(page, three), await looks(page, other)]).toEqual([401, 200]);
});

test("a stolen cookie is worth nothing after each of these, and was replaced at each login", async () => {
  await using page = await openPeopleSite();
  const planted = page.as("steward");
  const again = await page.send("/api/v1/login", { user: "steward", passphrase: PASSPHRASE }, planted);
  expect(again.cookie).not.toBe(planted.cookie);
  expect([await looks(page, planted), await looks(page, { cookie: again.cookie ?? "" })]).toEqual([401, 200]);
});

test("sessions outlive the house that is opened anew with what it kept, and end by time and beyond the bound of one user", async () => {
  const registry = memoryRegistry();
  await using page = await openPeopleSite({ registry });
  const kept = new KeptSessions();
  const clock = { ...systemClock, nowMs: () => nowMs, monotonicMs: () => nowMs };
  let nowMs = Date.UTC(2026, 5, 1);
  const from = { address: "192.0.2.1", browser: "", isSecure: false };
  const [steward] = registry.data().accounts;
  if (steward === undefined) throw new Error("the site has a steward");
  const before = new Sessions({ clock, registry, kept });
  const token = before.start(steward, from);
  const after = new Sessions({ clock, registry, kept });
  expect(after.find(token, from)?.user).toBe("steward");
  expect(after.find(token, { isSecure: true })).toBeUndefined();
  for (let n = 0; n < 20; n += 1) after.start(steward, from);
  expect([after.find(token, from), after.list().length]).toEqual([undefined, 20]);
  const lasting = after.start(steward, from);
  const DAY = 24 * 3_600_000;
  for (let day = 0; day < 29; day += 7) {
    nowMs += 7 * DAY;
    if (day < 28) expect(after.find(lasting, from)?.user, `day ${day}`).toBe("steward");
  }
  expect([after.find(lasting, from), after.list()]).toEqual([undefined, []]);
  expect(page.registry.data().accounts).toHaveLength(2);
});

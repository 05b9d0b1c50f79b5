// Shown: an account that is reset or removed has no session any more, over real HTTP; what is logged of it holds no secret; and
// the set-up code is void once there is a steward, however that one came.
import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { createUserCommands, makePassphrase } from "../../src/registry/users.ts";
import { openTestWeb, type TestWeb } from "../helpers/test-web.ts";
import { textLog } from "../helpers/text-log.ts";

const usersOf = ({ registry }: TestWeb, log = textLog().log) =>
  createUserCommands({ registry, clock: systemClock, log });
const logIn = (page: TestWeb, user: string, passphrase: string) => page.send("/api/v1/login", { user, passphrase });
const looking = async (page: TestWeb, cookie = ""): Promise<number> =>
  (await page.ask("GET", "/api/v1/status", { headers: { cookie } })).status;

test("a reset ends the sessions of that user at once and of nobody else; the old passphrase is void", async () => {
  await using page = await openTestWeb();
  const steward = await page.enter();
  const users = usersOf(page);
  const { passphrase } = await users.addUser({ user: "maria", role: "steward" });
  const { cookie } = await logIn(page, "maria", passphrase ?? "");
  expect([await looking(page, cookie), await looking(page, steward.cookie)]).toEqual([200, 200]);
  await users.resetUser({ user: "maria", passphrase: "a green hedge in May" });
  expect([await looking(page, cookie), await looking(page, steward.cookie)]).toEqual([401, 200]);
  expect((await logIn(page, "maria", passphrase ?? "")).status).toBe(401);
  expect((await logIn(page, "maria", "a green hedge in May")).status).toBe(200);
});

test("a removed user's sessions end at once, and stay ended when the name comes again", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const { lines, log } = textLog();
  const users = usersOf(page, log);
  const words = "a green hedge in May";
  await users.addUser({ user: "vera", role: "volunteer", passphrase: words });
  const { cookie } = await logIn(page, "vera", words);
  expect(await looking(page, cookie)).toBe(200);
  await users.removeUser({ user: "vera" });
  expect(await looking(page, cookie)).toBe(401);
  await users.addUser({ user: "vera", role: "volunteer", passphrase: words });
  expect(await looking(page, cookie)).toBe(401);
  expect(lines.join("")).toContain("an account was removed");
  expect(lines.join("")).not.toMatch(/hedge in May|scrypt/);
});

test("a steward made at the command line voids the set-up code, file and all", async () => {
  await using page = await openTestWeb();
  const code = page.web.setupCode;
  await usersOf(page).addUser({ user: "vera", role: "volunteer" });
  expect(page.web.setupCode).toBe(code);
  await usersOf(page).addUser({ user: "maria", role: "steward" });
  expect(page.web.setupCode).toBeNull();
  expect((await page.send("/api/v1/setup", { code, passphrase: "a green hedge in May" })).status).toBe(409);
  await expect.poll(() => readdir(page.dataDir)).not.toContain("setup-code.txt");
});

test("two stewards who are removed at once leave one", async () => {
  await using page = await openTestWeb();
  const users = usersOf(page);
  await users.addUser({ user: "maria", role: "steward" });
  await users.addUser({ user: "omar", role: "steward" });
  const ends = await Promise.allSettled(["maria", "omar"].map((user) => users.removeUser({ user })));
  expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(users.listUsers()).toHaveLength(1);
});

test("a made passphrase has four groups of four letters, each letter of the alphabet as likely", () => {
  let n = 0;
  expect(makePassphrase((max) => n++ % max)).toBe("abcd-efgh-jkmn-pqrs");
  expect(makePassphrase()).not.toBe(makePassphrase());
});

test("there is room for fifty users, and for no more", async () => {
  await using page = await openTestWeb();
  const account = { role: "volunteer", passphraseHash: "x", createdAt: "2026-01-01T00:00:00.000Z" } as const;
  await page.registry.update((data) => {
    data.accounts = Array.from({ length: 50 }, (_, n) => ({ ...account, user: `u${n}` }));
  });
  await expect(usersOf(page).addUser({ user: "one-more", role: "steward" })).rejects.toMatchObject({ code: "USAGE" });
});

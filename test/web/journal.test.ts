// The journal of logins and changes: what is noted of each change, what never is, its bounds in entries, days and bytes, and that a
// disk that refuses keeps nobody out.
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/core/database.ts";
import { silentLog } from "../../src/core/log.ts";
import { blockOf, openJournal } from "../../src/web/journal-store.ts";
import { journalWordOf } from "../../src/web/noted-changes.ts";
import { openPeopleSite } from "../helpers/people-site.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { PASSPHRASE, post } from "../helpers/test-web.ts";

const DAY_MS = 24 * 3_600_000;

async function openStore() {
  const directory = await tempDir();
  const time = { nowMs: Date.UTC(2026, 5, 1) };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs, isSynced: () => true };
  const board = new Board();
  const open = () => openJournal({ dataDir: directory.path, clock, board, log: silentLog });
  return {
    path: join(directory.path, "journal.db"),
    time,
    board,
    open,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

test("logins, failed ones, changes and accounts are noted with who, what, about what and from where; no secret is", async () => {
  await using page = await openPeopleSite();
  await page.send("/api/v1/login", { user: "vera", passphrase: "wrong passphrase" });
  // Somebody may have typed a passphrase into the field of the name.
  await page.send("/api/v1/login", { user: "typed by mistake", passphrase: "wrong passphrase" });
  await page.send("/api/v1/login", { user: "vera", passphrase: PASSPHRASE });
  const headers = page.as("steward");
  await page.send("/api/v1/devices/lamp-3/pause", {}, headers);
  await post(page, "/devices/lamp-3/switch", { on: "yes" }, headers);
  await post(page, "/cameras/gate-cam/pause", { paused: "yes" }, headers);
  await post(page, "/cameras/gate-cam/pause", { paused: "no" }, headers);
  await page.ask("GET", "/setup/files/policy.yaml", { headers });
  await post(page, "/people/invitations", { role: "volunteer" }, headers);
  await post(page, "/people/user/vera/role", { role: "steward" }, headers);
  await post(page, "/people/user/vera/role", { role: "volunteer" }, page.as("vera"));
  await post(page, "/people/user/nobody/role", { role: "steward" }, headers);
  await post(page, "/logout", {}, headers);
  const steward = page.as("steward");
  const { text } = await page.ask("GET", "/people/journal", { headers: steward });
  const rows = [
    ...text.matchAll(
      /<li class="row">.*?<b>(.*?)<\/b>(.*?)<\/span>\n<span class="when"><bdi>(.*?)<\/bdi>( · from (.*?))?<\/span>/gs,
    ),
  ].map(
    ([, what = "", about = "", who = "", , from = ""]) =>
      `${what}${about.replaceAll(/<\/?bdi>/g, "")} | ${who} | ${from}`,
  );
  expect(rows.toReversed()).toEqual([
    "Wrong passphrase | vera | 127.0.0.1",
    "Wrong passphrase | nobody who has an account | 127.0.0.1",
    "Logged in | vera | 127.0.0.1",
    "Paused a device: lamp-3 | steward | 127.0.0.1",
    "Switched a lamp: lamp-3 | steward | 127.0.0.1",
    "Paused a camera: gate-cam | steward | 127.0.0.1",
    "Woke a camera from its pause: gate-cam | steward | 127.0.0.1",
    "Took a copy of the settings: policy.yaml | steward | 127.0.0.1",
    "Made an invitation: volunteer | steward | 127.0.0.1",
    "Changed a role: vera: steward | steward | 127.0.0.1",
    "Changed a role: vera: volunteer | vera | 127.0.0.1",
    "Logged out | steward | 127.0.0.1",
  ]);
  const one = await page.ask("GET", "/people/journal?by=vera&what=login", { headers: steward });
  expect(one.text.match(/<li class="row">/g)).toHaveLength(1);
  const bytes =
    (await readFile(join(page.dataDir, "journal.db"))).toString("latin1") +
    (await readFile(join(page.dataDir, "journal.db-wal"))).toString("latin1");
  for (const secret of [PASSPHRASE, "wrong passphrase", "typed by mistake", steward.cookie.split("=")[1] ?? "?"])
    expect(bytes).not.toContain(secret);
  expect(bytes).toContain("lamp-switched");
});

test("each way of the page that changes something has its word, and one that nobody thought of is noted all the same", async () => {
  await using page = await openPeopleSite();
  const ways = page.web.routes.filter(({ method }) => method === "POST").map(({ path }) => path);
  expect(ways.filter((way) => journalWordOf(way) === "changed")).toEqual([]);
  expect(journalWordOf("/api/v1/unheard-of")).toBe("changed");
});

test("what is noted is there after a restart, for the gateway's user alone, and last logins with it", async () => {
  await using at = await openStore();
  {
    using store = at.open();
    store.note({ what: "login", by: "vera", address: "192.0.2.7" });
    store.note({ what: "device-paused", by: null, about: "porch\u202e-1" });
  }
  using store = at.open();
  expect(store.list({}).map(({ what, by, about, address }) => [what, by, about, address])).toEqual([
    ["device-paused", null, "porch -1", null],
    ["login", "vera", null, "192.0.2.7"],
  ]);
  expect([...store.lastLogins()]).toEqual([["vera", at.time.nowMs]]);
  for (const end of ["", "-wal", "-shm"]) expect((await stat(`${at.path}${end}`)).mode & 0o777).toBe(0o600);
});

test("it is kept for 90 days, and after a week an address is cut short to its network", async () => {
  await using at = await openStore();
  using store = at.open();
  store.note({ what: "login", by: "vera", address: "192.0.2.7" });
  store.note({ what: "login", by: "vera", address: "2001:db8:1:2:3:4:5:6" });
  at.time.nowMs += 7 * DAY_MS - 1;
  expect(store.list({}).map(({ address }) => address)).toEqual(["2001:db8:1:2:3:4:5:6", "192.0.2.7"]);
  at.time.nowMs += DAY_MS;
  expect(store.list({}).map(({ address }) => address)).toEqual(["2001:db8:1::/48", "192.0.2.0/24"]);
  at.time.nowMs += 83 * DAY_MS;
  expect(store.list({})).toEqual([]);
  expect(blockOf("::ffff:192.0.2.7")).toBe("192.0.2.0/24");
});

test("it holds 5,000 entries, and failed logins from everywhere push nothing else out", async () => {
  await using at = await openStore();
  // 5,000 waits for the disk are not what is shown here.
  {
    using _made = at.open();
  }
  const database = openDatabase(at.path);
  database.exec("BEGIN");
  const insert = database.prepare("INSERT INTO entries (at_ms, what, by_user) VALUES (?, 'device-changed', 'maria')");
  for (let n = 0; n < 5001; n += 1) insert.run(at.time.nowMs);
  database.exec("COMMIT");
  database.close();
  using store = at.open();
  for (let n = 0; n < 600; n += 1)
    store.note({ what: "login-failed", by: null, address: `198.51.${n % 200}.${Math.floor(n / 200)}` });
  const count = (what: string): number => {
    const looked = openDatabase(at.path);
    const { n } = looked.prepare("SELECT count(*) AS n FROM entries WHERE what = ?").get(what) ?? {};
    looked.close();
    return Number(n);
  };
  expect(count("login-failed")).toBeLessThanOrEqual(501);
  expect(count("device-changed")).toBeGreaterThanOrEqual(4400);
  expect(count("login-failed") + count("device-changed")).toBeLessThanOrEqual(5000);
});

test("who hammers is one entry with a number, which is right at the end", async () => {
  await using at = await openStore();
  {
    using store = at.open();
    for (let n = 0; n < 1000; n += 1) store.note({ what: "login-failed", by: "vera", address: "192.0.2.7" });
    store.note({ what: "login-failed", by: "vera", address: "192.0.2.8" });
  }
  using store = at.open();
  expect(store.list({}).map(({ address, count }) => [address, count])).toEqual([
    ["192.0.2.8", 1],
    ["192.0.2.7", 1000],
  ]);
});

test("a damaged journal is put aside and a new one begins; one that cannot be had keeps nobody out", async () => {
  await using at = await openStore();
  await writeFile(at.path, "this is no database, and never was one".repeat(100));
  {
    using store = at.open();
    store.note({ what: "login", by: "vera" });
    expect(store.list({})).toHaveLength(1);
  }
  expect((await readFile(`${at.path}.damaged`, "utf8")).startsWith("this is no database")).toBe(true);
  const board = new Board();
  using nowhere = openJournal({ dataDir: "/proc/no-such-place", clock: systemClock, board, log: silentLog });
  nowhere.note({ what: "login", by: "vera" });
  expect([nowhere.list({}), [...nowhere.lastLogins()]]).toEqual([[], []]);
  expect(board.get("journal.failed")).toBeGreaterThan(0);
});

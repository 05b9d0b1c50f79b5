// One-time links: once, for ten minutes, without a login; alike in all their refusals, and never in the log; over real HTTP.
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { openLog } from "../../src/core/log.ts";
import { PairingLinks } from "../../src/web/pairing-links.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { login, openTestWeb, post, type TestWeb } from "../helpers/test-web.ts";

const PASSWORD = "made-up-password";

/** Adds a device as a steward; its one-time link's path. */
async function linkPath(page: TestWeb, headers: { cookie: string }): Promise<string> {
  const asked = { profile: "tasmota/relay", zone: "lamp", name: "Lamp" };
  const { text } = await page.send("/api/v1/devices", asked, headers);
  return new URL(JSON.parse(text).link).pathname;
}

test("a one-time link shows the lines once, without a login; looking at it first uses nothing up", async () => {
  await using page = await openTestWeb();
  const path = await linkPath(page, await page.enter());
  for (const _ of [1, 2, 3]) {
    const looked = await page.ask("GET", path);
    expect([looked.status, looked.text.includes(PASSWORD)]).toEqual([200, false]);
    expect(looked.text).toContain("Show the set-up lines");
  }
  const shown = await post(page, path, {});
  expect([shown.status, shown.text.includes(PASSWORD)]).toEqual([200, true]);
  expect(shown.headers["referrer-policy"]).toBe("no-referrer");
  expect(shown.headers["cache-control"]).toBe("no-store");
  const again = await post(page, path, {});
  expect([again.status, again.text.includes(PASSWORD)]).toEqual([404, false]);
  expect((await page.ask("GET", path)).text).toContain("have been shown already");
});

test("the link on a steward's page works once too, and the page goes on showing the lines", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const made = await post(page, "/devices/new/tasmota", { profile: "tasmota/relay", zone: "porch" }, headers);
  const own = async () => (await page.ask("GET", made.headers.location ?? "", { headers })).text;
  const path = /\/pair\/[\w-]{22}/.exec(await own())?.[0] ?? "";
  expect((await post(page, path)).text).toContain(PASSWORD);
  expect((await post(page, path)).status).toBe(404);
  const after = await own();
  expect([after.includes(PASSWORD), after.includes("The link was opened"), after.includes(path)]).toEqual([
    true,
    true,
    false,
  ]);
});

test("a browser that names no origin may press the link's button, and no other", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const path = await linkPath(page, headers);
  expect((await post(page, path, {}, { origin: "http://evil.example" })).status).toBe(403);
  expect((await post(page, "/devices/lamp-3/pause", {}, { ...headers, origin: "null" })).status).toBe(403);
  expect((await post(page, path, {}, { origin: "null" })).status).toBe(200);
});

test("a link says when the device is heard, and nothing else of it", async () => {
  await using page = await openTestWeb();
  const path = await linkPath(page, await page.enter());
  await post(page, path, {});
  const [porch] = fakeStatus().devices;
  if (porch === undefined) throw new Error("unreachable");
  page.house.set({ devices: [{ ...porch, id: "lamp-1", heardAt: new Date().toISOString() }] });
  const { text } = await page.ask("GET", path);
  expect(text).toContain("Heard it!");
  expect(text).not.toContain("lamp-1");
});

test("wrong and used links answer alike", async () => {
  await using page = await openTestWeb();
  const path = await linkPath(page, await page.enter());
  await post(page, path, {});
  const wrong = await post(page, "/pair/AAAAAAAAAAAAAAAAAAAAAA", {});
  expect([wrong.status, wrong.text.includes("This link does not work")]).toEqual([404, true]);
  expect((await post(page, path, {})).text).toBe(wrong.text);
});

test("a token never stands in the log, not even when the page fails", async () => {
  await using directory = await tempDir();
  const file = await open(join(directory.path, "log"), "w+");
  const house = fakeHouse();
  let isBroken = false;
  const status = () => {
    if (isBroken) throw new Error("broken");
    return house.commands.status();
  };
  {
    const broken = { ...house, commands: { ...house.commands, status } };
    await using page = await openTestWeb({ house: broken, log: openLog({ level: "trace", fd: file.fd }) });
    const path = await linkPath(page, await page.enter());
    isBroken = true;
    expect((await page.ask("GET", path)).status).toBe(500);
    const logged = await readFile(join(directory.path, "log"), "utf8");
    expect(logged).toContain("/pair/…");
    expect(logged).not.toContain(path);
  }
  await file.close();
});

test("guessing links is slowed down, and costs no login anything", async () => {
  // A wait that never ends within the test: the login passes it, or the test times out.
  const slow = { attemptDelayMs: 3_600_000, attemptDelayMsMax: 3_600_000 };
  await using page = await openTestWeb({
    limits: { ...slow, streams: 2, streamMinMs: 20, streamHeartbeatMs: 30 },
  });
  await page.enter();
  for (let n = 0; n < LIMITS.attemptsFree; n += 1) expect((await post(page, "/pair/wrong")).status).toBe(404);
  const guess = post(page, "/pair/wrong");
  expect((await login(page)).cookie).not.toBe("");
  page.stop.abort();
  expect((await guess).status).toBe(503);
});

test("a new login of the same device ends the link to its old one", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const path = await linkPath(page, headers);
  await page.send("/api/v1/devices/lamp-1/credentials", {}, headers);
  expect((await post(page, path, {})).status).toBe(404);
});

test("links end after ten minutes, and of more than twenty the oldest gives way", () => {
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const links = new PairingLinks({ commands: fakeHouse().commands, clock });
  const make = (id: string) => {
    const credentials = { id, username: "u", password: "p", topic: id, setup: [] };
    return links.make({ kind: "device", credentials, owner: null }).link.slice("/pair/".length);
  };
  const tokens = Array.from({ length: LIMITS.pairingLinks + 1 }, (_, n) => make(`d-${n}`));
  expect(tokens[0]).toMatch(/^[\w-]{22}$/);
  expect([links.find(tokens[0] ?? ""), links.find(tokens[1] ?? "")]).toEqual([undefined, expect.anything()]);
  nowMs = LIMITS.pairingLinkMs - 1;
  expect(links.find(tokens[1] ?? "")).toBeDefined();
  nowMs += 1;
  expect(links.use(tokens[1] ?? "")).toBeUndefined();
});

test("a link names the address by which the browser came, and the network's one when it came by the machine itself", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const ask = { profile: "tasmota/relay", zone: "porch" };
  const local = await page.send("/api/v1/devices", ask, headers);
  expect(JSON.parse(local.text).link).toMatch(new RegExp(`^${page.url}/pair/`));
  const named = await page.send("/api/v1/devices", ask, { ...headers, host: "hedgerow.local:8080" });
  expect(JSON.parse(named.text).link).toMatch(/^http:\/\/hedgerow\.local:8080\/pair\//);
});

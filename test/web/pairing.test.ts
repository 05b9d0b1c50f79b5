// How a sensor is added from the page and by a one-time link, without script; what is refused; over real HTTP.
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { openLog } from "../../src/core/log.ts";
import { PairingLinks } from "../../src/web/pairing-links.ts";
import { setUpParts } from "../../src/web/set-up-lines.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb, type TestWeb } from "../helpers/test-web.ts";

const PASSWORD = "made-up-password";

/** Posts a form as a browser does. */
function post(page: TestWeb, path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const form = { "content-type": "application/x-www-form-urlencoded", origin: page.url };
  return page.ask("POST", path, { headers: { ...form, ...headers }, body: new URLSearchParams(fields).toString() });
}

/** Adds a device as a steward; its one-time link's path. */
async function linkPath(page: TestWeb, headers: { cookie: string }): Promise<string> {
  const asked = { profile: "tasmota/relay", zone: "lamp", name: "Lamp" };
  const { text } = await page.send("/api/v1/devices", asked, headers);
  return new URL(JSON.parse(text).link).pathname;
}

test("a steward chooses a family, says what and where it is, and reads the lines", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const families = (await page.ask("GET", "/devices/new", { headers })).text;
  expect(families).toContain('href="/devices/new/tasmota"');
  const form = (await page.ask("GET", "/devices/new/tasmota", { headers })).text;
  expect(form).toContain("reads motion, radio strength, whether it is online");
  expect(form).toContain('<option value="porch"></option>');
  const fields = { profile: "tasmota/switch-pir", name: "Gate PIR", zone: "Front Gate" };
  const made = await post(page, "/devices/new/tasmota", fields, headers);
  expect(made.status).toBe(303);
  expect(page.house.asked).toEqual([
    ["pairDevice", { profile: "tasmota/switch-pir", name: "Gate PIR", zone: "front-gate" }],
  ]);
  const lines = (await page.ask("GET", made.headers.location ?? "", { headers })).text;
  for (const shown of [PASSWORD, "Waiting for the first message", 'class="qr"', "/pair/"])
    expect(lines).toContain(shown);
  expect(lines).toContain(`<pre data-copy>Backlog Topic front-gate-1; MqttUser u-3f8a; MqttPassword ${PASSWORD}</pre>`);
});

test("two presses of one button make one login", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const form = (await page.ask("GET", "/devices/new/tasmota", { headers })).text;
  const once = /name="once" value="([\w-]+)"/.exec(form)?.[1] ?? "";
  const fields = { once, profile: "tasmota/relay", zone: "path" };
  const [one, two] = await Promise.all([1, 2].map(() => post(page, "/devices/new/tasmota", fields, headers)));
  expect(page.house.asked).toHaveLength(1);
  expect(one?.headers.location).toBe(two?.headers.location);
});

test("the page says that it was heard once the device speaks with its new login, not for what it said before", async () => {
  const [, lamp] = fakeStatus().devices;
  if (lamp === undefined) throw new Error("unreachable");
  await using page = await openTestWeb({ house: fakeHouse({ devices: [lamp] }) });
  const headers = await page.enter();
  const made = await post(page, "/devices/lamp-3/credentials", {}, headers);
  const path = made.headers.location ?? "";
  expect((await page.ask("GET", path, { headers })).text).toContain("Waiting for the first message");
  page.house.heard = [
    {
      at: new Date().toISOString(),
      outcome: "readings",
      reason: null,
      readings: [{ kind: "switch", value: true }],
      removed: [],
    },
  ];
  page.house.set({ devices: [{ ...lamp, heardAt: new Date().toISOString() }] });
  expect((await page.ask("GET", path, { headers })).text).toMatch(/Heard it![^]*switched on/);
});

test("a family whose bridge is not there yet gets its bridge first", async () => {
  await using page = await openTestWeb({ house: fakeHouse({ bridges: [] }) });
  const headers = await page.enter();
  expect((await page.ask("GET", "/devices/new/zigbee2mqtt", { headers })).text).toContain('value="zigbee2mqtt"');
  const made = await post(page, "/devices/new/zigbee2mqtt/bridge", { base: "zigbee2mqtt" }, headers);
  expect(page.house.asked).toEqual([["addBridge", { family: "zigbee2mqtt", base: "zigbee2mqtt" }]]);
  const lines = (await page.ask("GET", made.headers.location ?? "", { headers })).text;
  expect(lines).toContain("Waiting for the bridge&#39;s first message");
  expect(lines).toContain("<pre data-copy>mqtt:\n  user: x</pre>");
});

test.each([
  ["no profile chosen", { profile: "", zone: "porch" }, "Please choose what it is."],
  ["a profile of another family", { profile: "zigbee2mqtt/occupancy", zone: "porch" }, "Please choose what it is."],
  ["a zone without a Latin letter", { profile: "tasmota/relay", zone: "…" }, "Latin letters"],
  ["a name beyond the bound", { profile: "tasmota/relay", zone: "porch", name: "x".repeat(81) }, "80 characters"],
])("%s is refused in a sentence, and what was typed stays", async (_, fields, sentence) => {
  await using page = await openTestWeb();
  const answered = await post(page, "/devices/new/tasmota", fields, await page.enter());
  expect(answered.status).toBe(400);
  expect(answered.text).toMatch(new RegExp(`role="alert">[^<]*${sentence}`));
  expect(answered.text).toContain(`value="${fields.zone}"`);
  expect(page.house.asked).toEqual([]);
});

test("what the gateway refuses is said with its hint, and the form can be sent again", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.refusal = new GatewayError("ALREADY_EXISTS", "the topic is <taken>", { hint: "Choose another." });
  const fields = { once: "again", profile: "tasmota/relay", zone: "porch" };
  const refused = await post(page, "/devices/new/tasmota", fields, headers);
  expect([refused.status, refused.text.includes("The topic is &lt;taken&gt;. Choose another.")]).toEqual([409, true]);
  expect((await post(page, "/devices/new/tasmota", fields, headers)).status).toBe(303);
});

test("a steward's page of lines is no other's", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const made = await post(page, "/devices/new/tasmota", { profile: "tasmota/relay", zone: "porch" }, headers);
  await page.registry.update((data) => {
    data.accounts.push(...data.accounts.map((account) => ({ ...account, user: "other" })));
  });
  const { cookie = "" } = await page.send("/api/v1/login", { user: "other", passphrase: "correct horse battery" });
  const answered = await page.ask("GET", made.headers.location ?? "", { headers: { cookie } });
  expect([answered.status, answered.text.includes(PASSWORD)]).toEqual([404, false]);
});

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
  const limits = { attemptDelayMs: 400, attemptDelayMsMax: 400, streams: 2, streamMinMs: 20, streamHeartbeatMs: 30 };
  await using page = await openTestWeb({ limits });
  await page.enter();
  const order: string[] = [];
  for (let n = 0; n < LIMITS.attemptsFree; n += 1) await post(page, "/pair/wrong", {});
  await Promise.all([
    post(page, "/pair/wrong", {}).then(() => order.push("guess")),
    page
      .send("/api/v1/login", { user: "steward", passphrase: "correct horse battery" })
      .then(() => order.push("login")),
  ]);
  expect(order).toEqual(["login", "guess"]);
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

test("set-up lines are sentences or lines to type, and lines to type in a row belong together", () => {
  expect(
    setUpParts(["Write these lines:", "mqtt:", "  user: 'Émile.'", "Restart it. Then wait.", "Backlog A b"]),
  ).toEqual([
    { kind: "read", text: "Write these lines:" },
    { kind: "type", text: "mqtt:\n  user: 'Émile.'" },
    { kind: "read", text: "Restart it. Then wait." },
    { kind: "type", text: "Backlog A b" },
  ]);
});

// Changing devices, bridges and proposals: by forms and as JSON; stewards change, volunteers look.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { fakeBridge, fakeHouse, fakeProposal, fakeStatus } from "../helpers/fake-house.ts";
import { enterAsVolunteer, openTestWeb, post } from "../helpers/test-web.ts";

const [porch, lamp] = fakeStatus().devices;
if (porch === undefined || lamp === undefined) throw new Error("unreachable");

test.each([
  [
    "/devices/porch-motion/pause",
    {},
    ["pause", { id: "porch-motion", isPaused: true }],
    "/devices/porch-motion?done=paused",
  ],
  [
    "/devices/porch-motion/resume",
    {},
    ["pause", { id: "porch-motion", isPaused: false }],
    "/devices/porch-motion?done=resumed",
  ],
  [
    "/devices/lamp-3/switch",
    { isOn: "true" },
    ["switchLamp", { id: "lamp-3", isOn: true, by: "steward" }],
    "/devices/lamp-3?done=switched",
  ],
  [
    "/devices/porch-motion/edit",
    { name: "Porch", zone: "Front Porch" },
    ["changeDevice", { id: "porch-motion", name: "Porch", zone: "front-porch" }],
    "/devices/porch-motion?done=changed",
  ],
  [
    "/devices/lamp-3/replace",
    { with: "other", profile: "gpio/pir", pin: "5", wiring: "ground" },
    ["replaceDevice", { id: "lamp-3", profile: "gpio/pir", pin: 5, activeLow: true, pull: "up" }],
    expect.stringMatching(/^\/paired\//),
  ],
  [
    "/devices/lamp-3/replace",
    { with: "proposal:p-1" },
    ["replaceDevice", { id: "lamp-3", proposal: "p-1" }],
    "/devices/lamp-3?done=replaced",
  ],
  ["/devices/lamp-3/revoke", {}, ["revoke", { kind: "device", id: "lamp-3" }], "/devices/lamp-3?done=revoked"],
  ["/devices/lamp-3/remove", {}, ["remove", { kind: "device", id: "lamp-3" }], "/devices?done=removed"],
  ["/bridges/z2m/revoke", {}, ["revoke", { kind: "bridge", id: "z2m" }], "/bridges/z2m?done=revoked"],
  ["/bridges/z2m/remove", {}, ["remove", { kind: "bridge", id: "z2m" }], "/devices?done=removed"],
  [
    "/bridges/z2m/credentials",
    {},
    ["renewCredentials", { kind: "bridge", id: "z2m" }],
    expect.stringMatching(/^\/paired\//),
  ],
  [
    "/proposals/p-1/approve",
    { zone: "Hall", name: "Hall" },
    ["approve", { proposal: "p-1", zone: "hall", name: "Hall" }],
    "/devices/porch-motion?done=approved",
  ],
  ["/proposals/p-1/dismiss", {}, ["dismiss", { proposal: "p-1" }], "/devices?done=dismissed"],
])("a steward's form to %s is done, and a volunteer's is not", async (path, fields, asked, location) => {
  await using page = await openTestWeb();
  page.house.proposals = [fakeProposal()];
  const headers = await page.enter();
  const volunteer = await enterAsVolunteer(page);
  expect((await post(page, path, fields, volunteer)).status).toBe(403);
  expect(page.house.asked).toEqual([]);
  expect((await post(page, path, fields)).status).toBe(303);
  expect(page.house.asked).toEqual([]);
  const done = await post(page, path, fields, headers);
  expect([done.status, done.headers.location]).toEqual([303, location]);
  expect(page.house.asked).toEqual([asked]);
});

test.each(["credentials", "revoke", "remove", "replace"])(
  "%s is asked once more, by a page that changes nothing",
  async (change) => {
    await using page = await openTestWeb();
    const headers = await page.enter();
    for (const thing of change === "replace" ? ["devices/lamp-3"] : ["devices/lamp-3", "bridges/z2m"]) {
      const { text } = await page.ask("GET", `/${thing}/${change}`, { headers });
      expect(text).toContain(`action="/${thing}/${change}"`);
    }
    expect(page.house.asked).toEqual([]);
  },
);

test.each([
  ["POST", "/api/v1/devices", { profile: "tasmota/relay", zone: "path" }],
  ["POST", "/api/v1/bridges", { family: "zigbee2mqtt", base: "z" }],
  ["POST", "/api/v1/proposals/p-1/approve", { zone: "hall" }],
  ["POST", "/api/v1/proposals/p-1/dismiss", {}],
  ["POST", "/api/v1/devices/lamp-3/credentials", {}],
  ["POST", "/api/v1/devices/lamp-3/revoke", {}],
  ["POST", "/api/v1/devices/lamp-3/remove", {}],
  ["POST", "/api/v1/devices/lamp-3/pause", {}],
  ["POST", "/api/v1/devices/lamp-3/resume", {}],
  ["POST", "/api/v1/devices/lamp-3/switch", { isOn: false }],
  ["POST", "/api/v1/devices/lamp-3/change", { zone: "gate" }],
  ["POST", "/api/v1/devices/lamp-3/replace", { profile: "tasmota/relay" }],
  ["POST", "/api/v1/bridges/z2m/credentials", {}],
  ["POST", "/api/v1/bridges/z2m/revoke", {}],
  ["POST", "/api/v1/bridges/z2m/remove", {}],
])("%s %s: a steward may, a volunteer gets 403, a stranger 401", async (_, path, body) => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  expect((await page.send(path, body)).status).toBe(401);
  expect((await page.send(path, body, await enterAsVolunteer(page))).status).toBe(403);
  expect(page.house.asked).toEqual([]);
  expect((await page.send(path, body, headers)).status).toBe(200);
  expect(page.house.asked).toHaveLength(1);
});

test.each([
  "/devices/new",
  "/devices/new/tasmota",
  "/proposals/p-1",
  "/devices/lamp-3/revoke",
  "/devices/lamp-3/edit",
  "/devices/lamp-3/replace",
  "/proposals",
  "/bridges/z2m/remove",
  "/paired/x",
])("a volunteer is told that %s is for stewards", async (path) => {
  await using page = await openTestWeb();
  page.house.proposals = [fakeProposal()];
  await page.enter();
  const answered = await page.ask("GET", path, { headers: await enterAsVolunteer(page) });
  expect([answered.status, answered.text.includes("For stewards")]).toEqual([403, true]);
});

test("a volunteer sees devices, reasons and what waits, and no button that changes something", async () => {
  await using page = await openTestWeb({
    house: fakeHouse({ devices: [{ ...lamp, lamp: { isOn: true, fault: null, isSwitchable: true } }] }),
  });
  page.house.proposals = [fakeProposal()];
  await page.enter();
  const headers = await enterAsVolunteer(page);
  for (const path of ["/devices", "/devices/lamp-3", "/bridges/z2m"]) {
    const { status, text } = await page.ask("GET", path, { headers });
    expect(status).toBe(200);
    expect(text.match(/<form[^>]*action="([^"]*)"/g)).toEqual(['<form method="post" action="/logout"']);
    expect(text).not.toMatch(/href="\/(proposals|devices\/new)/);
  }
});

test("a lamp shows whether it is on and its fault in words, and a steward can switch it", async () => {
  const house = fakeHouse({
    devices: [{ ...lamp, lamp: { isOn: false, fault: "dark-at-night", isSwitchable: true } }],
  });
  await using page = await openTestWeb({ house });
  const { text } = await page.ask("GET", "/devices/lamp-3", { headers: await page.enter() });
  expect(text).toContain("It stays dark although it is night.");
  expect(text).toMatch(
    /action="\/devices\/lamp-3\/switch"><input type="hidden" name="isOn" value="true"><button[^>]*>Switch on/,
  );
});

test("a lamp that is only watched has no buttons", async () => {
  const house = fakeHouse({ devices: [{ ...lamp, lamp: { isOn: true, fault: null, isSwitchable: false } }] });
  await using page = await openTestWeb({ house });
  const { text } = await page.ask("GET", "/devices/lamp-3", { headers: await page.enter() });
  expect(text).toContain('<section id="lamp"');
  expect(text).not.toMatch(/\/switch"|ledger/);
});

test("the API tells devices with topics, bridges, families, proposals and what was heard", async () => {
  await using page = await openTestWeb();
  page.house.proposals = [fakeProposal()];
  const headers = await page.enter();
  const json = async (path: string) => JSON.parse((await page.ask("GET", `/api/v1/${path}`, { headers })).text);
  expect((await json("devices")).devices[0]).toMatchObject({
    id: "porch-motion",
    state: "ok",
    topic: "kit/porch-motion",
  });
  expect(await json("bridges")).toEqual({ bridges: [fakeBridge] });
  expect((await json("families")).families[0].profiles[0]).toMatchObject({ id: "tasmota/relay" });
  expect((await json("proposals")).proposals[0]).toMatchObject({ id: "p-1", profile: "zigbee2mqtt/occupancy" });
  expect(await json("devices/porch-motion/heard")).toEqual({ messages: [] });
});

test.each<[string, unknown, number]>([
  ["/api/v1/devices", { profile: "tasmota/relay" }, 400],
  ["/api/v1/devices", { profile: "tasmota/relay", zone: "path", name: "x".repeat(81) }, 400],
  ["/api/v1/devices", { profile: "tasmota/relay", zone: "path", role: "steward" }, 400],
  ["/api/v1/bridges", { family: "zigbee2mqtt", base: "x".repeat(513) }, 400],
  ["/api/v1/devices/lamp-3/switch", { isOn: "yes" }, 400],
])("%s with %j is refused", async (path, body, status) => {
  await using page = await openTestWeb();
  const answered = await page.send(path, body, await page.enter());
  expect([answered.status, page.house.asked]).toEqual([status, []]);
});

test("a refusal of the gateway has its status and sentence, and a mistake of ours is told as one", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.refusal = new GatewayError("NOT_FOUND", "there is no device lamp-9");
  const refused = await page.send("/api/v1/devices/lamp-9/revoke", {}, headers);
  expect([refused.status, JSON.parse(refused.text)]).toEqual([404, { error: "There is no device lamp-9." }]);
  page.house.refusal = new GatewayError("DATA_DIR_UNUSABLE", "the registry cannot be written (ENOSPC): /data/x");
  const full = await post(page, "/devices/new/tasmota", { profile: "tasmota/relay", zone: "path" }, headers);
  expect(full.status).toBe(503);
  expect(full.text).toContain("Nothing was changed: the box cannot write to its disk.");
  expect(full.text).not.toContain("/data/x");
  page.house.refusal = new GatewayError("INTERNAL", "secret detail");
  const failed = await page.send("/api/v1/devices/lamp-9/revoke", {}, headers);
  expect([failed.status, failed.text.includes("secret detail")]).toEqual([500, false]);
});

test("names and topics from the street stay text", async () => {
  await using page = await openTestWeb();
  const evil = `<img src=x onerror="alert(1)">\u202e`;
  page.house.proposals = [fakeProposal({ name: evil, topic: `a/${evil}`, via: evil, profile: null, why: evil })];
  page.house.set({
    bridges: [{ ...fakeBridge, id: "z2m", base: evil, family: evil }],
    devices: [{ ...porch, name: evil }],
  });
  const headers = await page.enter();
  for (const path of [
    "/",
    "/devices",
    "/devices/porch-motion",
    "/bridges/z2m",
    "/proposals/p-1",
    "/devices/porch-motion/remove",
  ]) {
    const { status, text } = await page.ask("GET", path, { headers });
    expect([path, status, text.includes("<img src=x"), text.includes("\u202e")]).toEqual([path, 200, false, false]);
  }
});

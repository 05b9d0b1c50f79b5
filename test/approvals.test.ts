// Shown here: a device that nobody registered waits for a person, in bounds, and becomes a device only by approval.
import { expect, test } from "vitest";
import type { Login } from "../src/core/arrival.ts";
import { LIMITS } from "../src/core/limits.ts";
import { openApprovalsSite, type Site as ApprovalsSite } from "./helpers/approvals-site.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const Z2M: Login = { kind: "bridge", id: "z2m" };
const LAMP: Login = { kind: "device", id: "lamp" };
const KIT = {
  bridges: [
    { id: "z2m", family: "zigbee2mqtt", base: "home/z2m" },
    { id: "other", family: "zigbee2mqtt", base: "other" },
  ],
  devices: [
    { id: "lamp", profile: "tasmota/any", topic: "lamp", zone: "path" },
    { id: "porch", profile: "zigbee2mqtt/occupancy", topic: "home/z2m/porch", zone: "porch" },
  ],
  cameras: [],
};

type Site = Omit<ApprovalsSite, "say"> & { say(topic: string, payload: unknown, login?: Login): void };

async function site({ dataDir, kit = KIT }: { dataDir?: string; kit?: typeof KIT } = {}): Promise<Site> {
  const opened = await openApprovalsSite({ kit, ...(dataDir !== undefined && { dataDir }) });
  return { ...opened, say: (topic, payload, login = Z2M) => opened.say(topic, payload, login) };
}

const topics = ({ approvals }: Site): string[] => approvals.list().map(({ topic }) => topic);

test("the messages of one new device are one proposal, which reads all that they gave", async () => {
  await using at = await site();
  at.say("home/z2m/stairs", { occupancy: true });
  at.say("home/z2m/stairs", { illuminance: 12, battery: 90 });
  at.say("home/z2m/stairs/availability", "online");
  expect(at.approvals.list()).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: "stairs",
      topic: "home/z2m/stairs",
      via: "bridge_z2m",
      profile: "zigbee2mqtt/any",
      why: null,
      kinds: ["motion", "illuminance", "battery", "online"],
      deviceId: null,
      heardAt: "2026-11-21T12:00:00.000Z",
    },
  ]);
  expect(at.approvals.count()).toBe(1);
});

test.each([
  ["a device of the kit", "home/z2m/porch", { occupancy: true }],
  ["what no profile reads", "home/z2m/stairs", { colour: "red" }],
  ["no JSON", "home/z2m/stairs", "\u0000\u0001"],
  ["a command for a device", "home/z2m/stairs/set", { state: "ON" }],
  ["a topic outside the bridge's base", "elsewhere/stairs", { occupancy: true }],
  ["the base itself", "home/z2m", { occupancy: true }],
])("nothing waits after %s", async (_, topic, payload) => {
  await using at = await site();
  at.say(topic, payload);
  expect(at.approvals.list()).toEqual([]);
});

test("a login proposes nothing in another's name", async () => {
  await using at = await site();
  at.say("other/stairs", { occupancy: true }, Z2M);
  at.say("home/z2m/stairs", { occupancy: true }, { kind: "bridge", id: "other" });
  at.say("home/z2m/stairs", { occupancy: true }, LAMP);
  at.say("home/z2m/stairs", { occupancy: true }, { kind: "bridge", id: "stranger" });
  expect(at.approvals.list()).toEqual([]);
});

test("on the site's own broker whatever a known family says is proposed", async () => {
  await using at = await site();
  const broker: Login = { kind: "site", id: "mosquitto" };
  at.say("tele/shed/STATE", { POWER: "ON" }, broker);
  at.say("anything/at/all", { occupancy: true }, broker);
  expect(at.approvals.list()).toMatchObject([
    { topic: "shed", profile: "tasmota/any", via: "mosquitto", kinds: ["switch"] },
  ]);
});

test("names and topics are shown without characters that could deceive", async () => {
  await using at = await site();
  at.say(`home/z2m/st\u202Eairs${"x".repeat(300)}`, { occupancy: true });
  const [proposal] = at.approvals.list();
  expect(proposal?.name).toBe(`stairs${"x".repeat(74)}`);
  expect(proposal?.topic).toMatch(/^home\/z2m\/stairsx{300}$/);
});

test("approval makes it a device of the kit, routed at once; the proposal is gone", async () => {
  await using at = await site();
  at.say("home/z2m/stairs", { occupancy: true });
  expect(at.router().route("home/z2m/stairs", Z2M)).toMatchObject({ kind: "unknown", reason: "awaits-approval" });
  const [proposal] = at.approvals.list();
  let told = 0;
  at.approvals.onChange(() => (told += 1));
  expect(await at.approvals.approve({ proposal: proposal?.id ?? "", zone: "hall", name: "Cellar stairs" })).toEqual({
    id: "cellar-stairs",
  });
  expect(at.registry.data().devices.at(-1)).toEqual({
    id: "cellar-stairs",
    name: "Cellar stairs",
    profile: "zigbee2mqtt/any",
    topic: "home/z2m/stairs",
    zone: "hall",
    passwordHash: null,
  });
  expect(at.router().route("home/z2m/stairs", Z2M)).toMatchObject({ kind: "device", device: { id: "cellar-stairs" } });
  at.say("home/z2m/stairs", { occupancy: false });
  expect(at.approvals.count()).toBe(0);
  expect(told).toBeGreaterThan(0);
});

test("the person's choice of profile holds, and a name is not needed", async () => {
  await using at = await site();
  at.say("home/z2m/garden/stairs", { occupancy: true });
  const proposal = at.approvals.list()[0]?.id ?? "";
  expect(await at.approvals.approve({ proposal, zone: "hall", profile: "zigbee2mqtt/occupancy" })).toEqual({
    id: "garden-stairs",
  });
  expect(at.registry.data().devices.at(-1)).toMatchObject({ profile: "zigbee2mqtt/occupancy", name: "garden/stairs" });
});

test.each([
  [{ zone: "Front Garden" }, "USAGE"],
  [{ zone: "hall", profile: "zigbee2mqtt/nothing" }, "NOT_FOUND"],
  [{ zone: "hall", profile: "gpio/pir" }, "USAGE"],
  [{ zone: "hall", name: "a\nb" }, "USAGE"],
  [{ zone: "hall", proposal: "0000000000000000" }, "NOT_FOUND"],
])("an approval with %j is refused, and it goes on waiting", async (ask, code) => {
  await using at = await site();
  at.say("home/z2m/stairs", { occupancy: true });
  const proposal = at.approvals.list()[0]?.id ?? "";
  const before = structuredClone(at.registry.data());
  await expect(at.approvals.approve({ proposal, ...ask })).rejects.toMatchObject({ code });
  expect(at.registry.data()).toEqual(before);
  expect(at.approvals.count()).toBe(1);
});

test("what was dismissed is not shown again until the next start", async () => {
  await using folder = await tempDir();
  {
    await using at = await site({ dataDir: folder.path });
    at.say("home/z2m/stairs", { occupancy: true });
    await at.approvals.dismiss({ proposal: at.approvals.list()[0]?.id ?? "" });
    at.say("home/z2m/stairs", { occupancy: true });
    expect(at.approvals.list()).toEqual([]);
    await expect(at.approvals.dismiss({ proposal: "gone" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
  await using again = await site({ dataDir: folder.path });
  again.say("home/z2m/stairs", { occupancy: true });
  expect(again.approvals.count()).toBe(1);
});

test("a login has its share of proposals: the longest unheard gives way, and is counted", async () => {
  await using at = await site();
  at.say("other/one", { occupancy: true }, { kind: "bridge", id: "other" });
  for (let n = 0; n < LIMITS.proposalsPerLogin; n += 1) at.say(`home/z2m/d${n}`, { occupancy: true });
  at.say("home/z2m/d0", { occupancy: false });
  at.say("home/z2m/one-more", { occupancy: true });
  expect(at.approvals.count()).toBe(LIMITS.proposalsPerLogin + 1);
  expect(topics(at)).toContain("home/z2m/d0");
  expect(topics(at)).not.toContain("home/z2m/d1");
  expect(topics(at)).toContain("other/one");
  expect(at.board.get("proposal.evicted")).toBe(1);
});

test("all together are bounded too, and those who have most give way", async () => {
  const logins = 8;
  const bridges = Array.from({ length: logins }, (_, n) => ({ id: `b${n}`, family: "zigbee2mqtt", base: `b${n}` }));
  await using at = await site({ kit: { bridges, devices: [], cameras: [] } });
  for (const { id, base } of bridges) {
    for (let n = 0; n < LIMITS.proposalsPerLogin; n += 1)
      at.say(`${base}/d${n}`, { occupancy: true }, { kind: "bridge", id });
  }
  expect(at.approvals.count()).toBe(LIMITS.proposals);
  for (const { id } of bridges)
    expect(at.approvals.list().filter(({ via }) => via === `bridge_${id}`).length).toBeGreaterThan(
      LIMITS.proposals / logins / 2,
    );
});

test("proposals of a bridge that is gone, and of a topic that was registered by hand, are gone too", async () => {
  await using at = await site();
  at.say("home/z2m/stairs", { occupancy: true });
  at.say("other/one", { occupancy: true }, { kind: "bridge", id: "other" });
  await at.registry.update((data) => {
    data.bridges = data.bridges.filter(({ id }) => id !== "other");
    data.devices.push({
      id: "stairs",
      profile: "zigbee2mqtt/any",
      topic: "home/z2m/stairs",
      zone: "hall",
      passwordHash: null,
    });
  });
  expect(at.approvals.count()).toBe(0);
});

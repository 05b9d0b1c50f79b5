// Shown here: what devices announce for Home Assistant becomes one proposal for each device, survives a restart, and never
// lets one login have another's topic read in its own way.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LIMITS } from "../src/core/limits.ts";
import { isPaired } from "../src/registry/place.ts";
import { openApprovalsSite, type Site } from "./helpers/approvals-site.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const NODE = { kind: "device", id: "node" } as const;
const Z2M = { kind: "bridge", id: "z2m" } as const;
const SITE = { kind: "site", id: "mosquitto" } as const;
const KIT = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z2m" }],
  devices: [
    { id: "node", profile: "esphome/any", topic: "node", zone: "path" },
    { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path" },
  ],
  cameras: [],
};

const device = { ids: ["0x0000000000000001"], name: "Anna's shed", mdl: "PIR 3000" };
const motion = (topic: string, more: object = {}) => ({
  name: "Motion",
  uniq_id: `${topic}-motion`,
  stat_t: topic,
  dev_cla: "motion",
  val_tpl: "{{ value_json.occupancy }}",
  pl_on: true,
  pl_off: false,
  dev: device,
  ...more,
});
const lux = (topic: string, more: object = {}) => ({
  uniq_id: `${topic}-lux`,
  stat_t: topic,
  dev_cla: "illuminance",
  unit_of_meas: "lx",
  val_tpl: "{{ value_json.lux }}",
  dev: device,
  ...more,
});

const announceShed = (at: Site): void => {
  at.say("homeassistant/binary_sensor/1/motion/config", motion("z2m/shed"), Z2M);
  at.say("homeassistant/sensor/1/lux/config", lux("z2m/shed"), Z2M);
};
/** When the proposals that wait have been written. */
const written = async (at: Site, count: number): Promise<void> =>
  expect.poll(() => at.registry.data().proposals.length).toBe(count);

test("the entities of one device are one proposal, by the name it gives itself", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at);
  expect(at.approvals.list()).toMatchObject([
    {
      name: "Anna's shed",
      topic: "z2m/shed",
      via: "bridge_z2m",
      profile: "discovered/anna-s-shed",
      why: null,
      kinds: ["motion", "illuminance"],
      deviceId: null,
    },
  ]);
});

test("approved, it is routed and decoded by the profile it announced, also after a restart", async () => {
  await using folder = await tempDir();
  {
    await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
    announceShed(at);
    const proposal = at.approvals.list()[0]?.id ?? "";
    expect(await at.approvals.approve({ proposal, zone: "garden", name: "Shed" })).toEqual({ id: "shed" });
    expect(at.approvals.count()).toBe(0);
  }
  await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  expect(at.registry.data().devices.at(-1)).toMatchObject({
    id: "shed",
    profile: "discovered/shed",
    topic: "z2m/shed",
  });
  const route = at.router().route("z2m/shed", Z2M);
  expect(route).toMatchObject({ kind: "device", device: { id: "shed" } });
  const payload = Buffer.from('{"occupancy":true,"lux":7}');
  const ask = { profileId: "discovered/shed", deviceTopic: "z2m/shed", topic: "z2m/shed", payload };
  expect(at.profiles.decode(ask)).toMatchObject({
    outcome: "readings",
    readings: [
      { kind: "motion", value: true },
      { kind: "illuminance", value: 7 },
    ],
  });
  // Announcing itself again, as at each start, it does not wait again.
  announceShed(at);
  expect(at.approvals.count()).toBe(0);
});

test("a proposal survives a restart, and a part of the announcement does not make it less", async () => {
  await using folder = await tempDir();
  let id: string | undefined;
  {
    await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
    announceShed(at);
    id = at.approvals.list()[0]?.id;
  }
  await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  expect(at.approvals.list()).toMatchObject([{ id, kinds: ["motion", "illuminance"], topic: "z2m/shed" }]);
  at.say("homeassistant/binary_sensor/1/motion/config", motion("z2m/shed"), Z2M);
  expect(at.approvals.list()).toMatchObject([{ id, kinds: ["motion", "illuminance"] }]);
  await at.approvals.approve({ proposal: id ?? "", zone: "garden" });
  expect(at.profiles.get("discovered/anna-s-shed")?.kinds).toEqual(["motion", "illuminance"]);
});

test("what is said again is not written again", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at);
  await written(at, 1);
  let writes = 0;
  at.registry.onChange(() => (writes += 1));
  at.time.pass(60_000);
  for (let n = 0; n < 20; n += 1) announceShed(at);
  at.say("homeassistant/sensor/2/lux/config", lux("z2m/other", { dev: { ids: ["2"] } }), Z2M);
  await written(at, 2);
  expect(writes).toBe(1);
});

test("nothing of who or where stands in the profile, and no hardware address in the registry", async () => {
  await using folder = await tempDir();
  await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  announceShed(at);
  await at.approvals.approve({ proposal: at.approvals.list()[0]?.id ?? "", zone: "garden", name: "Shed" });
  expect(JSON.stringify(at.registry.data().discovered)).not.toMatch(/Anna|0x0000|PIR 3000/);
  expect(await readFile(join(folder.path, "registry.json"), "utf8")).not.toMatch(/Anna|0x0000|PIR 3000/);
});

test.each([
  ["another device's topic", "tele/lamp/SENSOR", NODE],
  ["a topic that nobody has", "elsewhere/shed", NODE],
  ["a topic outside its base", "elsewhere/shed", Z2M],
  ["its base", "z2m", Z2M],
])("an announcement of %s is refused and counted", async (_, topic, login) => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say("homeassistant/binary_sensor/1/motion/config", motion(topic), login);
  expect(at.approvals.list()).toEqual([]);
  expect(at.board.get("proposal.refused.foreign-topic")).toBe(1);
});

test("what cannot be read waits with the reason, and becomes readable by what is announced later", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  const config = motion("z2m/shed", { val_tpl: "{{ states('sensor.x') }}" });
  at.say("homeassistant/binary_sensor/1/motion/config", config, Z2M);
  const [proposal] = at.approvals.list();
  expect(proposal).toMatchObject({ name: "Anna's shed", profile: null, why: expect.stringMatching(/\w/), kinds: [] });
  const ask = { proposal: proposal?.id ?? "", zone: "garden" };
  await expect(at.approvals.approve(ask)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("needs a profile"),
  });
  await expect(at.approvals.approve({ ...ask, profile: "zigbee2mqtt/any" })).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("--topic"),
  });
  at.say("homeassistant/sensor/1/lux/config", lux("z2m/shed"), Z2M);
  expect(at.approvals.list()).toMatchObject([{ topic: "z2m/shed", kinds: ["illuminance"], why: null }]);
});

test("an empty message takes the announcement back", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at);
  at.say("homeassistant/sensor/1/lux/config", "", Z2M);
  at.say("homeassistant/binary_sensor/1/motion/config", "", Z2M);
  expect(at.approvals.list()).toEqual([]);
  await written(at, 0);
});

test("one login cannot take back or change what another announced", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at);
  const before = at.approvals.list();
  at.say("homeassistant/sensor/1/lux/config", "", NODE);
  at.say("homeassistant/binary_sensor/1/motion/config", motion("node/x/y/state"), NODE);
  expect(at.approvals.list()).toEqual(expect.arrayContaining([...before]));
});

test("a family's own profile is proposed rather than the announced one, under the announced name", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say("z2m/shed", { occupancy: true }, Z2M);
  announceShed(at);
  expect(at.approvals.list()).toMatchObject([{ name: "Anna's shed", profile: "zigbee2mqtt/any", topic: "z2m/shed" }]);
});

test("a device of the kit that announces more than its profile reads may have the new profile, and keeps its rights", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  await at.registry.update((data) => {
    const node = data.devices.find(({ id }) => id === "node");
    if (node !== undefined) Object.assign(node, { profile: "esphome/relay", passwordHash: "hash", name: "Node" });
  });
  const known = at.profiles.get("esphome/relay");
  expect(known?.kinds).not.toContain("motion");
  const config = motion("node/binary_sensor/pir/state", { val_tpl: undefined });
  at.say("homeassistant/binary_sensor/node/pir/config", config, NODE);
  const [proposal] = at.approvals.list();
  expect(proposal).toMatchObject({ deviceId: "node", topic: "node", kinds: ["motion"] });
  await at.approvals.approve({ proposal: proposal?.id ?? "", zone: "path" });
  expect(at.registry.data().devices.find(({ id }) => id === "node")).toMatchObject({
    name: "Node",
    profile: "discovered/node",
    topic: "node",
    passwordHash: "hash",
  });
  for (const filter of known?.publish ?? []) expect(at.profiles.get("discovered/node")?.publish).toContain(filter);
  expect(at.profiles.get("discovered/node")?.commands).toEqual(known?.commands);
  expect(at.router().route("node/binary_sensor/pir/state", NODE)).toMatchObject({ profileId: "discovered/node" });
  expect(at.approvals.count()).toBe(0);
});

test("a device of the kit that announces no more than its profile reads does not wait", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say(
    "homeassistant/binary_sensor/node/motion/config",
    motion("node/binary_sensor/pir/state", { val_tpl: undefined }),
    NODE,
  );
  expect(at.approvals.list()).toEqual([]);
});

test("what sits behind a device with a login is proposed apart from it, approved without a login, and routed by its topic", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say(
    "homeassistant/binary_sensor/pir/config",
    motion("node/binary_sensor/pir/state", { dev: { ids: ["1"] } }),
    NODE,
  );
  const behind = motion("node/remote/door/state", { dev: { ids: ["2"], name: "Door" }, dev_cla: "door" });
  at.say("homeassistant/binary_sensor/door/config", behind, NODE);
  const proposal = at.approvals.list().find(({ name }) => name === "Door");
  expect(proposal).toMatchObject({ topic: "node/remote/door/state", deviceId: null, kinds: ["contact"] });
  await at.approvals.approve({ proposal: proposal?.id ?? "", zone: "path" });
  expect(at.router().route("node/remote/door/state", NODE)).toMatchObject({ device: { id: "door" } });
  expect(at.router().route("node/binary_sensor/pir/state", NODE)).toMatchObject({ device: { id: "node" } });
  const door = at.registry.data().devices.find(({ id }) => id === "door");
  expect(door).toMatchObject({ passwordHash: null });
  await at.registry.update((data) => {
    for (const device of data.devices) if (device.id === "node") device.passwordHash = "hash";
  });
  expect(door !== undefined && isPaired(at.registry.data(), door)).toBe(true);
});

test("a sensor behind a Tasmota hub that speaks in the hub's messages waits, and is behind the hub when approved", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  const LAMP = { kind: "device", id: "lamp" } as const;
  const payload = Buffer.from('{"ZbReceived":{"0x1A2B":{"Device":"0x1A2B","Occupancy":1,"LinkQuality":90}}}');
  const [part] = at.profiles.split({ topic: "tele/lamp/SENSOR", payload, ...at.router().speakerOf(LAMP) });
  if (part === undefined || !part.isPart) throw new Error("the message was not taken apart");
  at.say(part.topic, Buffer.from(part.payload).toString(), LAMP);
  const [proposal] = at.approvals.list();
  expect(proposal).toMatchObject({ topic: expect.stringMatching(/^lamp\//), via: "lamp", kinds: ["motion", "link"] });
  await at.approvals.approve({ proposal: proposal?.id ?? "", zone: "path", name: "Stairs" });
  expect(at.router().route(part.topic, LAMP, { isPart: true })).toMatchObject({ device: { id: "stairs" } });
});

test("on the site's own broker anything may be announced, and waits", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say("homeassistant/binary_sensor/1/motion/config", motion("cellar/pir"), SITE);
  expect(at.approvals.list()).toMatchObject([{ topic: "cellar/pir", via: "mosquitto" }]);
});

test("a login that announces without end has its share and no more, on disk too", async () => {
  await using folder = await tempDir();
  {
    await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
    for (let n = 0; n < 3 * LIMITS.proposalsPerLogin; n += 1) {
      const config = motion(`z2m/d${n}`, { dev: { ids: [String(n)], name: "x".repeat(5000) } });
      at.say(`homeassistant/binary_sensor/${n}/motion/config`, config, Z2M);
    }
    expect(at.approvals.count()).toBe(LIMITS.proposalsPerLogin);
  }
  await using again = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  expect(again.registry.data().proposals).toHaveLength(LIMITS.proposalsPerLogin);
  expect(JSON.stringify(again.registry.data()).length).toBeLessThan(100_000);
});

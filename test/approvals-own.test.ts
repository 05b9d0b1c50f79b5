// Shown here: a login announces what it speaks for itself and nothing else: no other's topic, no more than its share.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../src/core/limits.ts";
import { isPaired } from "../src/registry/place.ts";
import { announceShed, lux, motion } from "./helpers/announced-shed.ts";
import { openApprovalsSite } from "./helpers/approvals-site.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const NODE = { kind: "device", id: "node" } as const;
const LAMP = { kind: "device", id: "lamp" } as const;
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

test.each([
  ["another device's topic", "tele/lamp/SENSOR", NODE],
  ["a topic that nobody has", "elsewhere/shed", NODE],
  ["a topic below its own that it may not publish to", "lamp/x", LAMP],
  ["a topic outside its base", "elsewhere/shed", Z2M],
  ["its base", "z2m", Z2M],
])("an announcement of %s is refused and counted", async (_, topic, login) => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say("homeassistant/binary_sensor/1/motion/config", motion(topic), login);
  expect(at.approvals.list()).toEqual([]);
  expect(at.board.get("proposal.refused.foreign-topic")).toBe(1);
});

test.each([
  ["below a bridge", "z2m/lamp/set", false],
  ["below another device", "node/lamp/set", false],
  ["of its own", "cmnd/lamp/POWER", true],
])("a device that announces itself as a lamp switched on a topic %s: %s", async (_, topic, isTaken) => {
  await using at = await openApprovalsSite({ kit: KIT });
  const config = {
    name: "Lamp",
    stat_t: "stat/lamp/POWER",
    cmd_t: topic,
    pl_on: '{"state":"UNLOCK"}',
    dev: { ids: ["9"] },
  };
  at.say("homeassistant/light/lamp/config", config, LAMP);
  at.say("homeassistant/sensor/lamp/config", lux("tele/lamp/SENSOR", { dev: { ids: ["9"] } }), LAMP);
  const [proposal] = at.approvals.list();
  expect(proposal === undefined).toBe(!isTaken);
  if (proposal !== undefined) await at.approvals.approve({ proposal: proposal.id, zone: "path" });
  expect(at.router().maySubscribe(LAMP, topic)).toBe(isTaken);
});

test("a device that would speak for all that a bridge says is refused", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say("homeassistant/binary_sensor/1/motion/config", motion("z2m/shed"), Z2M);
  at.say("homeassistant/sensor/1/lux/config", lux("z2m/cellar"), Z2M);
  expect(at.approvals.list()).toEqual([]);
  expect(at.board.get("proposal.refused.foreign-topic")).toBe(1);
});

test("one login cannot take back or change what another announced", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at, Z2M);
  const before = at.approvals.list();
  at.say("homeassistant/sensor/1/lux/config", "", NODE);
  at.say("homeassistant/binary_sensor/1/motion/config", motion("node/x/y/state"), NODE);
  expect(at.approvals.list()).toEqual(expect.arrayContaining([...before]));
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
  const payload = Buffer.from('{"ZbReceived":{"0x1A2B":{"Device":"0x1A2B","Occupancy":1,"LinkQuality":90}}}');
  const [part] = at.profiles.split({
    topic: "tele/lamp/SENSOR",
    payload,
    ...at.router().speakerOf(LAMP, "tele/lamp/SENSOR"),
  });
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

test("whatever is said, nothing is thrown, and no more waits than may", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  const words = fc.constantFrom(
    "z2m",
    "z2m/a",
    "node",
    "lamp",
    "~",
    "~/x",
    "",
    "#",
    "+/x",
    "$SYS",
    "__proto__",
    "gpio/pi/4",
  );
  const names = fc.constantFrom(
    "stat_t",
    "state_topic",
    "~",
    "dev_cla",
    "val_tpl",
    "avty",
    "dev",
    "cmps",
    "__proto__",
    "name",
  );
  const value = fc.oneof(
    words,
    fc.constantFrom("motion", "illuminance", "{{ value_json.a }}"),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const config = fc.dictionary(names, value, { noNullPrototype: true });
  const payload = fc.oneof(config, fc.string(), fc.jsonValue());
  const level = fc.oneof(words, fc.string({ unit: "grapheme", maxLength: 8 }));
  const topic = fc.oneof(
    level.map((text) => `homeassistant/sensor/${text}/config`),
    level.map((text) => `homeassistant/device/${text}/config`),
    level.map((text) => `z2m/${text}`),
    level,
  );
  const login = fc.constantFrom(NODE, LAMP, Z2M, SITE);
  fc.assert(
    fc.property(topic, payload, login, (topic, payload, login) => at.say(topic, payload, login)),
    { numRuns: 3000 },
  );
  for (const { id, name } of at.approvals.list()) {
    expect(name).toMatch(/^\P{C}{1,80}$/u);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
  }
  expect(at.approvals.count()).toBeGreaterThan(0);
  expect(at.approvals.count()).toBeLessThanOrEqual(LIMITS.proposals);
  await at.approvals[Symbol.asyncDispose]();
  expect(at.registry.data().proposals.length).toBeLessThanOrEqual(LIMITS.proposals);
});

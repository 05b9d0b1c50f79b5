// Shown here: whoever is paired gets an id and topic of its own and credentials that fit, shown once; rivals are refused.
import { expect, test } from "vitest";
import type { Commands, Credentials } from "../../src/core/commands.ts";
import { silentLog } from "../../src/core/log.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { verifyPassword } from "../../src/registry/credentials.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { addBridge, pairDevice, renewCredentials } from "../../src/registry/pairing.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { tempDir } from "../helpers/temp-dir.ts";

type Site = AsyncDisposable & {
  readonly registry: Registry;
  pair(profile: string, name?: string, zone?: string): Promise<Credentials>;
  ask(ask: Omit<Parameters<Commands["pairDevice"]>[0], "zone">): Promise<Credentials>;
  bridge(base: string, family?: string): Promise<Credentials>;
  renew(kind: "device" | "bridge", id: string): Promise<Credentials>;
};

const profiles = await openProfiles({ directories: [builtInProfiles] });

async function site({ isSites = false } = {}): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDir());
  const kit = { bridges: [], devices: [], cameras: [] };
  const registry = stack.use(await openRegistry({ dataDir: path, kit, log: silentLog }));
  const pairing = { registry, profiles, fillSetup, broker: { host: "192.168.1.5", port: 1883, isSites } };
  return {
    registry,
    pair: (profile, name, zone = "porch") =>
      pairDevice({ ...pairing, ask: { profile, zone, ...(name !== undefined && { name }) } }),
    ask: (ask) => pairDevice({ ...pairing, ask: { zone: "porch", ...ask } }),
    bridge: (base, family = "zigbee2mqtt") => addBridge({ ...pairing, ask: { family, base } }),
    renew: (kind, id) => renewCredentials({ ...pairing, ask: { kind, id } }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("a paired device has credentials that fit, and set-up lines without a hole", async () => {
  await using at = await site();
  const made = await at.pair("tasmota/relay", "Lamp 3");
  expect(made).toMatchObject({ id: "lamp-3", username: "lamp-3", topic: "lamp-3" });
  expect(at.registry.data().devices).toMatchObject([
    { id: "lamp-3", name: "Lamp 3", zone: "porch", topic: made.topic },
  ]);
  const hash = at.registry.data().devices[0]?.passwordHash ?? null;
  expect(verifyPassword({ password: made.password ?? "", hash })).toBe(true);
  expect(JSON.stringify(at.registry.data())).not.toContain(made.password);
  expect(made.setup.join("\n")).toContain(
    `MqttHost 192.168.1.5; MqttPort 1883; MqttUser lamp-3; MqttPassword ${made.password}`,
  );
  expect(made.setup.join("\n")).not.toMatch(/\{(topic|base|username|password|host|port)\}/);
});

test.each([
  ["Lampe d'entrée", "lampe-d-entree"],
  ["  Ünïcode  ", "unicode"],
  ["灯", "relay-porch"],
  [undefined, "relay-porch"],
  ["x".repeat(80), "x".repeat(63)],
])("a device named %s gets an id that topics and files can bear", async (name, id) => {
  await using at = await site();
  expect((await at.pair("tasmota/relay", name)).id).toBe(id);
});

test("the same name again gets a number, also at once", async () => {
  await using at = await site();
  const made = await Promise.all(["Lamp", "lamp", "LAMP"].map((name) => at.pair("tasmota/relay", name)));
  expect(made.map(({ id }) => id)).toEqual(["lamp", "lamp-2", "lamp-3"]);
  expect(new Set(made.map(({ topic }) => topic)).size).toBe(3);
});

test("no device is called new, whose page would be the one that adds devices", async () => {
  await using at = await site();
  expect((await at.pair("tasmota/relay", "New")).id).toBe("new-2");
  expect((await at.ask({ profile: "gpio/pir", name: "new", pin: 17 })).id).toBe("new-3");
});

test("a device below a bridge has no login of its own", async () => {
  await using at = await site();
  await at.bridge("home/z2m");
  const made = await at.pair("zigbee2mqtt/occupancy", "Porch");
  expect(made).toMatchObject({ id: "porch", username: null, password: null, topic: "home/z2m/porch" });
  expect(at.registry.data().devices[0]?.passwordHash).toBeNull();
  await expect(at.renew("device", "porch")).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("hedgerow bridge credentials zigbee2mqtt"),
  });
});

test("a bridge's user name is none that a device could have", async () => {
  await using at = await site();
  const made = await at.bridge("zigbee2mqtt");
  expect(made).toMatchObject({ id: "zigbee2mqtt", username: "bridge_zigbee2mqtt", topic: "zigbee2mqtt" });
  expect(made.setup.join("\n")).toContain(`password: '${made.password}'`);
  expect((await at.bridge("second")).username).toBe("bridge_zigbee2mqtt-2");
});

test("renewing ends the old password", async () => {
  await using at = await site();
  const old = await at.pair("tasmota/relay", "Lamp");
  const renewed = await at.renew("device", "lamp");
  const hash = at.registry.data().devices[0]?.passwordHash ?? null;
  expect(verifyPassword({ password: old.password ?? "", hash })).toBe(false);
  expect(verifyPassword({ password: renewed.password ?? "", hash })).toBe(true);
  expect(renewed).toMatchObject({ id: old.id, username: old.username, topic: old.topic });
});

test("what cannot be is refused in a sentence, and leaves the registry as it was", async () => {
  await using at = await site();
  await at.bridge("home/z2m");
  await at.pair("generic/json", "sensors");
  const before = structuredClone(at.registry.data());
  await expect(at.pair("tasmota/relais")).rejects.toMatchObject({
    code: "NOT_FOUND",
    hint: expect.stringContaining("tasmota/relay"),
  });
  await expect(at.pair("tasmota/relay", "x", "Front Garden")).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("such as front-garden"),
  });
  await expect(at.pair("tasmota/relay", "a\nb")).rejects.toMatchObject({ code: "USAGE" });
  await expect(at.pair("tasmota/relay", "x".repeat(81))).rejects.toMatchObject({ code: "USAGE" });
  await expect(at.bridge("home/z2m/more")).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    hint: expect.stringContaining("hedgerow bridge credentials zigbee2mqtt"),
  });
  await expect(at.bridge("home")).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  await expect(at.bridge(before.devices[0]?.topic ?? "")).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  await expect(at.bridge("z/#")).rejects.toMatchObject({ code: "USAGE" });
  await expect(at.bridge("z/")).rejects.toMatchObject({ code: "USAGE" });
  await expect(at.bridge("z", "tasmota")).rejects.toMatchObject({
    code: "NOT_FOUND",
    hint: expect.stringContaining("zigbee2mqtt"),
  });
  await expect(at.renew("device", "gone")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(at.renew("bridge", "sensors")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(at.registry.data()).toEqual(before);
});

test("a device of a bridge that is not there yet is refused with the command that makes one", async () => {
  await using at = await site();
  await expect(at.pair("zigbee2mqtt/occupancy", "Porch")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "Zigbee2MQTT speaks for its devices, and there is no login for it yet",
    hint: expect.stringContaining("hedgerow bridge add --family zigbee2mqtt --base zigbee2mqtt"),
  });
  expect(at.registry.data().devices).toEqual([]);
});

test("with a topic of its own such a device has a login of its own", async () => {
  await using at = await site();
  const made = await at.ask({ profile: "zigbee2mqtt/occupancy", name: "Porch", topic: "lone/porch sensor" });
  expect(made).toMatchObject({ id: "porch", username: "porch", topic: "lone/porch sensor" });
});

test("a named topic below a bridge is the bridge's to speak for, whatever the family", async () => {
  await using at = await site();
  await at.bridge("home/z2m");
  expect(await at.ask({ profile: "generic/json", topic: "home/z2m/odd one" })).toMatchObject({ username: null });
});

test("a device behind another one of its family has no login of its own", async () => {
  await using at = await site();
  await at.ask({ profile: "tasmota/any", name: "Hub" });
  const made = await at.ask({ profile: "tasmota/sensor", name: "Stairs", topic: "hub/zb1" });
  expect(made).toMatchObject({ id: "stairs", username: null, password: null, topic: "hub/zb1" });
  await expect(at.renew("device", "stairs")).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("hedgerow device credentials hub"),
  });
});

test.each([
  ["home/#", "USAGE", "stand for any topic"],
  ["$SYS/x", "USAGE", "belongs to the broker"],
  ["", "USAGE", "is empty"],
  ["gpio/pi/4", "ALREADY_EXISTS", "belong to wired sensors"],
  ["hub", "ALREADY_EXISTS", "is device hub's"],
  ["home/z2m", "ALREADY_EXISTS", "covers the base home/z2m of bridge zigbee2mqtt"],
  ["home", "ALREADY_EXISTS", "covers the base home/z2m of bridge zigbee2mqtt"],
  ["other", "ALREADY_EXISTS", "overlaps with the topic other/lamp of device lamp"],
  ["hub/json", "ALREADY_EXISTS", "overlaps with the topic hub of device hub"],
])("the topic %j is refused: %s, %s", async (topic, code, why) => {
  await using at = await site();
  await at.bridge("home/z2m");
  await at.ask({ profile: "tasmota/any", name: "Hub" });
  await at.ask({ profile: "tasmota/any", name: "Lamp", topic: "other/lamp" });
  const before = structuredClone(at.registry.data());
  await expect(at.ask({ profile: "generic/json", topic })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(why),
  });
  expect(at.registry.data()).toEqual(before);
});

test("no device gets a topic on which it could speak for another, whatever their families put around it", async () => {
  await using at = await site();
  await at.pair("tasmota/relay", "Lamp");
  // Tasmota's lamp speaks on tele/lamp/STATE.
  await expect(at.ask({ profile: "generic/json", topic: "tele/lamp/STATE" })).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    message: "the topic tele/lamp/STATE overlaps with the topic lamp of device lamp",
  });
  await expect(at.bridge("tele")).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    message: "with the base tele it could speak for device lamp",
  });
});

test("a wired sensor has a pin and no login, and each pin is one sensor's", async () => {
  await using at = await site();
  const made = await at.ask({ profile: "gpio/pir", name: "Gate", pin: 17 });
  expect(made).toMatchObject({ id: "gate", username: null, password: null, topic: "gpio/pi/17" });
  expect(at.registry.data().devices).toMatchObject([{ id: "gate", pin: 17, topic: "gpio/pi/17", passwordHash: null }]);
  expect(await at.ask({ profile: "gpio/pir", name: "Gate", pin: 17, chip: "other" })).toMatchObject({
    id: "gate-2",
    topic: "gpio/other/17",
  });
  await expect(at.ask({ profile: "gpio/pir", pin: 17 })).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    message: "pin 17 is device gate's",
  });
  await expect(at.renew("device", "gate")).rejects.toMatchObject({
    code: "USAGE",
    message: "device gate is wired to pin 17 and has no login",
  });
});

test.each([
  [{ profile: "gpio/pir" }, "needs the pin"],
  [{ profile: "tasmota/relay", pin: 17 }, "only a wired sensor"],
  [{ profile: "tasmota/relay", activeLow: true }, "only a wired sensor"],
  [{ profile: "tasmota/relay", pull: "up" as const }, "only a wired sensor"],
  [{ profile: "tasmota/relay", chip: "x" }, "only a wired sensor"],
  [{ profile: "gpio/pir", pin: 17, topic: "x" }, "no topic of its own"],
])("%j is refused as wrong usage", async (ask, why) => {
  await using at = await site();
  await expect(at.ask(ask)).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining(why) });
});

test("where the site's broker keeps the logins, none is made, and it is said what the broker must allow", async () => {
  await using at = await site({ isSites: true });
  const made = await at.pair("tasmota/relay", "Lamp");
  expect(made).toMatchObject({ username: null, password: null, topic: "lamp" });
  expect(made.setup[0]).toBe("Make a login on the site's own broker that may publish to: tele/lamp/+, stat/lamp/+");
  expect(made.setup.join("\n")).toContain("MqttUser <user name>; MqttPassword <password>");
  expect((await at.bridge("z")).setup[0]).toContain("may publish to: z/#");
  expect(at.registry.data().devices[0]?.passwordHash).toBeNull();
});

// Shown here: a device gets another name or zone in place; and another thing takes its place, with a login of its own or
// announced by its bridge, while the old login is void before its connection ends and what names the device names it still.
import { expect, test } from "vitest";
import { openApprovals } from "../../src/approvals.ts";
import type { Login } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Replacement } from "../../src/core/device-commands.ts";
import { silentLog } from "../../src/core/log.ts";
import { createDeviceCommands } from "../../src/device-changes.ts";
import { emptyMemory } from "../../src/normalise/normalise.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { createRouter } from "../../src/profiles/router.ts";
import { verifyPassword } from "../../src/registry/credentials.ts";
import type { RegisteredDevice, RegistryData } from "../../src/registry/registry.ts";
import { memoryRegistry } from "../helpers/memory-registry.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const ENTRY = { title: "Announced", messages: [{ on: "{topic}/state", read: [{ kind: "motion" }] }] };
const announced = (id: string, topic: string, login: { kind: "device" | "bridge"; id: string }) => {
  return { id, login, name: "New motion", topic, entry: ENTRY, why: null, heardAtMs: 0 };
};
const KIT: Partial<RegistryData> = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z", passwordHash: "hash" }],
  devices: [
    { id: "lamp", name: "Lamp", profile: "tasmota/relay", topic: "lamp", zone: "path", passwordHash: "hash" },
    { id: "porch", profile: "zigbee2mqtt/any", topic: "z/porch", zone: "porch", passwordHash: null },
    { id: "pir", profile: "gpio/pir", topic: "gpio/pi/17", pin: 17, activeLow: true, zone: "gate", passwordHash: null },
    { id: "hub", profile: "tasmota/any", topic: "hub", zone: "path", passwordHash: "hash" },
    { id: "behind", profile: "tasmota/zigbee", topic: "hub/zb1", zone: "path", passwordHash: null },
  ],
  cameras: [
    { id: "cam", zone: "gate", source: { kind: "file", path: "/x.jpg" }, triggers: ["porch", "pir"], cooldownS: 30 },
  ],
  proposals: [
    announced("new", "z/new", { kind: "bridge", id: "z2m" }),
    announced("own", "lamp/more", { kind: "device", id: "lamp" }),
  ],
};

async function site() {
  const registry = memoryRegistry();
  await registry.update((data) => void Object.assign(data, structuredClone(KIT)));
  const router = createRouter(profiles, registry.data());
  const deps = { registry, profiles, router: () => router, clock: systemClock, board: new Board(), log: silentLog };
  const approvals = openApprovals(deps);
  const ended: (Login & { readonly hash: string | null | undefined })[] = [];
  const forgotten: string[] = [];
  const device = (id: string): RegisteredDevice | undefined => registry.data().devices.find((each) => each.id === id);
  const commands = createDeviceCommands({
    registry,
    profiles,
    fillSetup,
    broker: { host: "gateway.local", port: 1883 },
    approvals,
    memories: {
      set: (id, memory) => void (memory === emptyMemory && forgotten.push(id)),
      putOff: () => undefined,
    },
    disconnect: (login) => void ended.push({ ...login, hash: device(login.id)?.passwordHash }),
  });
  return {
    registry,
    commands,
    device,
    ended,
    forgotten,
    [Symbol.asyncDispose]: () => approvals[Symbol.asyncDispose](),
  };
}

test("name and zone change at once, and nothing else does", async () => {
  await using at = await site();
  await at.commands.changeDevice({ id: "lamp", name: " Lamp at the gate ", zone: "gate" });
  expect(at.device("lamp")).toEqual({ ...KIT.devices?.[0], name: "Lamp at the gate", zone: "gate" });
  await at.commands.changeDevice({ id: "lamp", zone: "path" });
  expect(at.device("lamp")?.name).toBe("Lamp at the gate");
  await at.commands.changeDevice({ id: "lamp", name: "" });
  expect(at.device("lamp")).not.toHaveProperty("name");
  expect(at.ended).toEqual([]);
});

test.each([
  [{ id: "nobody", name: "x" }, "NOT_FOUND"],
  [{ id: "lamp", zone: "Front Gate" }, "USAGE"],
  [{ id: "lamp", name: "\u202egnihtemos" }, "USAGE"],
  [{ id: "lamp", name: "x".repeat(81) }, "USAGE"],
])("%j is refused, and nothing changes", async (ask, code) => {
  await using at = await site();
  await expect(at.commands.changeDevice(ask)).rejects.toMatchObject({ code });
  expect(at.registry.data().devices).toEqual(KIT.devices);
});

test("a new one of the same kind keeps id, name, zone and topic, and the old login is void before its connection ends", async () => {
  await using at = await site();
  const told = await at.commands.replaceDevice({ id: "lamp", profile: "tasmota/relay" });
  expect(told).toMatchObject({ id: "lamp", username: "lamp", topic: "lamp" });
  expect(at.device("lamp")).toMatchObject({ name: "Lamp", zone: "path", profile: "tasmota/relay" });
  const hash = at.device("lamp")?.passwordHash ?? null;
  expect(verifyPassword({ password: told.password ?? "", hash })).toBe(true);
  expect(at.ended).toEqual([{ kind: "device", id: "lamp", hash }]);
  expect(at.forgotten).toEqual(["lamp"]);
});

test("a wire takes the place of a radio sensor, and the other way round; what it triggers stays", async () => {
  await using at = await site();
  await at.commands.replaceDevice({ id: "porch", profile: "gpio/pir", pin: 4 });
  expect(at.device("porch")).toMatchObject({ topic: "gpio/pi/4", pin: 4, zone: "porch", passwordHash: null });
  const told = await at.commands.replaceDevice({ id: "pir", profile: "tasmota/switch-pir" });
  expect([told.username, told.topic]).toEqual(["pir", "pir"]);
  for (const key of ["pin", "activeLow"]) expect(at.device("pir")).not.toHaveProperty(key);
  expect(at.registry.data().cameras[0]?.triggers).toEqual(["porch", "pir"]);
});

test("the same pin may be used again", async () => {
  await using at = await site();
  await at.commands.replaceDevice({ id: "pir", profile: "gpio/reed", pin: 17 });
  expect(at.device("pir")).toMatchObject({ profile: "gpio/reed", pin: 17 });
  expect(at.device("pir")).not.toHaveProperty("activeLow");
});

test("what announced itself takes the place: its topic and what it tells, the name and zone of before", async () => {
  await using at = await site();
  const told = await at.commands.replaceDevice({ id: "lamp", proposal: "new" });
  expect(told).toEqual({ id: "lamp", username: null, password: null, topic: "z/new", setup: [] });
  expect(at.device("lamp")).toMatchObject({ name: "Lamp", zone: "path", topic: "z/new", profile: "discovered/lamp" });
  expect(at.ended).toEqual([{ kind: "device", id: "lamp", hash: null }]);
  expect(at.registry.data().discovered).toEqual([{ name: "lamp", entry: ENTRY }]);
  expect(at.registry.data().devices).toHaveLength(5);
});

test.each<[string, Replacement, string]>([
  ["a device that is not there", { id: "nobody", profile: "tasmota/relay" }, "NOT_FOUND"],
  ["an announcement that is not there", { id: "lamp", proposal: "nothing" }, "NOT_FOUND"],
  ["an announcement for what is not there", { id: "nobody", proposal: "new" }, "NOT_FOUND"],
  ["a pin that another has", { id: "lamp", profile: "gpio/pir", pin: 17 }, "ALREADY_EXISTS"],
  ["a topic that another has", { id: "porch", profile: "generic/json", topic: "lamp" }, "ALREADY_EXISTS"],
  ["a wire without a pin", { id: "lamp", profile: "gpio/pir" }, "USAGE"],
  ["what others speak through", { id: "hub", profile: "generic/json" }, "USAGE"],
  ["what it announces itself, by the login that would end", { id: "lamp", proposal: "own" }, "USAGE"],
])("%s is refused, and nothing has changed", async (_, ask, code) => {
  await using at = await site();
  await expect(at.commands.replaceDevice(ask)).rejects.toMatchObject({ code });
  expect(at.registry.data()).toMatchObject(KIT);
  expect([at.ended, at.forgotten]).toEqual([[], []]);
});

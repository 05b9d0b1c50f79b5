// Shown here: kit.yaml and registry are compared in words, and going from one to the other keeps credentials.
import { expect, test } from "vitest";
import { readYaml, writeYaml } from "../../src/core/yaml.ts";
import { kitDiffers } from "../../src/registry/kit-difference.ts";
import { exportKit, importKit } from "../../src/registry/kit-exchange.ts";
import type { RegistryData } from "../../src/registry/registry.ts";
import { type Kit, SCHEMAS } from "../../src/settings/schema.ts";

const LAMP = { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path" };
const GATE = { id: "gate", profile: "tasmota/relay", topic: "gate", zone: "gate" };
const kit = (devices: Kit["devices"]): Kit => ({
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z" }],
  devices,
  cameras: [],
});

function registry(): RegistryData {
  return {
    version: 3,
    bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z", passwordHash: "hash-z2m" }],
    devices: [{ ...LAMP, passwordHash: "hash-lamp", paused: true }],
    cameras: [],
    invitations: [],
    tokens: [],
    accounts: [{ user: "steward", role: "steward", passphraseHash: "x", createdAt: "2026-01-01T00:00:00.000Z" }],
    discovered: [],
    proposals: [],
  };
}

test("a kit that agrees differs in nothing, whatever the credentials", () => {
  expect(kitDiffers(kit([LAMP]), registry())).toEqual([]);
});

test("each difference is a sentence", () => {
  expect(kitDiffers(kit([{ ...LAMP, zone: "gate", name: "Lamp" }, GATE]), registry())).toEqual([
    'device lamp: zone is "gate" in kit.yaml and "path" in the registry',
    'device lamp: name is "Lamp" in kit.yaml and not written in the registry',
    "device gate is in kit.yaml, not in the registry",
  ]);
  expect(kitDiffers(kit([{ ...LAMP, topic: "tasmota_02AB01" }]), registry(), { isForLog: true })).toEqual([
    "device lamp: topic differs between kit.yaml and the registry",
  ]);
  expect(kitDiffers({ ...kit([]), bridges: [] }, registry())).toEqual([
    "bridge z2m is in the registry, not in kit.yaml",
    "device lamp is in the registry, not in kit.yaml",
  ]);
});

test("what is exported holds no secret and reads back as a kit", () => {
  const text = writeYaml(exportKit(registry()));
  expect(text).not.toMatch(/hash|steward|paused/);
  expect(SCHEMAS.kit.parse(readYaml(text).value)).toEqual(kit([LAMP]));
});

test("an import keeps credentials and pauses, adds what is new, and removes only when told to", () => {
  const data = registry();
  importKit(data, { kit: kit([GATE]), prune: false });
  expect(data.devices.map(({ id, passwordHash }) => [id, passwordHash])).toEqual([
    ["gate", null],
    ["lamp", "hash-lamp"],
  ]);
  importKit(data, { kit: kit([{ ...LAMP, zone: "gate" }]), prune: true });
  expect(data.devices).toEqual([{ ...LAMP, zone: "gate", passwordHash: "hash-lamp", paused: true }]);
  expect(data.bridges[0]?.passwordHash).toBe("hash-z2m");
  expect(data.accounts).toHaveLength(1);
});

test("a device that lies below a bridge after an import has no login any more", () => {
  const data = registry();
  importKit(data, {
    kit: { ...kit([LAMP]), bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z" }] },
    prune: false,
  });
  expect(data.devices[0]?.passwordHash).toBe("hash-lamp");
  importKit(data, { kit: kit([{ ...LAMP, topic: "z/lamp" }]), prune: false });
  expect(data.devices[0]?.passwordHash).toBeNull();
});

const ENTRY = { title: "Announced", messages: [{ on: "{topic}/state", read: [{ kind: "motion", at: "/on" }] }] };
const FULL: RegistryData = {
  version: 3,
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z", passwordHash: "hash" }],
  devices: [
    { ...LAMP, name: "Lamp", lamp: { litWhen: "always" }, passwordHash: "hash-lamp" },
    { id: "lux", profile: "generic/json", topic: "lux", zone: "path", watches: ["lamp"], passwordHash: null },
    {
      id: "pir",
      profile: "gpio/pir",
      topic: "gpio/other/17",
      zone: "gate",
      pin: 17,
      chip: "other",
      activeLow: true,
      debounceMs: 20,
      pull: "up",
      passwordHash: null,
    },
    { id: "shed", profile: "discovered/shed", topic: "z/shed", zone: "garden", passwordHash: null },
  ],
  cameras: [],
  invitations: [],
  tokens: [],
  accounts: [],
  discovered: [{ name: "shed", entry: ENTRY }],
  proposals: [
    {
      id: "p",
      login: { kind: "bridge", id: "z2m" },
      name: "Anna's room",
      topic: "z/new",
      entry: ENTRY,
      why: null,
      heardAtMs: 0,
    },
  ],
};

test("wires, lamps, what watches them and discovered profiles go through kit.yaml and back", () => {
  const text = writeYaml(exportKit(FULL));
  expect(text).not.toMatch(/hash|gpio\/other|Anna/);
  const read = SCHEMAS.kit.parse(readYaml(text).value);
  expect(kitDiffers(read, FULL)).toEqual([]);
  const empty: RegistryData = { ...FULL, bridges: [], devices: [], discovered: [], proposals: [] };
  importKit(empty, { kit: read, prune: true });
  const unpaired = (things: readonly object[]): object[] => things.map((thing) => ({ ...thing, passwordHash: null }));
  expect(empty).toEqual({
    ...FULL,
    bridges: unpaired(FULL.bridges),
    devices: unpaired(FULL.devices),
    proposals: [],
  });
});

test("a discovered profile that differs is said, one that no device has is not kept", () => {
  const kit: Kit = { bridges: [], devices: [], cameras: [], discovered: [{ name: "other", entry: { title: "x" } }] };
  expect(kitDiffers(kit, { ...FULL, bridges: [], devices: [] })).toEqual([
    "discovered profile other is in kit.yaml, not in the registry",
    "discovered profile shed is in the registry, not in kit.yaml",
  ]);
  const data = structuredClone(FULL);
  importKit(data, { kit, prune: false });
  expect(data.discovered).toEqual(FULL.discovered);
});

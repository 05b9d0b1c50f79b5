// Shown here: the registry is filled once, changes whole or not at all, and a torn file is recovered, never emptied.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDurably } from "../../src/core/durable-file.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import type { RegistryData } from "../../src/registry/registry.ts";
import type { Kit } from "../../src/settings/schema.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const LAMP = { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path" };
const KIT: Kit = { bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z" }], devices: [LAMP], cameras: [] };

const open = (dataDir: string, write = writeDurably, kit = KIT) =>
  openRegistry({ dataDir, kit, log: silentLog, write });
const rename = (zone: string) => (data: RegistryData) => {
  for (const device of data.devices) device.zone = zone;
};
const zoneIn = async (dataDir: string): Promise<string | undefined> => {
  await using registry = await open(dataDir);
  return registry.data().devices[0]?.zone;
};

test("the first start fills it from the kit, and later the kit is not looked at", async () => {
  await using folder = await tempDir();
  await using first = await open(folder.path);
  expect(first.data()).toEqual({
    version: 3,
    bridges: [{ ...KIT.bridges[0], passwordHash: null }],
    devices: [{ ...LAMP, passwordHash: null }],
    cameras: [],
    accounts: [],
    invitations: [],
    tokens: [],
    discovered: [],
    proposals: [],
  });
  await using second = await open(folder.path, writeDurably, { bridges: [], devices: [], cameras: [] });
  expect(second.data()).toEqual(first.data());
});

test("a change is on disk when it resolves, one after another, and is told to watchers", async () => {
  await using folder = await tempDir();
  await using registry = await open(folder.path);
  let told = 0;
  const end = registry.onChange(() => (told += 1));
  await Promise.all(["a", "b", "c"].map((zone) => registry.update(rename(zone))));
  end();
  await registry.update(rename("d"));
  expect(told).toBe(3);
  expect(JSON.parse(await readFile(join(folder.path, "registry.json"), "utf8"))).toMatchObject({
    devices: [{ zone: "d" }],
  });
  expect(JSON.parse(await readFile(join(folder.path, "registry.json.previous"), "utf8"))).toMatchObject({
    devices: [{ zone: "c" }],
  });
});

test("what data() gave cannot be changed past update()", async () => {
  await using folder = await tempDir();
  await using registry = await open(folder.path);
  const [device] = registry.data().devices;
  expect(() => Object.assign(device ?? {}, { zone: "x" })).toThrow(TypeError);
});

test.each(["registry.json.previous", "registry.json"])(
  "when writing %s fails midway, nothing has changed and the next change works",
  async (victim) => {
    await using folder = await tempDir();
    let isBroken = false;
    const torn: typeof writeDurably = async (path, bytes, mode) => {
      if (!isBroken || !path.endsWith(victim)) return writeDurably(path, bytes, mode);
      // What a full disk leaves: half of the temporary file.
      await writeFile(join(folder.path, ".registry.json.1.tmp"), String(bytes).slice(0, 20));
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    await using registry = await open(folder.path, torn);
    isBroken = true;
    await expect(registry.update(rename("lost"))).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
    expect(registry.data().devices[0]?.zone).toBe("path");
    expect(await zoneIn(folder.path)).toBe("path");
    isBroken = false;
    await registry.update(rename("kept"));
    expect(await zoneIn(folder.path)).toBe("kept");
  },
);

test("a change that throws or breaks a rule leaves everything as it was", async () => {
  await using folder = await tempDir();
  await using registry = await open(folder.path);
  const twice = (data: RegistryData) => void data.devices.push({ ...LAMP, passwordHash: null });
  await expect(registry.update(twice)).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("two have the same id"),
  });
  await expect(
    registry.update((data) => {
      data.devices = [];
      throw new Error("thought better of it");
    }),
  ).rejects.toThrow("thought better of it");
  expect(registry.data().devices).toHaveLength(1);
});

test.each([
  ["empty", ""],
  ["cut in half", '{ "version": 1, "bridges": [{ "id": "z'],
  ["zeroes", "\0".repeat(512)],
  ["of another shape", '{ "version": 1, "devices": {} }'],
  ["with a field nobody knows", null],
])("a registry that is %s is recovered from its predecessor, and kept aside", async (_, text) => {
  await using folder = await tempDir();
  const file = join(folder.path, "registry.json");
  await using registry = await open(folder.path);
  await registry.update(rename("before"));
  await registry.update(rename("after"));
  const damaged = text ?? (await readFile(file, "utf8")).replace('"lamp"', '"lamp", "colour": 1');
  await writeFile(file, damaged);
  expect(await zoneIn(folder.path)).toBe("before");
  expect(await readFile(join(folder.path, "registry.json.damaged-1"), "utf8")).toBe(damaged);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ devices: [{ zone: "before" }] });
});

test("a registry that is gone is recovered from its predecessor", async () => {
  await using folder = await tempDir();
  await using registry = await open(folder.path);
  await registry.update(rename("after"));
  await rm(join(folder.path, "registry.json"));
  expect(await zoneIn(folder.path)).toBe("path");
});

test("when both are bad it is said, and both stay as they are", async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, "registry.json"), "{");
  await writeFile(join(folder.path, "registry.json.previous"), "");
  await expect(open(folder.path)).rejects.toMatchObject({ code: "REGISTRY_DAMAGED" });
  expect((await readdir(folder.path)).toSorted()).toEqual(["registry.json", "registry.json.previous"]);
  await rm(join(folder.path, "registry.json.previous"));
  await expect(open(folder.path)).rejects.toMatchObject({ code: "REGISTRY_DAMAGED" });
});

test("a registry of a newer Hedgerow is not replaced by an older predecessor", async () => {
  await using folder = await tempDir();
  await using registry = await open(folder.path);
  await registry.update(rename("after"));
  await writeFile(join(folder.path, "registry.json"), '{ "version": 4 }');
  await expect(open(folder.path)).rejects.toMatchObject({ code: "SPOOL_NEWER" });
});

const FIRST_VERSION = {
  version: 1,
  bridges: [],
  devices: [{ ...LAMP, passwordHash: "hash-lamp" }],
  cameras: [],
  accounts: [{ user: "steward", role: "steward", passphraseHash: "x", createdAt: "2026-01-01T00:00:00.000Z" }],
};

test("a registry of version 1 is taken over whole, and an older Hedgerow refuses what is written then", async () => {
  await using folder = await tempDir();
  const file = join(folder.path, "registry.json");
  await writeFile(file, JSON.stringify(FIRST_VERSION));
  await using registry = await open(folder.path);
  expect(registry.data()).toEqual({
    ...FIRST_VERSION,
    version: 3,
    discovered: [],
    proposals: [],
    invitations: [],
    tokens: [],
  });
  // Until something changes, the older program can still read it.
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(FIRST_VERSION);
  await registry.update(rename("gate"));
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ version: 3, devices: [{ zone: "gate" }] });
  expect(JSON.parse(await readFile(`${file}.previous`, "utf8"))).toEqual(FIRST_VERSION);
});

test("a damaged registry is recovered from a predecessor of version 1", async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, "registry.json"), '{ "version": 2, "bridges": [');
  await writeFile(join(folder.path, "registry.json.previous"), JSON.stringify(FIRST_VERSION));
  expect(await zoneIn(folder.path)).toBe("path");
});

test("a registry of version 1 with a field nobody knows is damaged all the same", async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, "registry.json"), JSON.stringify({ ...FIRST_VERSION, colour: "red" }));
  await expect(open(folder.path)).rejects.toMatchObject({ code: "REGISTRY_DAMAGED" });
});

test("damaged registries kept aside are bounded in number", async () => {
  await using folder = await tempDir();
  await using registry = await open(folder.path);
  await registry.update(rename("after"));
  for (let n = 0; n < LIMITS.registryDamagedKept + 3; n += 1) {
    await writeFile(join(folder.path, "registry.json"), `damage ${n}`);
    await zoneIn(folder.path);
  }
  const aside = (await readdir(folder.path)).filter((name) => name.includes("damaged"));
  expect(aside).toHaveLength(LIMITS.registryDamagedKept);
  expect(await readFile(join(folder.path, "registry.json.damaged-1"), "utf8")).toBe("damage 0");
});

test("closing waits for the change in hand, and may be done twice", async () => {
  await using folder = await tempDir();
  const registry = await open(folder.path);
  const change = registry.update(rename("last"));
  await registry[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  expect(await zoneIn(folder.path)).toBe("last");
  await change;
});

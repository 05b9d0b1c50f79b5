// Shown here: the commands about configuration, as a person calls them: what they print, what they change, how they refuse.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { commandLine } from "../helpers/command-line.ts";
import { commandsThatNote } from "../helpers/commands-that-note.ts";
import { KIT } from "../helpers/settings-folder.ts";

test("a device is paired, listed, and keeps its place when its credentials are renewed", async () => {
  await using at = await commandLine();
  const made = await at.json("device", "pair", "--profile", "tasmota/relay", "--zone", "porch", "--name", "Porch lamp");
  expect(made).toMatchObject({
    id: "porch-lamp",
    username: "porch-lamp",
    password: expect.stringMatching(/^\w{26}$/),
    topic: "porch-lamp",
    link: null,
  });
  expect(await at.json("device", "list")).toEqual([
    { id: "lamp", name: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path", isPaired: false },
    {
      id: "porch-lamp",
      name: "Porch lamp",
      profile: "tasmota/relay",
      topic: "porch-lamp",
      zone: "porch",
      isPaired: true,
    },
  ]);
  expect(await at.json("device", "credentials", "porch-lamp")).toMatchObject({ id: "porch-lamp", topic: "porch-lamp" });
  expect(await at.call("device", "list")).toMatch(
    /^id +name +profile +zone +topic +paired\nlamp .* not yet\nporch-lamp .* yes$/,
  );
});

test("for a person, pairing prints the lines to type into the device", async () => {
  await using at = await commandLine();
  const text = await at.call("device", "pair", "--profile", "tasmota/relay", "--zone", "porch");
  expect(text).toMatch(
    /user name {2}relay-porch\npassword {3}\w{26} {3}\(shown only now\)\ntopic {6}relay-porch\n\nWhat to do:\n/,
  );
  expect(text).toContain("MqttUser relay-porch");
});

test("a bridge is added with its base, and speaks for the devices below it", async () => {
  await using at = await commandLine();
  expect(await at.json("bridge", "add", "--family", "zigbee2mqtt", "--base", "z")).toMatchObject({
    id: "zigbee2mqtt",
    username: "bridge_zigbee2mqtt",
    base: "z",
  });
  expect(await at.json("bridge", "list")).toEqual([
    { id: "zigbee2mqtt", family: "zigbee2mqtt", base: "z", isPaired: true, state: "unknown", heardAt: null },
  ]);
  expect(await at.json("device", "pair", "--profile", "zigbee2mqtt/occupancy", "--zone", "porch")).toMatchObject({
    username: null,
    password: null,
    topic: "z/occupancy-porch",
  });
  expect(await at.call("device", "pair", "--profile", "zigbee2mqtt/occupancy", "--zone", "gate")).toContain(
    "its bridge speaks for it",
  );
  expect(await at.json("bridge", "credentials", "zigbee2mqtt")).toMatchObject({ username: "bridge_zigbee2mqtt" });
});

test("the key is made once and shown the same ever after", async () => {
  await using at = await commandLine();
  const shown = await at.json("key", "show");
  expect(shown).toEqual({
    publicKey: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    keyId: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(await at.json("key", "show")).toEqual(shown);
});

test("while another program holds the data, nothing is changed beside it", async () => {
  await using at = await commandLine();
  const dataDir = join(at.path, "data");
  await makePrivateDirectory(dataDir);
  await using _lock = await lockDataDir(dataDir);
  await expect(at.call("device", "pair", "--profile", "tasmota/relay", "--zone", "z")).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
  });
  await expect(at.call("key", "show")).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
});

test("while the gateway runs, commands act through it", async () => {
  await using at = await commandLine();
  const asked: unknown[] = [];
  const dataDir = join(at.path, "data");
  await makePrivateDirectory(dataDir);
  await using _lock = await lockDataDir(dataDir);
  await using _socket = await openLocalSocket(
    { dataDir, commands: commandsThatNote(asked), log: silentLog },
    new AbortController().signal,
  );
  expect(await at.json("device", "pair", "--profile", "tasmota/relay", "--zone", "z", "--name", "Lamp")).toMatchObject({
    id: "made",
    link: null,
  });
  expect(await at.json("bridge", "add", "--family", "zigbee2mqtt", "--base", "b")).toMatchObject({
    id: "made",
    base: "b",
  });
  await expect(at.call("device", "credentials", "gone")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "there is no device gone",
  });
  expect(asked).toEqual([
    { profile: "tasmota/relay", zone: "z", name: "Lamp" },
    { family: "zigbee2mqtt", base: "b" },
    { kind: "device", id: "gone" },
  ]);
  expect(await at.json("status")).toMatchObject({ gateway: { id: "elm-street" }, buffer: { entries: 3 } });
  expect(await at.call("status")).toContain(
    "buffer: 3 entries, 1000 bytes, room for about 61 h; 0 refused by the platform",
  );
  await expect(at.call("kit", "import", join(at.path, "kit.yaml"))).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
});

test("status without a gateway says so and how to start it", async () => {
  await using at = await commandLine();
  await expect(at.call("status")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: `no gateway runs on ${at.path}/data`,
    hint: expect.stringContaining("systemctl start"),
  });
});

test("a kit that was exported is imported again without a difference, credentials and all", async () => {
  await using at = await commandLine();
  const made = await at.json("device", "pair", "--profile", "tasmota/relay", "--zone", "porch");
  const text = await at.call("kit", "export");
  expect(text).not.toMatch(/hmac|password/i);
  await writeFile(join(at.path, "kit.yaml"), text);
  const before = await readFile(join(at.path, "data/registry.json"), "utf8");
  expect(await at.call("kit", "import", join(at.path, "kit.yaml"), "--prune")).toBe(
    "The registry holds 0 bridges, 2 devices and 0 cameras now.",
  );
  expect(await readFile(join(at.path, "data/registry.json"), "utf8")).toBe(before);
  expect(made).toMatchObject({ id: "relay-porch" });
  expect(await at.call("check")).toMatch(/\nall good$/);
});

test("a kit that would give one topic to two devices is not imported beside those that stay", async () => {
  await using at = await commandLine();
  const kit = join(at.path, "kit.yaml");
  await at.json("device", "pair", "--profile", "tasmota/relay", "--zone", "porch");
  await writeFile(kit, "devices: [{ id: other, profile: tasmota/relay, topic: relay-porch, zone: porch }]\n");
  const before = await readFile(join(at.path, "data/registry.json"), "utf8");
  await expect(at.call("kit", "import", kit)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("overlaps with the topic relay-porch of device"),
    hint: expect.stringContaining("--prune"),
  });
  expect(await readFile(join(at.path, "data/registry.json"), "utf8")).toBe(before);
  expect(await at.call("kit", "import", kit, "--prune")).toContain("1 devices");
});

test("check says where kit.yaml and the registry differ, and which command helps", async () => {
  await using at = await commandLine();
  await at.call("device", "list");
  await writeFile(join(at.path, "kit.yaml"), KIT.replace("path", "gate"));
  const text = await at.call("check");
  expect(text).toContain('warning: device lamp: zone is "gate" in kit.yaml and "path" in the registry\n');
  expect(text).toContain("hedgerow kit import FILE");
  expect(text).toMatch(/all good, with 1 warning$/);
  expect(await at.json("check")).toMatchObject({ ok: true, differences: [expect.stringContaining("device lamp")] });
});

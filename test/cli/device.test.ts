// Shown here: approving, revoking, removing and pausing at the command line, with a gateway that runs and without one.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Commands, ProposalView } from "../../src/core/commands.ts";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { type CommandLine, commandLine } from "../helpers/command-line.ts";
import { commandsThatNote } from "../helpers/commands-that-note.ts";

const PROPOSAL: ProposalView = {
  id: "0123456789abcdef",
  name: "Shed \u001b[31m",
  topic: "z/shed",
  via: "bridge_z2m",
  profile: "zigbee2mqtt/any",
  why: null,
  kinds: ["motion", "battery"],
  deviceId: null,
  heardAt: "2026-11-21T12:00:00.000Z",
};

/** A gateway that notes what it is asked and has these proposals. */
async function running(at: CommandLine, asked: unknown[], change: Partial<Commands> = {}): Promise<AsyncDisposable> {
  const dataDir = join(at.path, "data");
  await makePrivateDirectory(dataDir);
  const commands = { ...commandsThatNote(asked), ...change };
  return openLocalSocket({ dataDir, commands, log: silentLog }, new AbortController().signal);
}

test("while the gateway runs, each command acts through it", async () => {
  await using at = await commandLine();
  const asked: unknown[] = [];
  await using _gateway = await running(at, asked);
  await at.call("device", "revoke", "lamp");
  await at.call("bridge", "revoke", "z2m");
  await at.call("device", "remove", "lamp");
  await at.call("bridge", "remove", "z2m");
  await at.call("device", "pause", "lamp");
  await at.call("device", "resume", "lamp");
  await at.call("device", "dismiss", PROPOSAL.id);
  await at.call("device", "approve", PROPOSAL.id, "--zone", "garden");
  await at.call("device", "approve", PROPOSAL.id, "--zone", "garden", "--name", "Shed", "--profile", "generic/json");
  await at.call("device", "pair", "--profile", "gpio/pir", "--pin", "17", "--chip", "other", "--zone", "gate");
  const wire = ["--pin", "5", "--active-low", "--pull", "up"];
  await at.call("device", "pair", "--profile", "gpio/reed", "--zone", "shed", ...wire);
  await at.call("device", "pair", "--profile", "generic/json", "--topic", "a/b", "--zone", "gate");
  await at.call("device", "rename", "lamp", "--name", "Lamp", "--zone", "path");
  await at.call("device", "replace", "lamp", "--profile", "gpio/pir", "--pin", "4");
  await at.call("device", "replace", "lamp", "--proposal", PROPOSAL.id);
  expect(asked).toEqual([
    { kind: "device", id: "lamp" },
    { kind: "bridge", id: "z2m" },
    { kind: "device", id: "lamp" },
    { kind: "bridge", id: "z2m" },
    { id: "lamp", isPaused: true },
    { id: "lamp", isPaused: false },
    { proposal: PROPOSAL.id },
    { proposal: PROPOSAL.id, zone: "garden" },
    { proposal: PROPOSAL.id, zone: "garden", name: "Shed", profile: "generic/json" },
    { profile: "gpio/pir", zone: "gate", pin: 17, chip: "other" },
    { profile: "gpio/reed", zone: "shed", pin: 5, activeLow: true, pull: "up" },
    { profile: "generic/json", zone: "gate", topic: "a/b" },
    { id: "lamp", name: "Lamp", zone: "path" },
    { id: "lamp", profile: "gpio/pir", pin: 4 },
    { id: "lamp", proposal: PROPOSAL.id },
  ]);
});

test("what waits is listed, with control characters dropped and the command that takes it", async () => {
  await using at = await commandLine();
  const unread: ProposalView = { ...PROPOSAL, id: "f", profile: null, why: "its template is beyond us", kinds: [] };
  await using _gateway = await running(at, [], { listProposals: () => [PROPOSAL, unread] });
  expect(await at.json("device", "approve")).toEqual([PROPOSAL, unread]);
  const text = await at.call("device", "approve");
  expect(text).toContain(
    "0123456789abcdef  Shed [31m  z/shed  bridge_z2m  zigbee2mqtt/any                             motion battery",
  );
  expect(text).toContain("needs --profile: its template is beyond us");
  expect(text).not.toContain("\u001b");
  expect(await at.call("device", "list")).toMatch(/\n2 wait for approval: hedgerow device approve$/);
});

test("a device of the kit that tells more now is approved where it stands", async () => {
  await using at = await commandLine();
  const asked: unknown[] = [];
  const device = { id: "node", name: "Node", profile: "esphome/any", topic: "node", zone: "path", isPaired: true };
  await using _gateway = await running(at, asked, {
    listProposals: () => [{ ...PROPOSAL, deviceId: "node" }],
    listDevices: () => [device],
  });
  expect(await at.call("device", "approve")).toContain("(device node tells more)");
  await at.call("device", "approve", PROPOSAL.id);
  expect(asked).toEqual([{ proposal: PROPOSAL.id, zone: "path" }]);
});

test("an approval without a zone says what is missing", async () => {
  await using at = await commandLine();
  await expect(at.call("device", "approve", PROPOSAL.id)).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining(`hedgerow device approve ${PROPOSAL.id} --zone`),
  });
});

test("without a gateway the same commands change the registry themselves", async () => {
  await using at = await commandLine();
  await at.json("device", "pair", "--profile", "tasmota/relay", "--zone", "porch", "--name", "Porch lamp");
  const registry = async () => JSON.parse(await readFile(join(at.path, "data/registry.json"), "utf8"));
  expect(await at.json("device", "revoke", "porch-lamp")).toEqual({ kind: "device", id: "porch-lamp", done: "revoke" });
  expect((await registry()).devices[1].passwordHash).toBeNull();
  await at.call("device", "pause", "porch-lamp");
  expect((await registry()).devices[1].paused).toBe(true);
  await at.call("device", "resume", "porch-lamp");
  expect(await at.call("device", "rename", "porch-lamp", "--zone", "gate")).toBe("porch-lamp is changed.");
  const made = await at.json("device", "replace", "porch-lamp", "--profile", "tasmota/switch-pir");
  expect(made).toMatchObject({ id: "porch-lamp", username: "porch-lamp", topic: "porch-lamp" });
  expect((await registry()).devices[1]).toMatchObject({ zone: "gate", profile: "tasmota/switch-pir" });
  expect(await at.call("device", "remove", "porch-lamp")).toContain("no device of the kit any more");
  expect((await registry()).devices).toHaveLength(1);
  await at.json("bridge", "add", "--family", "zigbee2mqtt", "--base", "z");
  expect(await at.json("bridge", "remove", "zigbee2mqtt")).toMatchObject({ done: "remove" });
  expect((await registry()).bridges).toEqual([]);
  for (const args of [
    ["device", "revoke"],
    ["device", "remove"],
    ["device", "pause"],
    ["bridge", "revoke"],
  ])
    await expect(at.call(...args, "gone")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("what announced itself while the gateway ran can be approved while it does not", async () => {
  await using at = await commandLine();
  await at.json("bridge", "add", "--family", "zigbee2mqtt", "--base", "z");
  {
    const kit = { bridges: [], devices: [], cameras: [] };
    await using registry = await openRegistry({ dataDir: join(at.path, "data"), kit, log: silentLog });
    const entry = {
      title: "Announced",
      messages: [{ on: "{topic}", as: "json", read: [{ kind: "motion", at: "/m" }] }],
    };
    await registry.update((data) => {
      data.proposals.push({
        id: "p",
        login: { kind: "bridge", id: "zigbee2mqtt" },
        name: "Shed",
        topic: "z/shed",
        entry,
        why: null,
        heardAtMs: 0,
      });
    });
  }
  expect(await at.call("device", "list")).toContain("1 waits for approval");
  expect(await at.json("device", "approve")).toMatchObject([{ id: "p", topic: "z/shed", kinds: ["motion"] }]);
  expect(await at.json("device", "approve", "p", "--zone", "garden")).toEqual({ id: "shed" });
  expect(await at.json("device", "approve")).toEqual([]);
  expect(await at.json("device", "list")).toMatchObject([
    { id: "lamp" },
    { id: "shed", profile: "discovered/shed", isPaired: true },
  ]);
  // The next command finds the profile again.
  expect(await at.call("device", "pause", "shed")).toContain("shed is paused");
});

test("on a terminal there is a QR code, of the one-time link where the gateway gives one; elsewhere there is none", async () => {
  const pair = ["device", "pair", "--profile", "tasmota/relay", "--zone", "porch"];
  const isCode = /▀▀▀▀▀▀▀/;
  {
    await using at = await commandLine({}, { isTerminal: true });
    expect(await at.call(...pair)).toMatch(isCode);
    const text = await at.call("bridge", "add", "--family", "zigbee2mqtt", "--base", "z");
    expect(text).toMatch(isCode);
    expect(await at.json("device", "credentials", "relay-porch")).toMatchObject({ link: null });
    const [sensor] = [await at.call("device", "pair", "--profile", "gpio/pir", "--pin", "4", "--zone", "gate")];
    expect(sensor).toContain("It is wired and needs no login.");
    expect(sensor).not.toMatch(isCode);
  }
  await using at = await commandLine();
  expect(await at.call(...pair)).not.toMatch(isCode);
  const link = "http://192.168.1.5:8080/pair/abc";
  const made = { id: "lamp-2", username: "lamp-2", password: "p", topic: "lamp-2", setup: [], link };
  await using _gateway = await running(at, [], { pairDevice: async () => made });
  expect(await at.json(...pair)).toEqual(made);
  expect(await at.call(...pair)).toContain(`link       ${link}`);
});

test.each([["seventeen"], ["-1"], ["1.5"], ["99999"]])("a pin that is none is wrong usage: %s", async (pin) => {
  await using at = await commandLine();
  const pairing = at.call("device", "pair", "--profile", "gpio/pir", `--pin=${pin}`, "--zone", "gate");
  await expect(pairing).rejects.toMatchObject({ code: "USAGE" });
});

test.each([
  ["device", ["list", "pair", "approve", "dismiss", "credentials", "revoke", "remove", "pause", "resume"]],
  ["bridge", ["list", "add", "credentials", "revoke", "remove"]],
])("hedgerow %s has --help on each of its commands", async (thing, commands) => {
  await using at = await commandLine();
  for (const command of commands)
    await expect(at.call(thing, command, "--help")).rejects.toMatchObject({
      code: "commander.helpDisplayed",
      exitCode: 0,
    });
});

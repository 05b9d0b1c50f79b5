// Commands through the local socket: what they answer, who may, what is refused, and what a dead gateway left behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { Commands } from "../../src/core/commands.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import { callGateway, openLocalSocket } from "../../src/web/local-socket.ts";
import { PairingLinks } from "../../src/web/pairing-links.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";

async function openSocket({
  under = "",
  commands = fakeHouse().commands,
}: {
  under?: string;
  commands?: Commands;
} = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const dataDir = join(directory.path, under);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const stop = new AbortController();
  const socket = stack.use(await openLocalSocket({ dataDir, commands, log: silentLog }, stop.signal));
  const owned = stack.move();
  return { dataDir, stop, socket, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What the gateway says to raw bytes. */
async function say(dataDir: string, bytes: string): Promise<string> {
  const socket = connect(join(dataDir, "command.sock")).setEncoding("utf8");
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {}); // the gateway may hang up before everything is said
  socket.end(bytes);
  await once(socket, "close");
  return text;
}

test("a command acts in the running gateway and brings back its answer", async () => {
  const house = fakeHouse();
  await using open = await openSocket({ commands: house.commands });
  expect(await callGateway(open.dataDir, "status", {})).toEqual(house.commands.status());
  expect(await callGateway(open.dataDir, "listDevices", {})).toEqual(house.commands.listDevices());
  expect(await callGateway(open.dataDir, "listBridges", {})).toHaveLength(1);
  const paired = await callGateway(open.dataDir, "pairDevice", {
    profile: "tasmota/relay",
    zone: "path",
    name: "Lamp",
  });
  expect(paired).toMatchObject({
    id: "path-1",
    setup: [expect.any(String), expect.stringContaining("MqttUser"), expect.any(String)],
  });
  expect(await callGateway(open.dataDir, "addBridge", { family: "zigbee2mqtt", base: "z" })).toMatchObject({
    topic: "z",
  });
  expect(await callGateway(open.dataDir, "renewCredentials", { kind: "device", id: "lamp-3" })).toMatchObject({
    id: "lamp-3",
  });
});

test("send now reaches the gateway, for one platform or for all", async () => {
  const house = fakeHouse();
  await using open = await openSocket({ commands: house.commands });
  await callGateway(open.dataDir, "sendNow", { id: "main" });
  await callGateway(open.dataDir, "sendNow", {});
  expect(house.asked).toEqual([
    ["sendNow", { id: "main" }],
    ["sendNow", {}],
  ]);
});

test("only the gateway's user may use it", async () => {
  await using open = await openSocket();
  expect((await stat(join(open.dataDir, "command.sock"))).mode & 0o777).toBe(0o600);
});

test("no gateway is an answer, not a mistake", async () => {
  await using directory = await tempDir();
  expect(await callGateway(directory.path, "status", {})).toBeNull();
  expect(await callGateway(join(directory.path, "nowhere"), "status", {})).toBeNull();
});

test("the error of a command arrives with its code and its hint", async () => {
  const renewCredentials = async () => {
    throw new GatewayError("NOT_FOUND", "no device lamp-9", { hint: "Look at the label." });
  };
  await using open = await openSocket({ commands: { ...fakeHouse().commands, renewCredentials } });
  const asked = callGateway(open.dataDir, "renewCredentials", { kind: "device", id: "lamp-9" });
  await expect(asked).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "no device lamp-9",
    hint: "Look at the label.",
  });
});

test.each([
  ["no JSON", "hello\n", "USAGE"],
  ["an unknown command", '{"command":"constructor"}\n', "USAGE"],
  ["arguments that do not fit", '{"command":"pairDevice","args":{"zone":7}}\n', "USAGE"],
  ["a field too many", '{"command":"status","args":{"x":1}}\n', "USAGE"],
])("%s is refused with a sentence", async (_, bytes, code) => {
  await using open = await openSocket();
  expect(JSON.parse(await say(open.dataDir, bytes))).toMatchObject({ ok: false, code, message: expect.any(String) });
});

test("a line without end is cut off at the bound, and the gateway goes on", async () => {
  await using open = await openSocket();
  expect(await say(open.dataDir, "x".repeat(LIMITS.commandBytes + 10))).toBe("");
  expect(await callGateway(open.dataDir, "listBridges", {})).toHaveLength(1);
});

test("a data directory whose name is too long for a socket has one all the same", async () => {
  await using open = await openSocket({ under: join("a".repeat(60), "b".repeat(60)) });
  expect((await lstat(join(open.dataDir, "command.sock"))).isSocket()).toBe(true);
  expect(await callGateway(open.dataDir, "listBridges", {})).toHaveLength(1);
  await open.socket[Symbol.asyncDispose]();
  expect(await callGateway(open.dataDir, "listBridges", {})).toBeNull();
});

test("the socket of a gateway that was killed is replaced", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "command.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", script]), "exit");
  expect((await lstat(path)).isSocket()).toBe(true);
  const stop = new AbortController();
  await using _ = await openLocalSocket(
    { dataDir: directory.path, commands: fakeHouse().commands, log: silentLog },
    stop.signal,
  );
  expect(await callGateway(directory.path, "listBridges", {})).toHaveLength(1);
});

test("the socket of a living gateway is not taken over", async () => {
  await using open = await openSocket();
  const second = openLocalSocket(
    { dataDir: open.dataDir, commands: fakeHouse().commands, log: silentLog },
    open.stop.signal,
  );
  await expect(second).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  expect(await callGateway(open.dataDir, "listBridges", {})).toHaveLength(1);
});

test("an unusable data directory is said in a sentence", async () => {
  await using directory = await tempDir();
  const file = join(directory.path, "file");
  await writeFile(file, "");
  const opening = openLocalSocket(
    { dataDir: file, commands: fakeHouse().commands, log: silentLog },
    new AbortController().signal,
  );
  await expect(opening).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
});

test("a stop closes the socket, also under a command that never ends", async () => {
  const pairDevice = () => new Promise<never>(() => {});
  await using open = await openSocket({ commands: { ...fakeHouse().commands, pairDevice } });
  const asked = callGateway(open.dataDir, "pairDevice", { profile: "a/b", zone: "c" });
  const refused = asked.catch((thrown: unknown) => thrown);
  await callGateway(open.dataDir, "listBridges", {});
  open.stop.abort();
  expect(await refused).toMatchObject({ code: "INTERNAL" });
  await open.socket[Symbol.asyncDispose]();
  expect(await callGateway(open.dataDir, "listBridges", {})).toBeNull();
});

test("a login made through the socket gets a one-time link that shows it", async () => {
  await using directory = await tempDir();
  const { commands } = fakeHouse();
  const links = new PairingLinks({ commands, clock: systemClock });
  links.setBase("http://192.0.2.7:8080");
  const deps = { dataDir: directory.path, commands, log: silentLog, links };
  await using _ = await openLocalSocket(deps, new AbortController().signal);
  const ask = { profile: "tasmota/relay", zone: "path" };
  const made = [
    await callGateway(directory.path, "pairDevice", ask),
    await callGateway(directory.path, "addBridge", { family: "zigbee2mqtt", base: "z" }),
    await callGateway(directory.path, "renewCredentials", { kind: "device", id: "lamp-3" }),
  ];
  for (const each of made) {
    expect(each?.link).toMatch(/^http:\/\/192\.0\.2\.7:8080\/pair\/[\w-]{22}$/);
    const token = each?.link?.split("/").at(-1) ?? "";
    expect(links.use(token)?.credentials).toMatchObject({ id: each?.id, password: each?.password });
  }
});

test.each(["revoke", "remove"] as const)(
  "a login that ends by %s through the socket takes its link along",
  async (end) => {
    await using directory = await tempDir();
    const { commands } = fakeHouse();
    const links = new PairingLinks({ commands, clock: systemClock });
    const deps = { dataDir: directory.path, commands, log: silentLog, links };
    await using _ = await openLocalSocket(deps, new AbortController().signal);
    const made = await callGateway(directory.path, "renewCredentials", { kind: "device", id: "lamp-3" });
    const token = made?.link?.split("/").at(-1) ?? "";
    expect(links.find(token)).toBeDefined();
    await callGateway(directory.path, end, { kind: "device", id: "lamp-3" });
    expect(links.find(token)).toBeUndefined();
  },
);

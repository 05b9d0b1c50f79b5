// Shown: bad input gets a clear sentence with the remedy or a counted refusal; the gateway stays up, or ends with exit code 1
// before it opens any port; nothing held is lost.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createServer, connect as connectSocket } from "node:net";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { openHouse, type TestHouse } from "../helpers/gateway-process.ts";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const lux = { id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" };
const pir = { id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "porch" };
const kit = { bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }], devices: [lux, pir] };

/** Runs the program to its end; it must end by itself. */
function runToEnd(house: TestHouse): Promise<{ code: number; said: string }> {
  const args = [join(ROOT, "src/main.ts"), "run", "--config", house.config];
  return new Promise((resolve) => {
    execFile(join(ROOT, "node_modules/.bin/node"), args, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout + stderr });
    });
  });
}

async function expectNoPort(house: TestHouse): Promise<void> {
  for (const port of [house.brokerPort, house.statusPort]) {
    const socket = connectSocket(port, "127.0.0.1");
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  }
}

test("an unknown key in gateway.yaml is named with its line and the nearest known name", async () => {
  await using house = await openHouse({ kit, gateway: { brokr: { listen: {} } } });
  const { code, said } = await runToEnd(house);
  expect(code).toBe(1);
  expect(said).toMatch(/gateway\.yaml:\d+:\d+.*brokr.*did you mean.*broker/is);
  expect(said).toContain("CONFIG_INVALID");
  await expectNoPort(house);
});

test("a missing policy is named, with what to do", async () => {
  await using house = await openHouse({ kit });
  await rm(join(house.directory, "policy.yaml"));
  const { code, said } = await runToEnd(house);
  expect(code).toBe(1);
  expect(said).toContain("POLICY_MISSING");
  expect(said).toContain("policy.example.yaml");
  await expectNoPort(house);
});

test("a port in use is named, and the gateway ends before it takes anything", async () => {
  await using house = await openHouse({ kit });
  const other = createServer().listen(house.brokerPort, "127.0.0.1");
  await once(other, "listening");
  const { code, said } = await runToEnd(house);
  other.close();
  expect(code).toBe(1);
  expect(said).toContain(`127.0.0.1:${house.brokerPort}`);
  expect(said).toContain("PORT_IN_USE");
});

test("a damaged key is refused and never replaced", async () => {
  await using house = await openHouse({ kit });
  await house.hedgerow("key", "show", "--config", house.config);
  const path = join(house.dataDir, "keys", "gateway.pem");
  await truncate(path, 20);
  const { code, said } = await runToEnd(house);
  expect(code).toBe(1);
  expect(said).toContain("KEY_UNREADABLE");
  expect((await readFile(path)).length).toBe(20);
  await expectNoPort(house);
});

test.skipIf(process.getuid?.() === 0)(
  "a key that this user may not read is named (skipped for root, who may read everything)",
  async () => {
    await using house = await openHouse({ kit });
    await house.hedgerow("key", "show", "--config", house.config);
    await chmod(join(house.dataDir, "keys", "gateway.pem"), 0o000);
    const { code, said } = await runToEnd(house);
    expect(code).toBe(1);
    expect(said).toContain("KEY_UNREADABLE");
  },
);

/** A PNG of the given size in pixels, all one colour: 30000 x 30000 are a few hundred kB (PNG specification, 5.6). */
function pngBomb(side: number): Buffer {
  const chunk = (type: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(content.length);
    return Buffer.concat([size, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((side / 8 + 1) * side));
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("bad pictures, payloads, packets and passwords are counted refusals; the gateway stays up and loses nothing it holds", async () => {
  const camera = {
    id: "cam",
    zone: "gate",
    source: { kind: "file", path: "./frame" },
    triggers: ["pir"],
    cooldownS: 0,
  };
  const cameras = { cam: { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 100 } };
  await using house = await openHouseWithPlatform({
    kit: { ...kit, cameras: [camera] },
    policy: { events: { timeBucketS: 1, motion: { mode: "each" } }, cameras },
  });
  await house.setAway(true);
  const gateway = await house.start();
  const url = `mqtt://127.0.0.1:${house.brokerPort}`;
  const login = { username: "bridge_z2m", password: await house.bridgePassword("z2m"), reconnectPeriod: 0 };
  const client = await connectAsync(url, login);
  client.on("error", () => undefined);
  await client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance: 11 }), { qos: 1 });

  const withheld = async (frame: Buffer, expected: number) => {
    await writeFile(join(house.directory, "frame"), frame);
    await client.publishAsync("zigbee2mqtt/pir", JSON.stringify({ occupancy: true }), { qos: 1 });
    await client.publishAsync("zigbee2mqtt/pir", JSON.stringify({ occupancy: false }), { qos: 1 });
    await expect.poll(() => house.counter("snapshot.withheld.picture-refused"), { timeout: 30_000 }).toBe(expected);
  };
  const jpeg = await readFile(join(ROOT, "node_modules/@vladmandic/face-api/demo/sample1.jpg"));
  await withheld(jpeg.subarray(0, jpeg.length / 2), 1);
  await withheld(pngBomb(30_000), 2);
  await withheld(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 3);
  await withheld(Buffer.alloc(0), 4);

  await client.publishAsync("zigbee2mqtt/lux", "not { json", { qos: 1 });
  await expect(connectAsync(url, { ...login, clientId: "x", password: "wrong" })).rejects.toMatchObject({ code: 5 });
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.publish("zigbee2mqtt/lux", Buffer.alloc(20 * 1024 * 1024), { qos: 1 });
  await closed;
  client.end(true);

  expect(gateway.child.exitCode).toBeNull();
  await house.setAway(false);
  await house.drained();
  expect(
    house
      .events()
      .filter(({ type }) => type === "hedgerow.light.level.v1")
      .map(({ data }) => data["lux"]),
  ).toEqual([11]);
  expect(house.events().filter(({ type }) => type === "hedgerow.snapshot.withheld.v1").length).toBe(4);
  expect(house.platform.store.pictures()).toEqual([]);
});

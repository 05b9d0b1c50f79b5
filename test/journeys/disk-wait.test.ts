// Shown: a disk that cannot be used, with the real program: its page says what is wrong and the next step, it opens by itself when
// the disk is back, and what was acknowledged before the disk failed reaches the platform. Disks of a test's own need root.
import { once } from "node:events";
import { rm, rmdir, writeFile } from "node:fs/promises";
import type { MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { openHouse, type RunningGateway } from "../helpers/gateway-process.ts";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { openLoopDisk } from "../helpers/loop-disk.ts";

const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
};

/** The page's words, once it answers with that status. */
async function pageOf({ statusPort }: { statusPort: number }, status: number): Promise<string> {
  const ask = () => fetch(`http://127.0.0.1:${statusPort}/`).catch(() => null);
  await expect.poll(async () => (await ask())?.status, { timeout: 30_000, interval: 50 }).toBe(status);
  return (await ask())?.text() ?? "";
}

const publish = (client: MqttClient, illuminance: number) =>
  client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance }), { qos: 1 });

test("with no place for its data the program stays, says so to people and to `hedgerow status`, hears a stop at once, and opens by itself", async () => {
  const prepare = async (dataDir: string) => {
    await rmdir(dataDir);
    await writeFile(dataDir, "in the way");
  };
  const started: RunningGateway[] = [];
  await using house = await openHouse({ kit, prepare, onStart: (gateway) => void started.push(gateway) });
  const first = house.start();
  first.catch(() => undefined);
  expect(await pageOf(house, 503)).toContain("Is the USB stick or disk plugged in?");
  const status = house.hedgerow("status", "--config", house.config);
  await expect(status).rejects.toMatchObject({ stderr: expect.stringContaining("the gateway waits for its disk") });
  expect(await started[0]?.end("SIGTERM")).toBe(0);
  await expect(first).rejects.toThrow("before it was open");

  const second = house.start();
  await pageOf(house, 503);
  await rm(house.dataDir);
  const gateway = await second;
  expect(await pageOf(house, 200)).toContain("Set up this box");
  expect(await gateway.end("SIGTERM")).toBe(0);
});

// Elsewhere in this file a damaged disk is met at start, which looks alike.
test.skipIf(process.env["SOAK"] === undefined)(
  "a disk that is read-only at start is waited for, and opens by itself when it may be written",
  async (context) => {
    await using disk = await openLoopDisk();
    if (disk === null) return context.skip();
    await using house = await openHouse({ kit, prepare: (dataDir) => disk.prepare(dataDir) });
    await (await house.start()).end("SIGTERM");
    disk.unmount();
    disk.mount("ro");
    const starting = house.start();
    expect(await pageOf(house, 503)).toContain("The disk is read-only");
    disk.unmount();
    disk.mount("rw");
    const gateway = await starting;
    expect(await gateway.end("SIGTERM")).toBe(0);
  },
);

test("a disk that turns read-only at work: no acknowledgement any more, the program ends, the next start says why, and nothing acknowledged is lost", async (context) => {
  await using disk = await openLoopDisk();
  if (disk === null) return context.skip();
  await using house = await openHouseWithPlatform({ kit, prepare: (dataDir) => disk.prepare(dataDir) });
  await house.setAway(true);
  const first = await house.start();
  const ended = once(first.child, "exit");
  const client = await house.connectBridge();
  for (let n = 1; n <= 20; n++) await publish(client, n);
  const closed = new Promise<void>((resolve) => client.once("close", resolve));
  disk.fail();
  let isAcknowledged = false;
  publish(client, 21).then(
    () => (isAcknowledged = true),
    () => undefined,
  );
  await closed;
  client.end(true);
  expect(isAcknowledged).toBe(false);
  expect(await ended, "it ends by itself").toEqual([1, null]);
  expect(first.log.join("\n")).toContain("SPOOL_FAILED");

  const second = house.start();
  expect(await pageOf(house, 503)).toContain("The disk is read-only");
  disk.unmount();
  disk.mount("rw");
  await second;
  await house.setAway(false);
  await house.drained();
  const levels = new Set(house.events().map(({ data }) => data["lux"]));
  expect(Array.from({ length: 20 }, (_, n) => n + 1).filter((n) => !levels.has(n))).toEqual([]);
  expect(house.holes()).toEqual([]);
});

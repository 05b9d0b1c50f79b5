// Shown with the real program: a card that lost a part of spool.db. The gateway starts, delivers what is left, names the rest in
// tombstones, and the commands tell it; its sums hold (I9, promise 6).
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { connectPacket, openRawClient, PACKET, publishPacket } from "../helpers/raw-mqtt.ts";

const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
};
const COUNT = 600;

test("after damage every sequence arrives or is named, and the commands tell the loss", async () => {
  await using house = await openHouseWithPlatform({ kit });
  await house.setAway(true);
  const login = { username: "bridge_z2m", password: await house.bridgePassword("z2m") };
  const first = await house.start();
  {
    using sensor = await openRawClient(house.brokerPort);
    sensor.send(connectPacket({ clientId: "sensor", ...login }));
    await sensor.next(PACKET.connack);
    for (let n = 1; n <= COUNT; n++)
      sensor.send(publishPacket({ topic: "zigbee2mqtt/lux", payload: `{"illuminance":${n}}`, qos: 1, messageId: n }));
    for (let n = 1; n <= COUNT; n++) await sensor.next(PACKET.puback);
  }
  expect(await first.end("SIGTERM")).toBe(0);
  await zeroMiddle(join(house.dataDir, "spool.db"), 16_384);

  const verified = await house
    .hedgerow("spool", "verify", "--config", house.config, "--json")
    .catch((failed: unknown) => failed);
  expect(verified).toMatchObject({ code: 1, stdout: expect.stringContaining('"kind":"structure"') });
  const second = await house.start();
  expect(second.log.join("\n")).toContain("spool.db was damaged");
  await house.setAway(false);
  await house.drained();
  expect(house.holes(), "sequences that are neither there nor named").toEqual([]);
  expect(house.conflicts()).toBe(0);
  const levels = house.events().flatMap(({ data }) => (typeof data["lux"] === "number" ? [data["lux"]] : []));
  expect(levels.length).toBeGreaterThan(COUNT - 60);
  expect(levels.length).toBeLessThan(COUNT);
  const named = house
    .events()
    .filter(({ type, data }) => type === "hedgerow.tombstone.v1" && data["why"] === "damaged");
  expect(named.length).toBeGreaterThan(0);

  const stats = JSON.parse(await house.hedgerow("spool", "stats", "--config", house.config, "--json"));
  expect(stats).toMatchObject({ sinks: [{ id: "main", waiting: 0, holds: true }] });
  expect(stats.lost).toBeGreaterThanOrEqual(COUNT - levels.length);
  expect(await house.hedgerow("spool", "verify", "--config", house.config)).toContain(
    "all of them sound, and the sums hold",
  );
}, 120_000);

async function zeroMiddle(path: string, bytes: number): Promise<void> {
  const { size } = await stat(path);
  await using file = await open(path, "r+");
  await file.write(Buffer.alloc(bytes), 0, bytes, Math.floor(size / 4096) * 2048);
}

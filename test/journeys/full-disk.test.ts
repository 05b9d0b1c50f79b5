// Shown: a full disk with the real program (promise 1): what is held back is not acknowledged, also when it is sent again; a
// start on a full spool opens its doors, a stop is heard, and when there is room all goes on without loss.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { connectPacket, openRawClient, PACKET, publishPacket } from "../helpers/raw-mqtt.ts";

const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [
    { id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "porch" },
    { id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" },
  ],
};

test("a full spool acknowledges nothing it cannot keep, starts and stops in time, and loses nothing", async () => {
  const gateway = { spool: { bytesMax: 1_048_576, reserveFreeBytes: 0 } };
  // Nothing may be evicted, so that it is full.
  const policy = { events: { timeBucketS: 1, motion: { mode: "each" }, evictFirst: [] } };
  await using house = await openHouseWithPlatform({ kit, gateway, policy });
  await house.setAway(true);
  const login = { username: "bridge_z2m", password: await house.bridgePassword("z2m") };
  const first = await house.start();
  const acknowledged: number[] = [];
  {
    using filler = await openRawClient(house.brokerPort);
    filler.send(connectPacket({ clientId: "filler", ...login }));
    await filler.next(PACKET.connack);
    for (let n = 1; n <= 4000; n++) {
      filler.send(publishPacket({ topic: "zigbee2mqtt/lux", payload: `{"illuminance":${n}}`, qos: 1, messageId: n }));
    }
    await expect.poll(() => first.log.join("\n"), { timeout: 30_000 }).toContain('"state":"full"');
    for (;;) {
      const next = await Promise.race([filler.next(PACKET.puback), sleep(1000)]);
      if (next === undefined) break;
      acknowledged.push(next);
    }
  }
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(acknowledged.length).toBeLessThan(4000);

  // Twice, since a sensor sends again what was not acknowledged.
  for (const clientId of ["one", "two"]) {
    using sensor = await openRawClient(house.brokerPort);
    sensor.send(connectPacket({ clientId, ...login }));
    await sensor.next(PACKET.connack);
    sensor.send(publishPacket({ topic: "zigbee2mqtt/pir", payload: '{"occupancy":true}', qos: 1, messageId: 1 }));
    expect(await Promise.race([sensor.next(PACKET.puback), sleep(1500).then(() => "nothing")])).toBe("nothing");
  }
  expect(await first.end("SIGTERM"), "a stop on a full disk").toBe(0);

  const second = await house.start();
  expect(await second.end("SIGTERM"), "a start on a full disk, and its stop").toBe(0);

  await house.start();
  await house.setAway(false);
  await house.drained();
  const levels = new Set(house.events().map(({ data }) => data["lux"]));
  expect(acknowledged.filter((n) => !levels.has(n))).toEqual([]);
  expect(house.conflicts()).toBe(0);
});

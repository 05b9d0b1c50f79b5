// Shown: a small buffer with the platform away, on the real program with a real camera (promises 1 and 6): it goes on taking;
// the oldest snapshots go first and then the oldest light levels; the house's own words and the lamp's states stay. Once the
// platform is back it holds each sequence or its name in a tombstone, and the sums hold.
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { connectPacket, openRawClient, PACKET, publishPacket } from "../helpers/raw-mqtt.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const PHOTOGRAPHS = new URL("../../node_modules/@vladmandic/face-api/demo/", import.meta.url).pathname;
const LEVELS = 1800;
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [
    { id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" },
    { id: "lamp", profile: "zigbee2mqtt/lamp", topic: "zigbee2mqtt/lamp", zone: "porch" },
  ],
};

test("a small buffer goes on taking in an outage: the oldest go by the policy, and each is named", async () => {
  await using outside = await tempDir();
  const folder = join(outside.path, "upload");
  await mkdir(folder, { mode: 0o700 });
  const camera = { id: "cam", zone: "gate", source: { kind: "folder", path: folder }, cooldownS: 0 };
  await using house = await openHouseWithPlatform({
    kit: { ...kit, cameras: [camera] },
    gateway: { spool: { bytesMax: 1_048_576, reserveFreeBytes: 0 } },
    policy: {
      events: { timeBucketS: 1, evictFirst: ["snapshot", "light.level"] },
      cameras: { cam: { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 1000 } },
    },
  });
  await house.setAway(true);
  const gateway = await house.start();
  const login = { username: "bridge_z2m", password: await house.bridgePassword("z2m") };
  for (const [index, name] of ["sample1.jpg", "sample2.jpg"].entries()) {
    await copyFile(join(PHOTOGRAPHS, name), join(folder, name));
    await expect.poll(() => house.counter("snapshot.made.redacted"), { timeout: 60_000 }).toBe(index + 1);
  }
  expect((await readdir(join(house.dataDir, "images"))).length).toBe(2);

  using bridge = await openRawClient(house.brokerPort);
  bridge.send(connectPacket({ clientId: "z2m", ...login }));
  await bridge.next(PACKET.connack);
  const publish = (messageId: number, topic: string, payload: object) =>
    bridge.send(publishPacket({ topic, payload: JSON.stringify(payload), qos: 1, messageId }));
  for (let n = 1; n <= 20; n++) publish(n, "zigbee2mqtt/lamp", { state: n % 2 === 0 ? "ON" : "OFF" });
  for (let n = 1; n <= LEVELS; n++) publish(100 + n, "zigbee2mqtt/lux", { illuminance: n });
  for (let acknowledged = 0; acknowledged < 20 + LEVELS; acknowledged++) await bridge.next(PACKET.puback);
  expect(gateway.log.join("\n"), "the buffer was full").toContain("the oldest entries go unsent");
  expect(await readdir(join(house.dataDir, "images")), "the pictures went, with their files").toEqual([]);

  await house.setAway(false);
  await house.drained();
  // What is live when the platform is back overtakes the backlog.
  const levels = house
    .events()
    .flatMap(({ data }) => (typeof data["lux"] === "number" ? [data["lux"]] : []))
    .toSorted((a, b) => a - b);
  expect(levels.at(-1), "the newest is there").toBe(LEVELS);
  expect(levels, "the oldest went").toEqual(
    Array.from({ length: levels.length }, (_, n) => LEVELS - levels.length + 1 + n),
  );
  expect(levels.length).toBeGreaterThan(200);
  const of = (type: string) => house.events().filter((each) => each.type === `hedgerow.${type}.v1`);
  expect(of("light.state").length, "what the policy does not name stays").toBe(20);
  expect(of("gateway.status").length).toBe(1);
  expect(of("snapshot.redacted").length).toBe(0);
  expect(house.holes()).toEqual([]);
  expect(house.conflicts()).toBe(0);
  const [made, forwarded, evicted] = ["made", "forwarded", "evicted"].map((what) =>
    house.counter(`entry.${what}.main`),
  );
  expect(made).toBe((forwarded ?? 0) + (evicted ?? 0));
  expect(evicted).toBeGreaterThan(LEVELS - levels.length);
});

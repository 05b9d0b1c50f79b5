// Shown: a person's wish to erase on a whole gateway: what the platform has already and what waits while it is away both go,
// with all numbers named and all sums held; the house goes on, and after `kill -9` nothing of it comes back.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const device = (id: string) => ({
  id,
  profile: "zigbee2mqtt/illuminance",
  topic: `zigbee2mqtt/${id}`,
  zone: `zone-of-${id}`,
});
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [device("gone"), device("stays")],
};

async function say(house: House, password: string, luxes: readonly number[]): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
  for (const illuminance of luxes)
    for (const id of ["gone", "stays"])
      await client.publishAsync(`zigbee2mqtt/${id}`, JSON.stringify({ illuminance }), { qos: 1 });
  await client.endAsync(true);
}

const luxesOf = (house: House, id: string) =>
  house
    .events()
    .filter(({ type, data }) => type === "hedgerow.light.level.v1" && data["zone"] === `zone-of-${id}`)
    .map(({ data }) => data["lux"]);

async function databasesWith(house: House, mark: string): Promise<string[]> {
  const names = (await readdir(house.dataDir)).filter((name) => name.startsWith("spool.db") && !name.endsWith("-shm"));
  const found: string[] = [];
  for (const name of names) if ((await readFile(join(house.dataDir, name))).includes(mark)) found.push(name);
  return found;
}

test("of one device everything goes here and on the platform, sent or waiting; of the other nothing", async () => {
  await using house = await openHouseWithPlatform({ kit });
  const gateway = await house.start();
  const password = await house.bridgePassword("z2m");
  await say(house, password, [101, 102]);
  await house.drained();
  expect([luxesOf(house, "gone"), luxesOf(house, "stays")]).toEqual([
    [101, 102],
    [101, 102],
  ]);
  await house.setAway(true);
  await say(house, password, [103, 104]);
  const erase = ["erase", "--device", "gone", "--config", house.config, "--json"];
  const held = JSON.parse(await house.hedgerow(...erase, "--dry-run"));
  expect(held.byType).toMatchObject({ "hedgerow.light.level.v1": 2 });
  expect(JSON.parse(await house.hedgerow(...erase, "--yes"))).toMatchObject({ isDone: true, erased: held });
  await expect.poll(() => databasesWith(house, '"zone":"zone-of-gone"'), { timeout: 30_000 }).toEqual([]);
  expect(await gateway.end("SIGKILL")).toBeNull();
  await house.setAway(false);
  await house.start();
  await say(house, password, [105]);
  await house.drained();
  expect([luxesOf(house, "gone"), luxesOf(house, "stays")]).toEqual([[105], [101, 102, 103, 104, 105]]);
  // The platform's own numbers: what was erased there came, and is in none of the holes that a tombstone names.
  const named = house.events().flatMap(({ data }) => (Array.isArray(data["sequences"]) ? data["sequences"] : []));
  expect(named.length).toBe(held.entries);
  expect(house.counter("entry.erased.main")).toBe(held.entries);
  expect(
    JSON.parse((await house.hedgerow("ledger", "show", "--kind", "erasure", "--json", "--config", house.config)).trim())
      .says,
  ).toEqual({
    askedBy: "command-line",
    entries: held.entries,
    rejected: 0,
    pictures: 0,
  });
});

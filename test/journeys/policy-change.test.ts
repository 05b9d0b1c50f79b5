// Shown: a policy that becomes tighter acts on what waits, too (I10): the platform is away while events gather, the policy is
// tightened, and after the next start nothing leaves that the new one would not have made; tombstones name it. Looser: all leaves.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "porch" }],
};

/** Four walk-bys with a light level each while the platform is away; then the gateway stops. */
async function gather(house: House): Promise<void> {
  await house.setAway(true);
  const gateway = await house.start();
  const password = await house.bridgePassword("z2m");
  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
  for (let n = 0; n < 8; n++) {
    const payload = JSON.stringify({ occupancy: n % 2 === 0, illuminance: 100 + n, battery: 50 });
    await client.publishAsync("zigbee2mqtt/pir", payload, { qos: 1 });
  }
  await client.endAsync(true);
  expect(await gateway.end("SIGTERM")).toBe(0);
}

/** Beside the events: the ledger has both policies by their digests, and what the second one erased. */
async function inLedger(house: House): Promise<void> {
  const said = async (kind: string) =>
    (await house.hedgerow("ledger", "show", "--kind", kind, "--json", "--config", house.config))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).says);
  const policy = await readFile(join(house.directory, "policy.yaml"));
  const after = createHash("sha256").update(policy).digest("hex");
  const first = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(await said("policy-change")).toEqual([
    { before: first, after, tighter: expect.any(Number), looser: expect.any(Number) },
    { before: null, after: first },
  ]);
  await expect.poll(() => said("tombstone"), { timeout: 10_000, interval: 500 }).toMatchObject([{ how: "erased" }]);
  expect(await house.hedgerow("ledger", "verify", "--config", house.config)).toContain("is whole");
}

/** Starts again under the changed policy, with the platform back, and gives the types that it then holds. */
async function typesUnder(house: House, events: object): Promise<string[]> {
  const path = join(house.directory, "policy.yaml");
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), events }));
  await house.setAway(false);
  await house.start();
  await house.drained();
  return house.events().map(({ type }) => type.replace("hedgerow.", ""));
}

test("what a tighter policy would not have made is erased with its name in a tombstone, and does not leave", async () => {
  await using house = await openHouseWithPlatform({ kit });
  await gather(house);
  const types = await typesUnder(house, { timeBucketS: 1, motion: { mode: "none" }, light: false });
  expect(types).not.toContain("motion.detected.v1");
  expect(types).not.toContain("light.level.v1");
  expect(types).toContain("device.status.v1");
  expect(types).toContain("tombstone.v1");
  expect(house.holes()).toEqual([]);
  await inLedger(house);
});

test("a coarser time bucket erases the finer times that wait", async () => {
  await using house = await openHouseWithPlatform({ kit });
  await gather(house);
  const types = await typesUnder(house, { timeBucketS: 3600, motion: { mode: "each" } });
  expect(types.filter((type) => type.startsWith("motion") || type.startsWith("light"))).toEqual([]);
  expect(house.holes()).toEqual([]);
});

test("a looser policy, or the same, takes nothing back", async () => {
  await using house = await openHouseWithPlatform({ kit });
  await gather(house);
  const types = await typesUnder(house, { timeBucketS: 1, motion: { mode: "each" }, fields: { batteryPct: true } });
  expect(types.filter((type) => type === "motion.detected.v1").length).toBe(4);
  expect(types.filter((type) => type === "light.level.v1").length).toBe(8);
  expect(types).not.toContain("tombstone.v1");
});

// Shown: a policy is tightened while pictures wait for a platform that is away (I10): within seconds of the start everything
// outside the new one is gone from spool.db, its log and images/, every number is named, and the platform, once it is back, gets
// only what the new policy allows. SOAK=1: with a thousand pictures.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { breachesOf } from "../helpers/allowed-by.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { MASK } from "../helpers/policies.ts";
import { markersIn, query } from "../helpers/test-spool.ts";
import { addPicture } from "../helpers/waiting-pictures.ts";

const PICTURES = process.env["SOAK"] ? 1000 : 40;
/** From the start of the program to the last byte; a machine with many tests at once has its own idea of a second. */
const SECONDS = { timeout: 60_000, interval: 100 };
const CAMERA = { purpose: { en: "See whether the gate was left open" }, until: "2030-01-01" };
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "porch" }],
};
const before = {
  events: { timeBucketS: 1, motion: { mode: "each" }, fields: { batteryPct: true, linkPct: true } },
  cameras: { "gate-cam": CAMERA },
};
const after = {
  events: { timeBucketS: 60, motion: { mode: "each" }, zones: false },
  cameras: { "gate-cam": { ...CAMERA, masks: [MASK] } },
};

/** Light, motion and battery of one device, and pictures of which the gate's camera took each light level's place. */
async function gather(house: House): Promise<void> {
  await house.setAway(true);
  const gateway = await house.start();
  const client = await house.connectBridge();
  const said = Array.from({ length: PICTURES }, (_, n) => ({
    occupancy: n % 2 === 0,
    illuminance: 100 + n,
    battery: 50,
  }));
  await Promise.all(said.map((each) => client.publishAsync("zigbee2mqtt/pir", JSON.stringify(each), { qos: 1 })));
  await client.endAsync(true);
  expect(await gateway.end("SIGTERM")).toBe(0);
  const rows = query(house.dataDir, "SELECT sequence FROM entries WHERE type='hedgerow.light.level.v1'");
  expect(rows).toHaveLength(PICTURES);
  for (const { sequence } of rows)
    await addPicture(house.dataDir, { sequence: Number(sequence), bytes: 2000, camera: "gate-cam", isSnapshot: true });
}

const images = (house: House): Promise<string[]> => readdir(join(house.dataDir, "images"));

test(`${PICTURES} pictures that wait, and fields and zones, are gone within seconds of a tighter policy, and are named`, async () => {
  await using house = await openHouseWithPlatform({ kit, policy: before });
  await gather(house);
  // As events say it: what the house remembers of a device is its own.
  const markers = ["snapshot.redacted", '"batteryPct":50},"sequence"', '"zone":"porch"'];
  expect([(await images(house)).length, await markersIn(house.dataDir, markers)]).toEqual([PICTURES, markers]);
  const newest = Number(query(house.dataDir, "SELECT max(sequence) AS n FROM entries")[0]?.["n"]);

  const path = join(house.directory, "policy.yaml");
  const tighter = { ...JSON.parse(await readFile(path, "utf8")), ...after };
  await writeFile(path, JSON.stringify(tighter));
  await house.start();
  await expect
    .poll(async () => [await images(house), await markersIn(house.dataDir, markers)], SECONDS)
    .toEqual([[], []]);

  await house.setAway(false);
  await house.drained();
  expect(house.holes()).toEqual([]);
  const policy = SCHEMAS.policy.parse(tighter);
  const behind = { timezone: "UTC", sun: null };
  // What the house says of itself holds no reading, and keeps the times with which it was offered.
  const own = /^hedgerow\.(gateway\.status|policy\.changed)\.v1$/;
  const told = house.events().filter(({ type, sequence }) => !(own.test(type) && Number(sequence) <= newest));
  expect(told.flatMap((event) => breachesOf(event, policy, behind))).toEqual([]);
  expect(house.platform.store.stats()).toMatchObject({ conflicts: 0, snapshots: 0 });
  const changes = house.events().filter(({ type }) => type === "hedgerow.policy.changed.v1");
  expect(changes.map(({ data }) => [data["change"], Number(data["tighter"]) > 2, data["looser"]])).toEqual([
    ["in-force", false, 0],
    ["in-force", true, 0],
  ]);
});

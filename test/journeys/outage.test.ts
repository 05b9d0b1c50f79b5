// Shown: store and forward with the real program: the platform is away for thousands of events, then all arrive, each once,
// in order per device; a stop under load loses nothing that was acknowledged. `EVENTS` sets how many (npm run soak: 10,000).
import { expect, test } from "vitest";
import { loadEventSchemas, violationsOf } from "../forward/contract-schemas.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 4000);
const DEVICES = 10;

const deviceIds = Array.from({ length: DEVICES }, (_, n) => `lux-${n}`);
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: deviceIds.map((id) => ({ id, profile: "zigbee2mqtt/illuminance", topic: `zigbee2mqtt/${id}`, zone: id })),
};

const luxOf = (house: House, id: string): unknown[] =>
  house
    .events()
    .filter(({ type, data }) => type === "hedgerow.light.level.v1" && data["zone"] === id)
    .map(({ data }) => data["lux"]);

test(`the platform is away for ${EVENTS} events, across a restart of the gateway; then all arrive, each once, in order per device`, async () => {
  await using house = await openHouseWithPlatform({ kit });
  await house.setAway(true);
  const gateway = await house.start();
  const client = await house.connectBridge();
  await Promise.all(
    Array.from({ length: EVENTS }, (_, n) => {
      const payload = JSON.stringify({ illuminance: Math.floor(n / DEVICES) });
      return client.publishAsync(`zigbee2mqtt/lux-${n % DEVICES}`, payload, { qos: 1 });
    }),
  );
  await client.endAsync(true);
  expect(await gateway.end("SIGTERM")).toBe(0);
  expect(house.events()).toEqual([]);
  await house.start();
  await house.setAway(false);
  await house.drained();
  for (const [index, id] of deviceIds.entries()) {
    const count = Math.ceil((EVENTS - index) / DEVICES);
    expect(luxOf(house, id), id).toEqual(Array.from({ length: count }, (_, n) => n));
  }
  expect(house.holes()).toEqual([]);
  expect(house.conflicts()).toBe(0);
  const schemas = await loadEventSchemas();
  expect(house.events().flatMap((event) => violationsOf(event, schemas))).toEqual([]);
});

test("a stop under load ends in time with exit code 0, and everything acknowledged is there after the next start", async () => {
  await using house = await openHouseWithPlatform({ kit });
  const gateway = await house.start();
  const client = await house.connectBridge();
  let acknowledged = 0;
  const closed = new Promise<void>((resolve) => client.once("close", resolve));
  const sending = (async () => {
    for (let n = 0; ; n++) {
      const publish = client.publishAsync("zigbee2mqtt/lux-0", JSON.stringify({ illuminance: n }), { qos: 1 });
      const isThere = await Promise.race([publish.then(() => true).catch(() => false), closed.then(() => false)]);
      if (!isThere) return;
      acknowledged = n + 1;
    }
  })();
  await expect.poll(() => acknowledged, { timeout: 60_000 }).toBeGreaterThan(200);
  expect(await gateway.end("SIGTERM")).toBe(0);
  await sending;
  client.end(true);
  await house.start();
  await house.drained();
  const levels = new Set(luxOf(house, "lux-0"));
  expect(Array.from({ length: acknowledged }, (_, n) => n).filter((n) => !levels.has(n))).toEqual([]);
});

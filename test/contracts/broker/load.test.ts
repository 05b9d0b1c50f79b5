// Shown: many devices that each send many QoS 1 messages at once, on the whole program as a process: every message is
// acknowledged, and after kill -9 every acknowledged one is on disk, in its device's order. SOAK=1: 200 devices with 50.
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { openDatabase } from "../../../src/core/database.ts";
import { openHouse } from "../../helpers/gateway-process.ts";
import { manyDevices } from "../../helpers/many-devices.ts";

const [DEVICES, MESSAGES] = process.env["SOAK"] === undefined ? [100, 20] : [200, 50];

test(`${DEVICES} devices send ${MESSAGES} messages each at once: all acknowledged, on disk, in order`, async () => {
  const { kit, password, prepare } = manyDevices(DEVICES);
  await using house = await openHouse({
    kit,
    prepare,
    // Nobody takes anything, so that all of it stays in the spool.
    platform: [{ id: "main", kind: "https", url: "http://127.0.0.1:9" }],
  });
  const gateway = await house.start();
  const url = `mqtt://127.0.0.1:${house.brokerPort}`;
  const clients = await Promise.all(
    kit.devices.map(({ id }) => connectAsync(url, { clientId: id, username: id, password, reconnectPeriod: 0 })),
  );
  const acknowledged = await Promise.all(
    clients.flatMap((client, n) =>
      Array.from({ length: MESSAGES }, (_, lux) =>
        client.publishAsync(`sensors/lux-${n}`, JSON.stringify({ illuminance: lux + 1 }), { qos: 1 }),
      ),
    ),
  );
  expect(acknowledged.length).toBe(DEVICES * MESSAGES);
  await gateway.end("SIGKILL");
  for (const client of clients) client.end(true);
  const levels = new Map<string, number[]>();
  const database = openDatabase(join(house.dataDir, "spool.db"));
  for (const { body } of database.prepare("SELECT body FROM entries ORDER BY sequence").all()) {
    const { type, data } = JSON.parse(String(body));
    if (type !== "hedgerow.light.level.v1") continue;
    levels.set(data.zone, [...(levels.get(data.zone) ?? []), data.lux]);
  }
  database.close();
  const inOrder = Array.from({ length: MESSAGES }, (_, n) => n + 1);
  for (const { id } of kit.devices) expect(levels.get(id), id).toEqual(inOrder);
});

// A real gateway answers as the API is described: the whole house with a bridge, sensors and a lamp, through its own door.
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openGateway } from "../../src/gateway.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { OPERATIONS } from "../../src/web/api-operations.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";

const FREE = { host: "127.0.0.1", port: 0 };
const GATEWAY = `gateway: { id: elm-street, dataDir: ./data }
platform: [{ id: main, kind: https, url: "https://127.0.0.1:9/hedgerow" }]
`;
const KIT = `bridges: [{ id: z2m, family: zigbee2mqtt, base: zigbee2mqtt }]
devices:
  - { id: porch-motion, profile: zigbee2mqtt/occupancy, topic: zigbee2mqtt/porch_motion, zone: porch }
  - { id: lamp-3, profile: tasmota/relay, topic: lamp3, zone: path, lamp: { litWhen: night } }
`;

test("what a real gateway answers is what is described, and nothing beside it", async () => {
  await using folder = await settingsFolder({ gateway: GATEWAY, kit: KIT });
  const loaded = await loadSettings(folder.file);
  const { broker } = loaded.gateway;
  const settings = { ...loaded, gateway: { ...loaded.gateway, broker: { ...broker, listen: FREE }, status: FREE } };
  const stop = new AbortController();
  await using gateway = await openGateway({ settings, clock: systemClock, log: silentLog }, stop.signal);
  const url = `http://127.0.0.1:${gateway.statusPort}`;
  const entered = await fetch(`${url}/api/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: gateway.setupCode, passphrase: PASSPHRASE }),
  });
  const cookie = entered.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const slips: string[] = [];
  for (const { method, path, answer } of OPERATIONS) {
    if (method !== "GET" || !("schema" in answer) || path.startsWith("/api/v1/cameras/")) continue;
    const answered = await fetch(url + path.replace("{id}", "lamp-3"), { headers: { cookie } });
    const value: unknown = await answered.json();
    const { data, error } = answer.schema.safeParse(value);
    // Schemas drop what they do not name.
    if (error !== undefined) slips.push(`${path}: ${error.message}`);
    else expect.soft(value, path).toEqual(data);
  }
  expect(slips).toEqual([]);
});

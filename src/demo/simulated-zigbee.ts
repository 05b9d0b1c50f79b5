// Three Zigbee sensors as Zigbee2MQTT speaks for them: one login, states with repeats, retained messages, availability.
// Source: zigbee2mqtt.io, "MQTT topics and messages" and the pages of the sensors SNZB-03, RTCGQ11LM and GZCGQ01LM.
import { waitFor } from "../core/wait.ts";
import { type Login, type Message, openSimulatedClient, type SimulatedClient } from "./simulated-client.ts";
import { around, repeatedly } from "./simulated-time.ts";

const BASE = "zigbee2mqtt";

type Motion = { readonly name: string; battery: number; illuminance: number; occupancy: boolean };

export type SimulatedZigbee = AsyncDisposable & {
  /** Somebody walks through the gate, now. */
  walkThroughGate(): void;
};

/** Runs until `stop` aborts. */
export function openSimulatedZigbee(
  { broker, login }: { broker: string; login: Login },
  stop: AbortSignal,
): SimulatedZigbee {
  const porch: Motion = { name: "porch_motion", battery: 94, illuminance: 38, occupancy: false };
  const gate: Motion = { name: "gate_motion", battery: 71, illuminance: 21, occupancy: false };
  const client = openSimulatedClient({
    broker,
    login,
    clientId: `mqttjs_${Math.random().toString(16).slice(2, 10)}`,
    will: { topic: `${BASE}/bridge/state`, payload: { state: "offline" } },
    birth: () => [
      { topic: `${BASE}/bridge/state`, payload: { state: "online" }, isRetained: true },
      ...["porch_motion", "gate_motion", "path_lux"].map((name) => ({
        topic: `${BASE}/${name}/availability`,
        payload: { state: "online" },
        isRetained: true,
      })),
      stateOf(porch),
      stateOf(gate),
      light(),
    ],
    commands: `${BASE}/+/set`,
  });
  const walkPast = (sensor: Motion) => {
    // A sensor that still sees the last person says so first: the platform is to see a new one.
    if (sensor.occupancy) client.send(stateOf(Object.assign(sensor, { occupancy: false })));
    client.send(stateOf(Object.assign(sensor, { occupancy: true, illuminance: around(sensor.illuminance, 4) })));
  };
  const walkers = new Set<Promise<void>>();
  const rounds = [
    repeatedly({ firstMs: 1500, everyMs: 14_000 }, () => visit({ sensor: porch, walkPast, client }, stop), stop),
    repeatedly({ firstMs: 3000, everyMs: 16_000 }, () => visit({ sensor: gate, walkPast, client }, stop), stop),
    repeatedly({ firstMs: 1000, everyMs: 7000 }, () => client.send(light()), stop),
  ];
  return {
    walkThroughGate: () => {
      const walker = visit({ sensor: gate, walkPast, client }, stop).finally(() => walkers.delete(walker));
      walkers.add(walker);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...rounds, ...walkers]);
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Somebody comes, the sensor repeats itself, and after a while it sees nobody any more. */
async function visit(
  { sensor, walkPast, client }: { sensor: Motion; walkPast: (sensor: Motion) => void; client: SimulatedClient },
  stop: AbortSignal,
) {
  walkPast(sensor);
  await waitFor(1200, stop);
  client.send(stateOf(sensor));
  await waitFor(3800, stop);
  client.send(stateOf(Object.assign(sensor, { occupancy: false })));
}

function stateOf({ name, battery, illuminance, occupancy }: Motion): Message {
  const linkquality = around(110, 20);
  const update = { installed_version: 8451, latest_version: 8451, state: "idle" };
  return {
    topic: `${BASE}/${name}`,
    payload: { battery, illuminance, linkquality, occupancy, update, voltage: 2900 + battery },
    isRetained: true,
  };
}

function light(): Message {
  return {
    topic: `${BASE}/path_lux`,
    payload: { battery: 88, illuminance: around(45, 30), linkquality: around(96, 12), voltage: 3000 },
  };
}

// From starting the program to the first acknowledged message, and what it holds in memory when idle.
import { connectAsync } from "mqtt";
import { openHouse } from "../helpers/gateway-process.ts";
import { residentMiB } from "./events.ts";

export async function benchStart() {
  const kit = {
    bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
    devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
  };
  await using house = await openHouse({ kit });
  const { password } = JSON.parse(
    await house.hedgerow("bridge", "credentials", "z2m", "--config", house.config, "--json"),
  );
  const times: number[] = [];
  let idleRssMiB = 0;
  for (let round = 0; round < 3; round++) {
    const startedAt = performance.now();
    const gateway = await house.start();
    const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
    await client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance: round }), { qos: 1 });
    times.push(Math.round(performance.now() - startedAt));
    idleRssMiB = await residentMiB(gateway.child.pid);
    client.end(true);
    await gateway.end("SIGTERM");
  }
  return { toFirstAcknowledgementMs: times.toSorted((a, b) => a - b)[1], idleRssMiB };
}

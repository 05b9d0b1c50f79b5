// The demo's sensors as a program: six devices over MQTT, as Zigbee2MQTT and Tasmota speak. The first line of standard input is
// {"broker", "bridge": {"username", "password"}, "tasmota": {"lamp3": {…}, "yardpir": {…}, "streetlux": {…}}}; a later line
// `motion` makes somebody walk through the gate. Ends when the input closes.
import { z } from "zod";
import { announce, readInstructions } from "./first-line.ts";
import { Login } from "./simulated-client.ts";
import { openSimulatedTasmota } from "./simulated-tasmota.ts";
import { openSimulatedZigbee } from "./simulated-zigbee.ts";

const Config = z.strictObject({
  broker: z.url({ protocol: /^mqtts?$/ }),
  bridge: Login,
  tasmota: z.strictObject({ lamp3: Login, yardpir: Login, streetlux: Login }),
});

const { config, lines } = await readInstructions(Config);
const stop = new AbortController();
await using zigbee = openSimulatedZigbee({ broker: config.broker, login: config.bridge }, stop.signal);
await using _tasmota = openSimulatedTasmota({ broker: config.broker, logins: config.tasmota }, stop.signal);
announce({ kit: "running" });

for await (const line of lines) {
  if (line.trim() === "motion") zigbee.walkThroughGate();
}
stop.abort();

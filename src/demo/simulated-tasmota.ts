// Three Tasmota devices, each with its own login: a lamp's relay, a motion sensor on a switch input, and a BH1750 light sensor.
// They send what real ones send, the name and address of the Wi-Fi included: none of that may ever arrive at the platform.
// Source: tasmota.github.io, "MQTT" (prefixes tele, stat, cmnd; LWT) and "JSON status responses".
import { waitFor } from "../core/wait.ts";
import { type Login, type Message, openSimulatedClient, type SimulatedClient } from "./simulated-client.ts";
import { around, repeatedly } from "./simulated-time.ts";

/** `topic`: the device's Tasmota topic, such as lamp3. */
type Device = { readonly topic: string; readonly login: Login };

/** Runs until `stop` aborts. Topics: lamp3 is a relay, yardpir a motion sensor, streetlux a light sensor. */
export function openSimulatedTasmota(
  { broker, logins }: { broker: string; logins: Readonly<Record<TasmotaTopic, Login>> },
  stop: AbortSignal,
): AsyncDisposable {
  const open = (topic: TasmotaTopic) => openTasmota({ broker, device: { topic, login: logins[topic] } });
  const clients = { lamp: open("lamp3"), pir: open("yardpir"), lux: open("streetlux") };
  const rounds = [runLamp(clients.lamp, stop), runPir(clients.pir, stop), runLux(clients.lux, stop)];
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(rounds);
      await Promise.all(Object.values(clients).map((client) => client[Symbol.asyncDispose]()));
    },
  };
}

export const TASMOTA_TOPICS = ["lamp3", "yardpir", "streetlux"] as const;
export type TasmotaTopic = (typeof TASMOTA_TOPICS)[number];

function openTasmota({ broker, device: { topic, login } }: { broker: string; device: Device }): SimulatedClient {
  const lwt = `tele/${topic}/LWT`;
  return openSimulatedClient({
    broker,
    login,
    clientId: `DVES_${topic.toUpperCase()}`,
    will: { topic: lwt, payload: "Offline" },
    birth: () => [{ topic: lwt, payload: "Online", isRetained: true }],
    commands: `cmnd/${topic}/#`,
  });
}

async function runLamp(client: SimulatedClient, stop: AbortSignal): Promise<void> {
  let power = "OFF";
  const telling = repeatedly({ firstMs: 1200, everyMs: 10_000 }, () => client.send(stateOf("lamp3", power)), stop);
  await repeatedly(
    { firstMs: 2500, everyMs: 18_000 },
    () => {
      power = power === "ON" ? "OFF" : "ON";
      client.send({ topic: "stat/lamp3/RESULT", payload: { POWER: power } });
      client.send({ topic: "stat/lamp3/POWER", payload: power });
    },
    stop,
  );
  await telling;
}

async function runPir(client: SimulatedClient, stop: AbortSignal): Promise<void> {
  const tell = (action: string) => {
    client.send({ topic: "stat/yardpir/RESULT", payload: { Switch1: { Action: action } } });
    client.send(sensor("yardpir", { Switch1: action }));
  };
  await repeatedly(
    { firstMs: 2000, everyMs: 20_000 },
    async () => {
      tell("ON");
      await waitFor(4000, stop);
      tell("OFF");
    },
    stop,
  );
}

async function runLux(client: SimulatedClient, stop: AbortSignal): Promise<void> {
  await repeatedly(
    { firstMs: 1800, everyMs: 9000 },
    () => client.send(sensor("streetlux", { BH1750: { Illuminance: around(60, 40) } })),
    stop,
  );
}

function sensor(topic: string, values: Readonly<Record<string, unknown>>): Message {
  return { topic: `tele/${topic}/SENSOR`, payload: { Time: localTime(), ...values } };
}

function stateOf(topic: string, power: string): Message {
  const wifi = {
    AP: 1,
    SSId: "ElmStreet-Guest",
    BSSId: "A4:91:B1:5C:0D:2E",
    Channel: 6,
    Mode: "11n",
    RSSI: 74,
    Signal: -63,
    LinkCount: 1,
    Downtime: "0T00:00:03",
  };
  const uptimeS = Math.floor(process.uptime());
  const payload = {
    Time: localTime(),
    Uptime: `0T00:00:${uptimeS % 60}`,
    UptimeSec: uptimeS,
    Heap: 25,
    Sleep: 50,
    LoadAvg: 19,
    MqttCount: 1,
    POWER: power,
    Wifi: wifi,
  };
  return { topic: `tele/${topic}/STATE`, payload };
}

/** Tasmota writes local time without a zone. */
function localTime(): string {
  return new Date().toISOString().slice(0, 19);
}

// The sentences of set-up lines in the reader's language, for the families that most people have: devices/*.yaml has them in
// English alone, and what is typed is the same in every language.
import type { Language, MessageKey } from "../languages/say.ts";

/** As it stands in devices/*.yaml, or is made in registry/pairing.ts; sentences that hold values are not here. */
export const SENTENCES: ReadonlyMap<string, MessageKey> = new Map([
  ["Open the device's page, Consoles, Console, and type this one line:", "pairing.do-tasmota-console"],
  ["The device restarts and shows up here within a minute.", "pairing.do-restarts"],
  [
    "Type one line more, so that the input follows the sensor and each change is sent at once:",
    "pairing.do-tasmota-input",
  ],
  [
    "Type one line more, so that the input follows the contact and each change is sent at once:",
    "pairing.do-tasmota-contact",
  ],
  [
    "Open the device's own page, Settings, MQTT, and tick Enable MQTT, RPC status notifications over MQTT and Generic status update over MQTT.",
    "pairing.do-shelly-open",
  ],
  ["Press Save, and reboot the device.", "pairing.do-shelly-save"],
  [
    "Open the device's own page, Internet & Security, Advanced - Developer settings, and tick Enable action execution via MQTT.",
    "pairing.do-shelly-old-open",
  ],
  ["Tick Use custom MQTT prefix.", "pairing.do-shelly-old-prefix"],
  ["Press Save. The device restarts and shows up here within a minute.", "pairing.do-shelly-old-save"],
  [
    "Open Zigbee2MQTT's configuration.yaml (or Settings, MQTT in its page) and write these lines:",
    "pairing.do-zigbee-open",
  ],
  ["Restart Zigbee2MQTT. Within a minute the page shows this bridge as online.", "pairing.do-zigbee-restart"],
  ["Pair the device in Zigbee2MQTT's own page (Permit join).", "pairing.do-zigbee-join"],
  [
    "Switch the Pi off and pull its plug before you touch a wire. An input bears 3.3 V: never connect 5 V to it, not for a moment.",
    "pairing.do-wire-off",
  ],
  [
    "The sensor's + (VCC) goes to header pin 1 (3.3 V). One that needs 5 V, such as the HC-SR501, goes to header pin 2 instead: its output has 3.3 V all the same.",
    "pairing.do-wire-plus",
  ],
  ["The sensor's - (GND) goes to header pin 6 (GND).", "pairing.do-wire-minus"],
]);

/** In the reader's language, or null where there are only the English words. */
export function saidAs(line: string, { say }: Language): string | null {
  const key = SENTENCES.get(line);
  return key === undefined ? null : say(key);
}

// Wired sensors of a kit: each has a pin of its own and a profile for wires, and nobody else speaks below gpio/.
import { isWireTopic } from "../core/topics.ts";
import type { Complaint } from "./issues.ts";
import type { DeviceSettings, Kit } from "./schema.ts";

/** The family of profiles whose devices are wires (devices/gpio.yaml). */
const WIRED = "gpio/";

/** Keys of a device that mean something with a pin only. */
const WIRE_KEYS = ["chip", "activeLow", "debounceMs", "pull"] as const;

/** Complaints about pins, about what goes with them, and about topics that are kept for them. */
export function checkWires({ bridges, devices }: Kit): Complaint[] {
  return [
    ...bridges.flatMap(({ id, base }, index) =>
      isWireTopic(base)
        ? [
            mistake(
              ["bridges", index, "base"],
              `the base ${base} of bridge ${id} is kept for wired sensors; choose another`,
            ),
          ]
        : [],
    ),
    ...devices.flatMap((device, index) =>
      device.pin === undefined ? checkUnwired(device, index) : checkWired(device, index, devices),
    ),
  ];
}

function checkUnwired(device: DeviceSettings, index: number): Complaint[] {
  const { id, topic, profile } = device;
  if (isWireTopic(topic))
    return [
      mistake(
        ["devices", index, "topic"],
        `the topic ${topic} of device ${id} is kept for wired sensors; write pin instead of topic, or choose another topic`,
      ),
    ];
  if (profile.startsWith(WIRED))
    return [
      mistake(
        ["devices", index],
        `device ${id} is a wired sensor and needs a pin, such as pin: 17, instead of a topic`,
      ),
    ];
  return WIRE_KEYS.filter((key) => device[key] !== undefined).map((key) => ({
    ...mistake(["devices", index, key], `device ${id} speaks MQTT, so ${key} does nothing; remove it`),
    severity: "warning" as const,
  }));
}

function checkWired({ id, topic, pin, profile }: DeviceSettings, index: number, devices: Kit["devices"]): Complaint[] {
  const other = devices.slice(0, index).find((earlier) => earlier.pin !== undefined && earlier.topic === topic);
  return [
    ...(other === undefined
      ? []
      : [
          mistake(
            ["devices", index, "pin"],
            `pin ${pin} of device ${id} is the pin of device ${other.id} too; give each its own`,
          ),
        ]),
    ...(profile.startsWith(WIRED)
      ? []
      : [
          mistake(
            ["devices", index, "profile"],
            `device ${id} is wired to pin ${pin}, but its profile ${profile} reads MQTT; choose one of ${WIRED}, such as ${WIRED}pir`,
          ),
        ]),
  ];
}

function mistake(path: Complaint["path"], text: string): Complaint {
  return { path, at: "value", text };
}

// Topics of a kit: nobody may speak in another's name (interfaces §3), so no two logins may own the same topics.
import { bridgeFor, isAnnouncement, isWireTopic, topicMistake } from "../core/topics.ts";
import type { Complaint } from "./issues.ts";
import type { BridgeSettings, CameraSettings, DeviceSettings, Kit } from "./schema.ts";

/** Complaints about the bases of bridges, the topics of devices and those of cameras. */
export function checkTopics(kit: Kit): Complaint[] {
  return [
    ...kit.bridges.flatMap((bridge, index) => checkBridge(kit, bridge, index)),
    // A wire has no topic of its own: wire-checks.ts looks at its pin.
    ...kit.devices.flatMap((device, index) => (device.pin === undefined ? checkDevice(kit, device, index) : [])),
    ...kit.cameras.flatMap((camera, index) => checkCamera(kit, camera, index)),
  ];
}

function checkBridge({ bridges }: Kit, { id, base }: BridgeSettings, index: number): Complaint[] {
  const at = (text: string): Complaint => ({ path: ["bridges", index, "base"], at: "value", text });
  const ill = base.endsWith("/") ? "ends with /; remove it" : topicMistake(base);
  if (ill !== null) return [at(`the base of bridge ${id} ${ill}`)];
  const other = bridges.slice(0, index).find((earlier) => overlap({ one: earlier.base, other: base }));
  return other === undefined
    ? []
    : [
        at(
          `the base ${base} of bridge ${id} overlaps with the base ${other.base} of bridge ${other.id}; give each its own`,
        ),
      ];
}

function checkDevice({ bridges, devices }: Kit, device: DeviceSettings, index: number): Complaint[] {
  const { id, topic } = device;
  const at = (text: string, severity?: "warning"): Complaint => ({
    path: ["devices", index, "topic"],
    at: "value",
    text,
    ...(severity !== undefined && { severity }),
  });
  const ill = topicMistake(topic);
  if (ill !== null) return [at(`the topic of device ${id} ${ill}`)];
  const above = bridges.find(({ base }) => topic === base || isBelow({ topic: base, base: topic }));
  if (above !== undefined)
    return [
      at(
        `the topic ${topic} of device ${id} covers the base of bridge ${above.id}; a device's topic lies below the base, or beside it`,
      ),
    ];
  const family = familyOf(device);
  const bridge = bridgeFor(bridges, topic);
  const kin = devices.slice(0, index).filter((earlier) => familyOf(earlier) === family);
  const owner = devices.find((other) => familyOf(other) === family && isBelow({ topic, base: other.topic }));
  return [
    ...kin
      .filter((earlier) => earlier.topic === topic)
      .map((rival) =>
        at(
          `the topic ${topic} of device ${id} overlaps with the topic ${rival.topic} of device ${rival.id}; give each its own`,
        ),
      ),
    // As behind a Zigbee bridge with Tasmota; below a bridge of the kit both are the bridge's.
    ...(owner !== undefined && bridge === undefined
      ? [
          at(
            `the topic ${topic} of device ${id} lies below the topic ${owner.topic} of device ${owner.id}, whose login speaks for it`,
            "warning",
          ),
        ]
      : []),
    ...(bridge !== undefined && bridge.family !== family && family !== "discovered"
      ? [
          at(
            `device ${id} has a profile of ${family}, but its topic lies below bridge ${bridge.id} of ${bridge.family}; its messages will not be understood`,
            "warning",
          ),
        ]
      : []),
  ];
}

/** A camera's topic is its own: what comes there is a picture, and nothing else is. */
function checkCamera({ devices, cameras }: Kit, { id, source }: CameraSettings, index: number): Complaint[] {
  if (source.kind !== "mqtt") return [];
  const { topic } = source;
  const at = (text: string): Complaint[] => [{ path: ["cameras", index, "source", "topic"], at: "value", text }];
  const ill = topicMistake(topic);
  if (ill !== null) return at(`the topic of camera ${id} ${ill}`);
  if (isWireTopic(topic)) return at(`topics below gpio/ belong to wired sensors; give camera ${id} another`);
  if (isAnnouncement(topic)) return at(`on ${topic} devices announce themselves; give camera ${id} another topic`);
  const device = devices.find((other) => other.topic === topic);
  if (device !== undefined) return at(`the topic ${topic} of camera ${id} is device ${device.id}'s; give each its own`);
  const rival = cameras.slice(0, index).find((other) => other.source.kind === "mqtt" && other.source.topic === topic);
  if (rival === undefined) return [];
  return at(`the topic ${topic} of camera ${id} is camera ${rival.id}'s; give each its own`);
}

function overlap({ one, other }: { one: string; other: string }): boolean {
  return one === other || isBelow({ topic: one, base: other }) || isBelow({ topic: other, base: one });
}

function isBelow({ topic, base }: { topic: string; base: string }): boolean {
  return bridgeFor([{ base }], topic) !== undefined;
}

/** Families wrap a topic differently (`tele/{topic}/…`), so that `lamp` of one is not `lamp` of another. */
function familyOf({ profile }: DeviceSettings): string {
  return profile.split("/", 1)[0] ?? profile;
}

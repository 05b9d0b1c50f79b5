// The demo's kit as data: what stands in its kit.yaml and policy.yaml, and what the simulated devices behave like.
import type { Kit, Policy } from "../settings/schema.ts";

/** Zigbee2MQTT speaks for three devices through one login; three Tasmota devices have a login each. */
export const DEMO_KIT: Omit<Kit, "cameras"> = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [
    {
      id: "porch-motion",
      name: "Porch motion",
      profile: "zigbee2mqtt/occupancy",
      topic: "zigbee2mqtt/porch_motion",
      zone: "porch",
    },
    {
      id: "gate-motion",
      name: "Gate motion",
      profile: "zigbee2mqtt/occupancy",
      topic: "zigbee2mqtt/gate_motion",
      zone: "gate",
    },
    {
      id: "path-lux",
      name: "Path light level",
      profile: "zigbee2mqtt/illuminance",
      topic: "zigbee2mqtt/path_lux",
      zone: "path",
    },
    { id: "lamp-3", name: "Lamp 3", profile: "tasmota/relay", topic: "lamp3", zone: "path" },
    { id: "yard-pir", name: "Yard motion", profile: "tasmota/switch-pir", topic: "yardpir", zone: "yard" },
    { id: "street-lux", name: "Street light level", profile: "tasmota/sensor", topic: "streetlux", zone: "street" },
  ],
};

/** The demo's one camera; `url` is where camera-process.ts listens, `credentialsFile` holds its `user:password`. */
export function demoCamera({ url, credentialsFile }: { url: string; credentialsFile: string }): Kit["cameras"][number] {
  const source = { kind: "http-snapshot" as const, url, credentialsFile };
  return { id: "gate-cam", name: "Gate camera", zone: "gate", source, triggers: ["gate-motion"], cooldownS: 5 };
}

/** A policy under which one sees something within seconds; a real community rounds times more and counts motion. */
export const DEMO_POLICY: Policy = {
  version: 1,
  draft: false,
  controller: { name: "Elm Street Association (demonstration)", contact: "privacy@elm.example" },
  languages: ["en", "es", "fr"],
  events: {
    timeBucketS: 1,
    retentionHoursOf: {},
    retentionHours: 720,
    motion: { mode: "each" },
    light: true,
    fields: { batteryPct: true, linkPct: false },
    lightOfMotionSensors: true,
    perDay: {},
    pseudonyms: "quarterly",
    zones: true,
    cellLetters: 6,
    evictFirst: ["snapshot", "light.level", "motion"],
  },
  quiet: { zones: [], hours: [] },
  changes: { noticeHours: 24 },
  cameras: {
    "gate-cam": {
      purpose: {
        en: "See whether the gate was left open after dark",
        es: "Ver si la puerta quedó abierta de noche",
        fr: "Voir si le portail est resté ouvert la nuit",
      },
      until: "2099-12-31",
      snapshotsPerDay: 5000,
      retentionHours: 72,
      masks: [],
      redact: { level: "normal", whenUnsure: "withhold", persons: false },
    },
  },
};

// The device families of the house behind a page under test.
import type { Commands } from "../../src/core/commands.ts";

export const FAMILIES: ReturnType<Commands["listFamilies"]> = [
  {
    id: "tasmota",
    title: "Tasmota",
    about: "Any ESP device with Tasmota firmware.",
    brands: ["NOUS", "Athom"],
    bridgeBase: null,
    profiles: [
      { id: "tasmota/relay", title: "A relay or lamp", kinds: ["switch", "link"] },
      { id: "tasmota/switch-pir", title: "A motion sensor on Switch1", kinds: ["motion", "link", "online"] },
    ],
  },
  {
    id: "zigbee2mqtt",
    title: "Zigbee2MQTT",
    about: "One login for Zigbee2MQTT, which speaks for all its devices.",
    bridgeBase: "zigbee2mqtt",
    profiles: [{ id: "zigbee2mqtt/occupancy", title: "Motion sensor", kinds: ["motion", "illuminance", "battery"] }],
  },
  {
    id: "gpio",
    title: "Wired sensors (GPIO)",
    about: null,
    bridgeBase: null,
    profiles: [{ id: "gpio/pir", title: "Motion sensor (PIR) on a pin", kinds: ["motion"] }],
  },
];

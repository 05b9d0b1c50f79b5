// Announcements of a made-up shed's sensors for Home Assistant, as Zigbee2MQTT and its like send them.
import type { Login } from "../../src/core/arrival.ts";
import type { Site } from "./approvals-site.ts";

/** What a made-up sensor announces for Home Assistant, in the abbreviated form; `more` adds to it or overrides it. */
const device = { ids: ["0x0000000000000001"], name: "Anna's shed", mdl: "PIR 3000" };
export const motion = (topic: string, more: object = {}) => ({
  name: "Motion",
  uniq_id: `${topic}-motion`,
  stat_t: topic,
  dev_cla: "motion",
  val_tpl: "{{ value_json.occupancy }}",
  pl_on: true,
  pl_off: false,
  dev: device,
  ...more,
});
export const lux = (topic: string, more: object = {}) => ({
  uniq_id: `${topic}-lux`,
  stat_t: topic,
  dev_cla: "illuminance",
  unit_of_meas: "lx",
  val_tpl: "{{ value_json.lux }}",
  dev: device,
  ...more,
});

export const announceShed = (at: Site, login: Login): void => {
  at.say("homeassistant/binary_sensor/1/motion/config", motion("z2m/shed"), login);
  at.say("homeassistant/sensor/1/lux/config", lux("z2m/shed"), login);
};

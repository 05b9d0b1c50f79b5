// Which fields say who or where somebody is: no profile may read one, whoever wrote it.

/** Field names that say who or where somebody is. A message of nothing else is dropped whole; no profile may read one. */
const IDENTITY =
  /^(b?ssid|mac|mac_?addr(ess)?|address|ip(_?addr(ess)?)?|ieee(_?addr(ess)?)?|dev_?eui|imei|imsi|gps|lat(itude)?|lo?ng(itude)?|lon|location|(friendly_?|user_?|device_?)?name|hostname|person|user|sub_label|label|face|plate|recognized_license_plate|phone|email)$/i;

/** Whether a field of this name says who or where somebody is. */
export function isIdentityName(name: string): boolean {
  return IDENTITY.test(name);
}

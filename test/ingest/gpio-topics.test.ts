// Shown: below gpio/ only wires speak. Whatever the kit says, no login by MQTT may publish there, and what a site's broker
// brings of it is nobody's.
import { expect, test } from "vitest";
import { createExplainer } from "../../src/cli/explainer.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { createRouter } from "../../src/profiles/router.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const router = createRouter(profiles, {
  // As an older registry, or a hand, may have it.
  bridges: [{ id: "greedy", family: "zigbee2mqtt", base: "gpio" }],
  devices: [
    { id: "gate-pir", profile: "gpio/pir", topic: "gpio/pi/17" },
    { id: "liar", profile: "generic/json", topic: "gpio/pi/17" },
    { id: "lamp", profile: "tasmota/relay", topic: "lamp" },
  ],
});
const logins = [
  { kind: "device", id: "gate-pir" },
  { kind: "device", id: "liar" },
  { kind: "device", id: "lamp" },
  { kind: "bridge", id: "greedy" },
  { kind: "site", id: "site" },
] as const;

test.each(["gpio", "gpio/pi/17", "gpio/pi/17/line", "gpio/pi/18"])("nobody may publish %s by MQTT", (topic) => {
  for (const login of logins) expect(router.mayPublish(login, topic), login.id).toBe(false);
});

test("a topic that only looks alike is its owner's", () => {
  expect(router.mayPublish({ kind: "device", id: "lamp" }, "tele/lamp/STATE")).toBe(true);
});

test("what comes on a wire's topic is the wired device's, and nobody's by a bridge or a site's broker", () => {
  expect(router.route("gpio/pi/17", { kind: "device", id: "gate-pir" })).toMatchObject({ device: { id: "gate-pir" } });
  expect(router.route("gpio/pi/17/line", { kind: "device", id: "gate-pir" })).toMatchObject({
    device: { id: "gate-pir" },
  });
  for (const login of logins.slice(3)) {
    expect(router.route("gpio/pi/17", login)).toEqual({ kind: "unknown", reason: "no-profile" });
  }
});

test("a wired device hears nothing", () => {
  for (const filter of ["#", "gpio/#", "gpio/pi/17", "gpio/pi/17/set"])
    expect(router.maySubscribe({ kind: "device", id: "gate-pir" }, filter)).toBe(false);
});

test("explain knows a kit's wire by its topic, though nobody may publish there", () => {
  const kit = { bridges: [], devices: [{ id: "gate-pir", profile: "gpio/pir", topic: "gpio/pi/17" }] };
  const explain = createExplainer({ profiles, kit, profile: undefined });
  const ask = (topic: string, payload: string) =>
    explain({ topic, payload: Buffer.from(payload), atMs: 0, isReplay: false });
  expect(ask("gpio/pi/17", "1")).toMatchObject({ outcome: "readings", device: "gate-pir", profile: "gpio/pir" });
  expect(ask("gpio/pi/17/line", "gone")).toMatchObject({ readings: [{ kind: "online", value: false }] });
  expect(ask("gpio/pi/18", "1")).toMatchObject({ outcome: "dropped", reason: "no-profile" });
});

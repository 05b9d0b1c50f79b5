// Whose message it is and who may say or hear what (I8): each login reaches its own and nothing else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { createRouter } from "../../src/profiles/router.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const device = (id: string, profile: string, topic: string) => ({ id, profile, topic });
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [
    device("porch", "zigbee2mqtt/occupancy", "zigbee2mqtt/porch"),
    device("porch-lamp", "zigbee2mqtt/lamp", "zigbee2mqtt/porch/lamp"),
    device("porch-avail", "zigbee2mqtt/contact", "zigbee2mqtt/porch/availability"),
    device("shed", "zigbee2mqtt/occupancy", "zigbee2mqtt/Схрон/дверь 🚪"),
    device("lamp3", "tasmota/relay", "lamp3"),
    device("lamp33", "tasmota/relay", "lamp33"),
    device("own", "generic/json", "sensors/own"),
    device("odd", "no/such", "sensors/odd"),
    device("wide", "generic/json", "sensors/+"),
    device("wider", "generic/json", "#"),
  ],
};
const router = createRouter(profiles, kit);
const bridge = { kind: "bridge", id: "z2m" } as const;
const as = (id: string) => ({ kind: "device", id }) as const;

test.each([
  ["zigbee2mqtt/porch", "porch"],
  ["zigbee2mqtt/porch/occupancy", "porch"],
  ["zigbee2mqtt/porch/lamp", "porch-lamp"],
  ["zigbee2mqtt/porch/lamp/availability", "porch-lamp"],
  ["zigbee2mqtt/porch/availability", "porch-avail"],
  ["zigbee2mqtt/Схрон/дверь 🚪", "shed"],
])("a bridge's message on %s is of %s", (topic, id) => {
  expect(router.route(topic, bridge)).toMatchObject({ kind: "device", device: { id } });
});

test("a bridge's own topics are its state", () => {
  for (const topic of ["zigbee2mqtt/bridge/state", "zigbee2mqtt/bridge/event", "zigbee2mqtt/bridge/request/x"]) {
    expect(router.route(topic, bridge)).toMatchObject({ kind: "bridge-state", bridge: { id: "z2m" } });
  }
});

test("a device behind a bridge that is not in the kit awaits approval", () => {
  expect(router.route("zigbee2mqtt/new one", bridge)).toEqual({ kind: "unknown", reason: "awaits-approval" });
  expect(router.route("zigbee2mqtt/porch/other", bridge)).toEqual({ kind: "unknown", reason: "awaits-approval" });
});

test("a bridge reaches nothing beside its base, not even devices of the kit", () => {
  for (const topic of ["tele/lamp3/STATE", "sensors/own", "zigbee2mqtt", "zigbee2mqtt2/porch", "/zigbee2mqtt/porch"]) {
    expect(router.route(topic, bridge)).toEqual({ kind: "unknown", reason: "no-profile" });
    expect(router.mayPublish(bridge, topic)).toBe(false);
  }
});

test("a device's login reaches itself alone", () => {
  expect(router.route("tele/lamp3/STATE", as("lamp3"))).toMatchObject({
    kind: "device",
    device: { id: "lamp3" },
    profileId: "tasmota/relay",
  });
  expect(router.mayPublish(as("lamp3"), "stat/lamp3/RESULT")).toBe(true);
  for (const topic of [
    "tele/lamp33/STATE",
    "tele/lamp3/a/b",
    "tele/lamp3",
    "cmnd/lamp3/POWER",
    "sensors/own",
    "$SYS/x",
    "zigbee2mqtt/porch",
    "tele/lamp3/../lamp33/STATE",
  ]) {
    expect(router.route(topic, as("lamp3")).kind, topic).toBe("unknown");
    expect(router.mayPublish(as("lamp3"), topic), topic).toBe(false);
  }
});

test("a device hears its own commands and nothing else", () => {
  for (const filter of ["cmnd/lamp3/#", "cmnd/lamp3/+", "cmnd/lamp3/POWER"])
    expect(router.maySubscribe(as("lamp3"), filter), filter).toBe(true);
  for (const filter of [
    "#",
    "+/lamp3/#",
    "cmnd/#",
    "cmnd/+/POWER",
    "cmnd/lamp33/#",
    "tele/lamp3/#",
    "$SYS/#",
    "$share/g/cmnd/lamp3/#",
    "",
  ]) {
    expect(router.maySubscribe(as("lamp3"), filter), filter).toBe(false);
  }
});

test("a bridge hears what lies below its base and nothing else", () => {
  for (const filter of ["zigbee2mqtt/#", "zigbee2mqtt/+/set", "zigbee2mqtt/porch/set"])
    expect(router.maySubscribe(bridge, filter), filter).toBe(true);
  for (const filter of ["#", "+/porch", "zigbee2mqtt", "zigbee2mqtt2/#", "$SYS/#", "$share/g/zigbee2mqtt/#"]) {
    expect(router.maySubscribe(bridge, filter), filter).toBe(false);
  }
});

test("a device whose topic holds wildcards gets no filter at all", () => {
  for (const id of ["wide", "wider"]) {
    for (const topic of ["sensors/own", "sensors/+", "#", "x"]) {
      expect(router.mayPublish(as(id), topic)).toBe(false);
      expect(router.maySubscribe(as(id), topic)).toBe(false);
    }
  }
  expect(() => profiles.publishFilters("generic/json", "a/#")).toThrow(/stand for any topic/);
  expect(() => profiles.commandFilters("generic/json", "+")).toThrow(/stand for any topic/);
});

test("a login that is not in the kit, and a device without a known profile, reach nothing", () => {
  for (const login of [as("nobody"), as("odd"), as("__proto__"), { kind: "bridge", id: "porch" } as const]) {
    expect(router.route("sensors/odd", login).kind).toBe("unknown");
    expect(router.mayPublish(login, "sensors/odd")).toBe(false);
    expect(router.maySubscribe(login, "sensors/odd/set")).toBe(false);
  }
});

test("whatever the topic, no device reaches what another device publishes", () => {
  const level = fc.oneof(
    fc.constantFrom("tele", "stat", "lamp3", "lamp33", "sensors", "own", "..", ""),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 5 }), (levels) => {
      const topic = levels.join("/");
      const mayPublish = ["lamp3", "lamp33", "own"].filter((id) => router.mayPublish(as(id), topic));
      return mayPublish.length <= 1;
    }),
  );
});

test("on the site's broker a message of several devices is taken apart below the bridge's own base", () => {
  const radio = { id: "radio", family: "rtl-433", base: "our/radio" };
  const drive = device("drive", "rtl-433/sensor", "our/radio/pi/events/generic-motion/1");
  const site = { kind: "site", id: "mosquitto" } as const;
  const ours = createRouter(profiles, { bridges: [radio], devices: [drive] });
  const topic = "our/radio/pi/events";
  expect(ours.speakerOf(site, topic)).toEqual({ family: "rtl-433", base: "our/radio" });
  const payload = Buffer.from(JSON.stringify({ model: "Generic-Motion", id: 1 }));
  const [part] = profiles.split({ topic, payload, ...ours.speakerOf(site, topic) });
  expect(ours.route(part?.topic ?? "", site, { isPart: true })).toMatchObject({ kind: "device", device: drive });
  expect(ours.speakerOf(site, "elsewhere/events")).toBeUndefined();
});

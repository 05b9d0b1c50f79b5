// Shown: a kit's mistakes about pins are named where they stand, and nobody else gets a topic below gpio/.
import { expect, test } from "vitest";
import { said } from "../helpers/settings-folder.ts";

const kit = (...devices: string[]) => ({ kit: `devices:\n${devices.map((device) => `  - ${device}\n`).join("")}` });

test("wired sensors on pins of their own are right", async () => {
  const { mistakes } = await said(
    kit(
      "{ id: gate-pir, profile: gpio/pir, pin: 17, zone: gate }",
      "{ id: gate-contact, profile: gpio/reed, pin: 5, activeLow: true, pull: up, debounceMs: 20, zone: gate }",
      "{ id: shed-pir, profile: gpio/pir, chip: pcf8574, pin: 5, zone: shed }",
    ),
  );
  expect(mistakes).toEqual([]);
});

test("two devices on one pin are a mistake, named at the second", async () => {
  const { mistakes } = await said(
    kit(
      "{ id: gate-pir, profile: gpio/pir, pin: 17, zone: gate }",
      "{ id: yard-pir, profile: gpio/pir, pin: 17, zone: yard }",
    ),
  );
  expect(mistakes).toEqual([
    "kit.yaml:3:45 pin 17 of device yard-pir is the pin of device gate-pir too; give each its own",
  ]);
});

test("a pin with a profile for MQTT, and a profile for pins without one, are mistakes", async () => {
  const { mistakes } = await said(
    kit("{ id: a, profile: tasmota/relay, pin: 17, zone: gate }", "{ id: b, profile: gpio/pir, topic: b, zone: gate }"),
  );
  expect(mistakes.join("\n")).toContain(
    "device a is wired to pin 17, but its profile tasmota/relay reads MQTT; choose one of gpio/, such as gpio/pir",
  );
  expect(mistakes.join("\n")).toContain(
    "device b is a wired sensor and needs a pin, such as pin: 17, instead of a topic",
  );
});

test.each(["gpio", "gpio/pi/17", "gpio/x"])("the topic %s is kept for wired sensors", async (topic) => {
  const { mistakes } = await said(kit(`{ id: a, profile: generic/json, topic: ${topic}, zone: gate }`));
  expect(mistakes.join("\n")).toContain(`the topic ${topic} of device a is kept for wired sensors`);
  const { mistakes: ofBridge } = await said({ kit: `bridges: [{ id: z2m, family: zigbee2mqtt, base: ${topic} }]\n` });
  expect(ofBridge.join("\n")).toContain(`the base ${topic} of bridge z2m is kept for wired sensors`);
});

test("a topic that only looks alike is anybody's", async () => {
  const { mistakes } = await said(kit("{ id: a, profile: generic/json, topic: gpios/17, zone: gate }"));
  expect(mistakes).toEqual([]);
});

test("keys of a wire on a device without one are warned of", async () => {
  const { warnings } = await said(kit("{ id: a, profile: generic/json, topic: a, activeLow: true, zone: gate }"));
  expect(warnings.join("\n")).toContain("device a speaks MQTT, so activeLow does nothing; remove it");
});

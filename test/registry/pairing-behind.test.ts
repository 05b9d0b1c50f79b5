// Shown here: who is heard through another's login is told so, and gets no lines with holes where a login would stand.
import { expect, test } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { addBridge, pairDevice } from "../../src/registry/pairing.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const kit = { bridges: [], devices: [], cameras: [] };
const profiles = await openProfiles({ directories: [builtInProfiles] });

test("what lies below a bridge or another device has nothing to type, whatever its profile would have typed", async () => {
  await using dir = await tempDir();
  await using registry = await openRegistry({ dataDir: dir.path, kit, log: silentLog });
  const pairing = { registry, profiles, fillSetup, broker: { host: "192.168.1.5", port: 1883 } };
  await addBridge({ ...pairing, ask: { family: "zigbee2mqtt", base: "z2m" } });
  await pairDevice({ ...pairing, ask: { profile: "tasmota/any", zone: "hall", name: "Hub" } });
  const below = await pairDevice({ ...pairing, ask: { profile: "generic/json", zone: "hall", topic: "z2m/odd one" } });
  expect(below).toMatchObject({
    username: null,
    setup: ["Nothing to type: bridge zigbee2mqtt speaks for it on z2m/odd one."],
  });
  const behind = await pairDevice({ ...pairing, ask: { profile: "tasmota/relay", zone: "hall", topic: "hub/zb1" } });
  expect(behind).toMatchObject({ username: null, setup: ["Nothing to type: device hub speaks for it on hub/zb1."] });
  // Lines that name no login stand as they are.
  const usual = await pairDevice({ ...pairing, ask: { profile: "zigbee2mqtt/contact", zone: "hall", name: "Door" } });
  expect(usual.setup.join(" ")).toContain("Zigbee2MQTT");
  expect(usual.setup.join(" ")).not.toMatch(/\{\w+\}/);
});

test("a bridge's family may be written as its program is", async () => {
  await using dir = await tempDir();
  await using registry = await openRegistry({ dataDir: dir.path, kit, log: silentLog });
  const pairing = { registry, profiles, fillSetup, broker: { host: "192.0.2.1", port: 1883 } };
  await addBridge({ ...pairing, ask: { family: "rtl_433", base: "rtl_433" } });
  expect(registry.data().bridges).toMatchObject([{ id: "rtl-433", family: "rtl-433", base: "rtl_433" }]);
});

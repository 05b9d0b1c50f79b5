// Shown here: a wired sensor is kept as a person said it is wired, and its set-up says where each wire goes.
import { expect, test } from "vitest";
import type { Commands } from "../../src/core/commands.ts";
import { silentLog } from "../../src/core/log.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { pairDevice } from "../../src/registry/pairing.ts";
import { tempDir } from "../helpers/temp-dir.ts";

type Wire = Pick<Parameters<Commands["pairDevice"]>[0], "pin" | "chip" | "activeLow" | "pull">;

test.each<[Wire, string, string]>([
  [{ pin: 22 }, "header pin 15, which is BCM 22", "header pin 17 (3.3 V)"],
  [{ pin: 5, activeLow: true, pull: "up" }, "header pin 29, which is BCM 5", "header pin 9 (GND)"],
  [{ pin: 3, chip: "pcf8574", activeLow: true, pull: "none" }, "line 3 of the chip pcf8574", "GND"],
  [{ pin: 40 }, "BCM 40", "header pin 17 (3.3 V)"],
])("the wire %j", async (wire, pin, rail) => {
  await using folder = await tempDir();
  const kit = { bridges: [], devices: [], cameras: [] };
  await using registry = await openRegistry({ dataDir: folder.path, kit, log: silentLog });
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  const broker = { host: "192.168.1.5", port: 1883 };
  const ask = { profile: "gpio/reed", zone: "porch", ...wire };
  const { setup, topic } = await pairDevice({ registry, profiles, fillSetup, broker, ask });
  expect(setup.join("\n")).toContain(`goes to ${pin}. The other goes, through a resistor of 1 kΩ, to ${rail};`);
  expect(topic).toBe(`gpio/${wire.chip ?? "pi"}/${wire.pin}`);
  expect(registry.data().devices).toEqual([{ ...ask, id: "reed-porch", topic, passwordHash: null }]);
});

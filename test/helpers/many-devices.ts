// A kit of many devices with a login each, made before the gateway starts: pairing each by the program would take minutes.
import { silentLog } from "../../src/core/log.ts";
import { hashPassword } from "../../src/registry/credentials.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { KitFile } from "../../src/settings/kit-schema.ts";

const PASSWORD = "0123456789abcdefghjkmnpqrs";

/** `more`: of the kit, beside them. `prepare` is for openHouse. Device n is `lux-<n>`, in a zone of that name, on the topic `sensors/lux-<n>`, illuminance as JSON. */
export function manyDevices(count: number, more: object = {}) {
  const plain = Array.from({ length: count }, (_, n) => ({
    id: `lux-${n}`,
    profile: "generic/json",
    topic: `sensors/lux-${n}`,
    zone: `lux-${n}`,
  }));
  const kit = KitFile.parse({ ...more, devices: [...plain, ...KitFile.parse({ cameras: [], ...more }).devices] });
  return {
    kit,
    password: PASSWORD,
    prepare: async (dataDir: string) => {
      await using registry = await openRegistry({ dataDir, kit, log: silentLog });
      const passwordHash = hashPassword(PASSWORD);
      await registry.update((data) => {
        for (const device of data.devices) device.passwordHash = passwordHash;
      });
    },
  };
}

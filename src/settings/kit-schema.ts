// kit.yaml: which bridges, devices and cameras there are. Descriptions here become config/kit.schema.json.
import { z } from "zod";
import { CameraEntry } from "./camera-schema.ts";
import { id, name } from "./forms.ts";

export const BridgeEntry = z.strictObject({
  id,
  family: z.string().min(1).describe("a family of devices/ that has a bridge, such as zigbee2mqtt"),
  base: z.string().min(1).describe("its login may publish and subscribe below this topic only"),
});

/** The keys of a device on a GPIO pin. */
const wire = {
  pin: z
    .int()
    .min(0)
    .max(1023)
    .optional()
    .describe("GPIO: the line's number on its chip; on a Pi the BCM number, such as 17"),
  chip: z.string().min(1).max(64).optional().describe("GPIO: the chip's label; by default the Pi's own pins"),
  activeLow: z.boolean().optional().describe("GPIO: true when the line is 0 while the sensor speaks"),
  debounceMs: z.int().min(0).max(10_000).optional().describe("GPIO: shorter changes are noise; 50 by default"),
  pull: z
    .enum(["up", "down", "none"])
    .optional()
    .describe("GPIO: the pin's resistor; needs gpiomon or the Pi's config.txt"),
};

/** Where a wired device's changes arrive in the house; below gpio/ no login may publish. */
export function wireTopic({ chip, pin }: { readonly chip?: string | undefined; readonly pin: number }): string {
  return `gpio/${chip ?? "pi"}/${pin}`;
}

export const DeviceEntry = z.strictObject({
  id,
  name: name.optional().describe("what people call it; never leaves the site"),
  profile: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "a profile is written <file>/<entry>, such as zigbee2mqtt/occupancy")
    .describe("how its messages are decoded"),
  topic: z.string().min(1).describe("its own topic; below a bridge's base the bridge's login speaks for it"),
  zone: id.describe("a named area"),
  ...wire,
  lamp: z
    .strictObject({
      litWhen: z
        .enum(["night", "never", "always"])
        .default("night")
        .describe(
          "when it should burn; night is while the sun stands more than 7° below the horizon at the site's cell",
        ),
    })
    .optional()
    .describe("a lamp that is watched: dark at night, burning by day or flickering is told"),
  watches: z.array(id).max(16).optional().describe("lamps whose light falls on this light sensor"),
});

/** As kit.yaml writes it: a wired device has a pin instead of a topic. */
const KitDevice = DeviceEntry.extend({ topic: DeviceEntry.shape.topic.optional() }).transform((device, context) => {
  const { topic, pin } = device;
  if (topic === undefined && pin === undefined)
    context.addIssue({ code: "custom", message: "needs a topic (MQTT) or a pin (GPIO)", path: ["topic"] });
  if (topic !== undefined && pin !== undefined)
    context.addIssue({ code: "custom", message: "a wired device has no topic of its own", path: ["topic"] });
  return { ...device, topic: topic ?? wireTopic({ chip: device.chip, pin: pin ?? 0 }) };
});

export const KitFile = z
  .strictObject({
    bridges: z.array(BridgeEntry).default([]).describe("logins that speak for many devices"),
    devices: z.array(KitDevice).default([]),
    cameras: z.array(CameraEntry).default([]),
    discovered: z
      .array(
        z.strictObject({
          name: id.describe("a device's profile names it as discovered/<name>"),
          entry: z.record(z.string(), z.json()).describe("as an entry under profiles in devices/*.yaml"),
        }),
      )
      .max(1000)
      .optional()
      .describe("profiles that devices announced themselves; `hedgerow kit export` writes them"),
  })
  .meta({ title: "Hedgerow: kit.yaml", description: "which bridges, devices and cameras there are" });

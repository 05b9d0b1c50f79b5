// What registry.json may hold; it is checked on load and before each write, so that a mistake of ours is never kept.
import { z } from "zod";
import { BridgeEntry, CameraEntry, DeviceEntry } from "../settings/kit-schema.ts";
import type { RegistryData } from "./registry.ts";

const login = { passwordHash: z.string().min(1).nullable() };

/** A newer Hedgerow writes a higher version when an older one could not read what it wrote. */
export const REGISTRY_VERSION = 1;

export const RegistryFile: z.ZodType<RegistryData> = z.strictObject({
  version: z.literal(REGISTRY_VERSION),
  bridges: uniqueById(BridgeEntry.extend(login)),
  devices: uniqueById(DeviceEntry.extend({ ...login, paused: z.boolean().exactOptional() })),
  cameras: uniqueById(CameraEntry),
  accounts: z.array(
    z.strictObject({
      user: z.string().min(1),
      role: z.enum(["steward", "volunteer"]),
      passphraseHash: z.string().min(1),
      createdAt: z.iso.datetime(),
    }),
  ),
});

function uniqueById<T extends z.ZodType<{ id: string }>>(element: T) {
  return z
    .array(element)
    .refine((things) => new Set(things.map(({ id }) => id)).size === things.length, "two have the same id");
}

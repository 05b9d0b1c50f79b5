// What is said on the command socket of changes to a device that exists.
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";

const id = z.string().min(1).max(256);

/** Also of the API, where the id stands in the path. */
export const CHANGE_ASK = { name: z.string().max(256).exactOptional(), zone: id.exactOptional() } as const;
export const REPLACE_ASK = {
  profile: id,
  topic: z.string().min(1).max(LIMITS.topicBytes).exactOptional(),
  pin: z.int().min(0).max(1023).exactOptional(),
  chip: id.exactOptional(),
  activeLow: z.boolean().exactOptional(),
  pull: z.enum(["up", "down", "none"]).exactOptional(),
} as const;
export const ANNOUNCED_ASK = { proposal: id, profile: id.exactOptional() } as const;

export const DEVICE_ASKS = {
  changeDevice: z.strictObject({ id, ...CHANGE_ASK }),
  replaceDevice: z.union([z.strictObject({ id, ...ANNOUNCED_ASK }), z.strictObject({ id, ...REPLACE_ASK })]),
};

// Lists that are answered on the command socket, checked at both ends.
import { z } from "zod";
import { READING_UNITS, type ReadingKind } from "../core/reading.ts";

const kind = z.custom<ReadingKind>((value) => typeof value === "string" && Object.hasOwn(READING_UNITS, value));

export const Devices = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    profile: z.string(),
    topic: z.string(),
    zone: z.string(),
    isPaired: z.boolean(),
  }),
);

export const Proposals = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    topic: z.string(),
    via: z.string(),
    profile: z.string().nullable(),
    why: z.string().nullable(),
    kinds: z.array(kind),
    deviceId: z.string().nullable(),
    heardAt: z.string(),
  }),
);

export const Requeued = z.object({
  requeued: z.number(),
  left: z.array(
    z.object({ id: z.string(), sinkId: z.string(), why: z.enum(["picture-gone", "past-its-hour", "sink-gone"]) }),
  ),
});

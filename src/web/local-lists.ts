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

export const Buffer = z.object({
  entries: z.number(),
  pictures: z.number(),
  bytes: z.number(),
  bytesMax: z.number(),
  disk: z.enum(["ok", "full", "failed"]),
  oldestAt: z.string().nullable(),
  hoursLeft: z.number().nullable(),
  deadLetters: z.number(),
  byClass: z.record(z.string(), z.number()).exactOptional(),
});

export const Sink = z.object({
  id: z.string(),
  state: z.string(),
  why: z.string().nullable(),
  lastAcceptedAt: z.string().nullable(),
  since: z.string().nullable().exactOptional(),
  until: z.string().nullable().exactOptional(),
});

export const PolicyHeld = z.object({
  sha256: z.string(),
  announced: z.object({ sha256: z.string(), hoursLeft: z.number(), approvals: z.number() }).nullable(),
});

export const Conservation = z.object({
  readings: z.object({
    taken: z.number(),
    ignored: z.number(),
    withheld: z.number(),
    counted: z.number(),
    made: z.number(),
    isBalanced: z.boolean(),
  }),
  sinks: z.array(
    z.object({
      id: z.string(),
      made: z.number(),
      forwarded: z.number(),
      rejected: z.number(),
      expired: z.number(),
      evicted: z.number(),
      erased: z.number(),
      waiting: z.number(),
      isBalanced: z.boolean(),
    }),
  ),
});

// How a camera's test goes over the command socket: the redacted picture, and nothing else of the camera, as base64.
import { z } from "zod";
import type { CameraTest } from "../core/commands.ts";
import type { WithheldReason } from "../core/house-fact.ts";

const tested = { ms: z.record(z.string(), z.number()), frameBytes: z.number().nullable() };
/** Reads what `written` wrote. */
export const Tested = z.discriminatedUnion("outcome", [
  z.object({
    ...tested,
    outcome: z.enum(["redacted", "empty", "mosaic"]),
    detail: z.string().nullable(),
    width: z.number(),
    height: z.number(),
    boxes: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])),
    jpeg: z.base64().transform((text) => Buffer.from(text, "base64")),
  }),
  z.object({
    ...tested,
    outcome: z.literal("withheld"),
    reason: z.custom<WithheldReason>((value) => typeof value === "string"),
    detail: z.string(),
    hint: z.string(),
  }),
]);

/** The answer as JSON can hold it. */
export function written(test: CameraTest): unknown {
  return test.outcome === "withheld" ? test : { ...test, jpeg: test.jpeg.toString("base64") };
}

// A person's wish to erase as it lies on the disk: written before anything is erased, so that a start after a power cut ends
// it; remembered afterwards until each platform has it, since an event that waits for long is past its hour; and in how coarse
// steps times were told lately, which the wish's span is widened by.
import { z } from "zod";
import type { ErasureAsk } from "./core/erasure-commands.ts";
import { ERASURE_LIMITS } from "./core/erasure-limits.ts";
import { GatewayError } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import { type ErasureScope, widened } from "./privacy/erasure-scope.ts";

export const WISH_KEY = "erase:wish";
export const TOLD_KEY = "erase:told";
export const BUCKET_KEY = "erase:bucket";

const moment = z.number().nullable();
const scope = { devices: z.array(z.string()), cameras: z.array(z.string()), fromMs: moment, toMs: moment };

const WishRecord = z.strictObject({
  version: z.literal(1),
  ...scope,
  by: z.enum(["steward", "command-line"]),
  atMs: z.number(),
  /** What has gone so far. */
  entries: z.number(),
  rejected: z.number(),
  pictures: z.number(),
  /** Whether the platforms' event is made. */
  isTold: z.boolean(),
});

/** What is being erased, and how far it is. */
export type Wish = Readonly<z.infer<typeof WishRecord>>;

/** Null where there is none, or damage took it. */
export function wishIn(state: ReadonlyMap<string, string>): Wish | null {
  return WishRecord.safeParse(parsed(state.get(WISH_KEY))).data ?? null;
}

const ToldRecord = z.array(z.strictObject({ ...scope, atMs: z.number() }));
/** What platforms were asked to erase, and when they were asked last. */
export type Told = Readonly<z.infer<typeof ToldRecord>[number]>;

export function toldIn(state: ReadonlyMap<string, string>): Told[] {
  return ToldRecord.safeParse(parsed(state.get(TOLD_KEY))).data ?? [];
}

/** The newest are kept. */
export function toldText(told: readonly Told[]): string {
  return JSON.stringify(told.slice(-ERASURE_LIMITS.wishesRemembered));
}

const BucketRecord = z.strictObject({ coarsestMs: z.number(), finerSinceMs: moment });
type Bucket = z.infer<typeof BucketRecord>;

/**
 * In how coarse steps the times of what may still wait were told: the policy's, or an earlier policy's coarser ones until all
 * that it made is past its hour. `text` null: that is remembered already.
 */
export function coarsestBucket(
  state: ReadonlyMap<string, string>,
  { bucketMs, nowMs }: { readonly bucketMs: number; readonly nowMs: number },
): { readonly coarsestMs: number; readonly text: string | null } {
  const kept = BucketRecord.safeParse(parsed(state.get(BUCKET_KEY))).data ?? null;
  const now = nextBucket(kept, { bucketMs, nowMs });
  const text = JSON.stringify(now);
  return { coarsestMs: now.coarsestMs, text: text === state.get(BUCKET_KEY) ? null : text };
}

function nextBucket(kept: Bucket | null, { bucketMs, nowMs }: { bucketMs: number; nowMs: number }): Bucket {
  if (kept === null || kept.coarsestMs <= bucketMs) return { coarsestMs: bucketMs, finerSinceMs: null };
  const { coarsestMs, finerSinceMs } = kept;
  if (finerSinceMs === null) return { coarsestMs, finerSinceMs: nowMs };
  return nowMs - finerSinceMs > LIMITS.eventTtlMs ? { coarsestMs: bucketMs, finerSinceMs: null } : kept;
}

/** What a person asks, checked and widened. Throws USAGE. */
export function scopeOf(
  { devices, cameras, from, to }: ErasureAsk,
  by: { readonly nowMs: number; readonly bucketMs: number; readonly coarsestMs: number },
): ErasureScope {
  if (devices.length + cameras.length > ERASURE_LIMITS.things)
    throw new GatewayError("USAGE", `one erasure names ${ERASURE_LIMITS.things} devices and cameras at most`);
  const [fromMs, toMs] = [momentOf(from), momentOf(to)];
  if (fromMs !== null && fromMs > by.nowMs)
    throw new GatewayError("USAGE", `${from} has not come yet: there is nothing from then on`);
  if (fromMs !== null && toMs !== null && toMs <= fromMs)
    throw new GatewayError("USAGE", "the period ends before it begins");
  return { devices: [...new Set(devices)], cameras: [...new Set(cameras)], ...widened({ fromMs, toMs }, by) };
}

function momentOf(time: string | undefined): number | null {
  if (time === undefined) return null;
  const ms = z.iso.datetime({ offset: true }).safeParse(time).success ? Date.parse(time) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new GatewayError("USAGE", `${JSON.stringify(time)} is no time in ISO 8601 with a time zone`);
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // damaged: as if it were not there
  }
}

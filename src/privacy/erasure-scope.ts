// Whom and when a person's wish to erase means, and whether something that was said falls under it. Where nobody can tell, it
// does: an entry too many is erased, never one too few.
import type { Pseudonyms } from "./pseudonyms.ts";

/** No device and no camera: all of them, and the house's own words stay. Epoch ms, the end not included; null: open. */
export type ErasureScope = {
  readonly devices: readonly string[];
  readonly cameras: readonly string[];
  readonly fromMs: number | null;
  readonly toMs: number | null;
};

/**
 * What an entry says of itself. `subject`: as in the CloudEvent; null where nobody can tell, since it is damaged. `fromMs`,
 * `toMs`: when what it says was so, epoch ms by its own word: of a count its window, else twice its moment; null where nobody
 * can tell. `isClockSure`: false where the clock was not believed that this word is from. `cameraId`: where it has a picture.
 */
export type SaidOfEntry = {
  readonly type: string;
  readonly subject: string | null;
  readonly cameraId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly isClockSure: boolean;
};

/** Of the house alone: they name no device and no camera, and the platform needs them to know what is missing. */
const HOUSE_WORDS: ReadonlySet<string> = new Set([
  "hedgerow.tombstone.v1",
  "hedgerow.gateway.status.v1",
  "hedgerow.policy.changed.v1",
  "hedgerow.erasure.requested.v1",
  "hedgerow.lost.v1",
]);

/** A camera whose name damage took from its picture (spool/reconcile.ts). */
const UNKNOWN_CAMERA = "unknown";

/**
 * The span widened until nothing of it can stand under an earlier moment: times are told rounded down, by `bucketMs` now and by
 * `coarsestMs` in what may still wait from before.
 */
export function widened(
  { fromMs, toMs }: Pick<ErasureScope, "fromMs" | "toMs">,
  { bucketMs, coarsestMs }: { readonly bucketMs: number; readonly coarsestMs: number },
): Pick<ErasureScope, "fromMs" | "toMs"> {
  const earlierMs = coarsestMs > bucketMs ? coarsestMs : 0;
  return {
    fromMs: fromMs === null ? null : Math.floor((fromMs - earlierMs) / bucketMs) * bucketMs,
    toMs: toMs === null ? null : Math.ceil(toMs / bucketMs) * bucketMs,
  };
}

export type IsMeant = (said: SaidOfEntry) => boolean;

/** Under any name that the devices and cameras have had up to now; the span alone decides when. `nowMs`: rather too late than too early. */
export function meantBy(scope: ErasureScope, by: { readonly pseudonyms: Pseudonyms; readonly nowMs: number }): IsMeant {
  const { pseudonyms, nowMs } = by;
  const ever = { fromMs: 0, toMs: nowMs };
  const { devices, cameras } = scope;
  const isForAll = devices.length === 0 && cameras.length === 0;
  const names = new Set([
    ...devices.flatMap((id) => pseudonyms.namesOf("device", id, ever)),
    ...cameras.flatMap((id) => pseudonyms.namesOf("camera", id, ever)),
  ]);
  return ({ type, subject, cameraId, isClockSure, ...said }) => {
    if (HOUSE_WORDS.has(type)) return false;
    const isOfCamera = cameraId !== null && (cameras.includes(cameraId) || cameraId === UNKNOWN_CAMERA);
    if (!isForAll && subject !== null && !isOfCamera && !names.has(subject)) return false;
    return !isClockSure || isWithin(said, scope);
  };
}

/** Both ends of what was said are told rounded down: what ends just where the span begins may reach into it. */
export function isWithin(
  said: { readonly fromMs: number | null; readonly toMs: number | null },
  { fromMs, toMs }: Pick<ErasureScope, "fromMs" | "toMs">,
): boolean {
  if (said.fromMs === null || said.toMs === null) return true;
  return (toMs === null || said.fromMs < toMs) && (fromMs === null || said.toMs >= fromMs);
}

// How long may a device be silent? Learned from how long it is, by listening time. The rule: its words are sorted into slots
// of an hour or more, and of each slot the longest gap is kept, for the last 24: at least a day, so that the night is in it.
// - A regular device (the longest of these gaps is at most three times the middle one) is late after three times its longest
//   gap and a minute: one lost report, or two, is not lateness. Its profile's bound, a day or ten minutes, no longer counts.
// - An irregular one (it speaks when something happens, or it was away for long within that day) keeps its profile's bound.
// - A profile's bound that is shorter than the middle gap is proven wrong: from the third slot on it is widened likewise.
// Tried and dropped: the last 16 gaps (a busy evening fills them, and then the sensor is late every night), and the gap that
// nine in ten slots stay within (the night is one slot, and is then left out).
import { z } from "zod";
import { PRESENCE_LIMITS } from "./presence-limits.ts";

/** One slot is this long, or as long as it takes until the device speaks again. */
const SLOT_MS = 3_600_000;
const SLOTS = 24;
/** So many slots may widen a bound; only all of them may tighten it. */
const SLOTS_TO_WIDEN = 3;
const REGULAR_RATIO = 3;
const GAPS_UNTIL_LATE = 3;
const SLACK_MS = 60_000;

/** `slotFromMs`: when the open slot began; `longestS`: the longest gap that ended in it; `slotsS`: those of earlier slots, oldest first. */
export const Heartbeat = z.strictObject({
  slotFromMs: z.number(),
  longestS: z.number().nonnegative(),
  slotsS: z.array(z.number().nonnegative()).max(SLOTS).readonly(),
});

/** Some 200 bytes of JSON; all times are listening time, gaps in whole seconds. */
export type Heartbeat = Readonly<z.infer<typeof Heartbeat>>;

/** The device spoke at `atMs` (listening time), `gapMs` after its last word. */
export function learnGap(
  heartbeat: Heartbeat | undefined,
  { gapMs, atMs }: { readonly gapMs: number; readonly atMs: number },
): Heartbeat {
  const { slotFromMs, longestS: before, slotsS } = heartbeat ?? { slotFromMs: atMs - gapMs, longestS: 0, slotsS: [] };
  const longestS = Math.max(before, Math.ceil(gapMs / 1000));
  if (atMs - slotFromMs < SLOT_MS) return { slotFromMs, longestS, slotsS };
  return { slotFromMs: atMs, longestS: 0, slotsS: [...slotsS, longestS].slice(-SLOTS) };
}

/** How long the device may be silent, in ms; `staleAfterMs` is what its profile says. */
export function silenceMsMax(heartbeat: Heartbeat | undefined, staleAfterMs: number): number {
  const slots = heartbeat?.slotsS ?? [];
  if (slots.length < SLOTS_TO_WIDEN) return staleAfterMs;
  const { middleMs, longestMs } = gapsOf(slots);
  const ceilingMs = Math.max(PRESENCE_LIMITS.silenceMsMax, staleAfterMs);
  const learnedMs = Math.min(Math.max(GAPS_UNTIL_LATE * longestMs + SLACK_MS, PRESENCE_LIMITS.silenceMsMin), ceilingMs);
  if (slots.length === SLOTS && longestMs <= REGULAR_RATIO * middleMs) return learnedMs;
  return middleMs > staleAfterMs ? Math.max(learnedMs, staleAfterMs) : staleAfterMs;
}

/**
 * How long the gateway listens after its start before it calls a silent device late: the gateway was away, not the device.
 * One gap as long as any; half of the profile's bound for a device that is not known yet. Bounded, since a gateway that is restarted
 * each night must still notice.
 */
export function graceMs(heartbeat: Heartbeat | undefined, staleAfterMs: number): number {
  const slots = heartbeat?.slotsS ?? [];
  const waitMs = slots.length < SLOTS_TO_WIDEN ? staleAfterMs / 2 : gapsOf(slots).longestMs;
  return Math.min(Math.max(waitMs, PRESENCE_LIMITS.silenceMsMin), PRESENCE_LIMITS.startGraceMsMax);
}

function gapsOf(slotsS: readonly number[]): { middleMs: number; longestMs: number } {
  const sorted = slotsS.toSorted((a, b) => a - b);
  const at = (index: number) => (sorted[index] ?? 0) * 1000;
  return { middleMs: at(Math.ceil(sorted.length / 2) - 1), longestMs: at(sorted.length - 1) };
}

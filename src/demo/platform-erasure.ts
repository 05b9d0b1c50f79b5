// What a wish to erase means at a platform: which of the gateway's events it is about (config/contract/README.md).
import { z } from "zod";

const Wish = z.looseObject({
  type: z.literal("hedgerow.erasure.requested.v1"),
  source: z.string(),
  sequence: z.string().regex(/^\d+$/),
  data: z.looseObject({
    subjects: z.array(z.string()),
    from: z.iso.datetime().optional(),
    to: z.iso.datetime().optional(),
  }),
});
export type Wish = z.infer<typeof Wish>;

/** Null for an event that is none. */
export function wishIn(event: unknown): Wish | null {
  return Wish.safeParse(event).data ?? null;
}

type Said = {
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/**
 * Whether the event is to be erased: of the same gateway, made before the wish whenever it arrives, of a subject that is named,
 * and within the span. Where the gateway did not believe its clock, nobody knows when it was: it is.
 */
export function isMeant(event: Said, { source, sequence, data: { subjects, from, to } }: Wish): boolean {
  if (event.source !== source || Number(event.sequence) >= Number(sequence)) return false;
  // The house's own words (tombstones, its status) are about nobody.
  if (event.subject === "gateway") return false;
  if (subjects.length > 0 && !subjects.includes(event.subject)) return false;
  if (event.data["clock"] !== "synced") return true;
  const [beginsMs, endsMs] = [msOf(event.data["from"], event.time), msOf(event.data["to"], event.time)];
  // Times are rounded down: what ends just where the span begins may reach into it.
  return (to === undefined || beginsMs < Date.parse(to)) && (from === undefined || endsMs >= Date.parse(from));
}

/** Of a count its window, of anything else its moment. */
function msOf(time: unknown, otherwise: string): number {
  return Date.parse(typeof time === "string" ? time : otherwise);
}

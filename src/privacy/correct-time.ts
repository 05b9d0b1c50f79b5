// Puts right the times of an event that was made while the clock was wrong. It is privacy's matter: a time that is moved must
// be rounded down again to the policy's bucket (I4), or it would tell more than the policy allows.
import { z } from "zod";

/** Of an event's body: what holds a time. */
const Times = z.looseObject({ time: z.iso.datetime(), recordedtime: z.iso.datetime(), expirytime: z.iso.datetime() });
const Data = z.looseObject({
  clock: z.literal("unsure"),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
/** Everything else is kept as it is, in its order. */
const Body = z.record(z.string(), z.unknown());

/** Gives the body with its times moved by `byMs` and `data.clock` synced; null for one that is not such an event. */
export type CorrectTime = (body: string, byMs: number) => string | null;

/** `timeBucketS`: the policy's. What is moved was rounded down already and is again, so it may say up to two buckets too early. */
export function createTimeCorrection({ timeBucketS }: { readonly timeBucketS: number }): CorrectTime {
  const bucketMs = timeBucketS * 1000;
  return (body, byMs) => {
    const event = Body.safeParse(parsed(body)).data;
    const inner = Body.safeParse(event?.["data"]).data;
    const times = Times.safeParse(event).data;
    const about = Data.safeParse(inner).data;
    if (times === undefined || about === undefined) return null;
    const move = (time: string): string =>
      new Date(Math.floor((Date.parse(time) + byMs) / bucketMs) * bucketMs).toISOString();
    const { time, recordedtime, expirytime } = times;
    const { from, to } = about;
    const span = { ...(from !== undefined && { from: move(from) }), ...(to !== undefined && { to: move(to) }) };
    return JSON.stringify({
      ...event,
      time: move(time),
      recordedtime: move(recordedtime),
      expirytime: move(expirytime),
      data: { ...inner, clock: "synced", ...span },
    });
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // damaged: it is left as it is, and its checksum keeps it here
  }
}

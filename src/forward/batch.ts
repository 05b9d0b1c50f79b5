// How entries become the body of one request.
import type { Entry } from "../spool/spool.ts";

/** The first entries that fit: at least one, and none with a picture but the first. */
export function takeBatch(
  entries: readonly Entry[],
  { bytesMax, eventsMax }: { bytesMax: number; eventsMax: number },
): readonly Entry[] {
  let bytes = 1;
  const end = entries.findIndex((entry, index) => {
    bytes += Buffer.byteLength(entry.body) + 1;
    return index > 0 && (bytes > bytesMax || index >= eventsMax || entry.image !== undefined);
  });
  return end === -1 ? entries : entries.slice(0, end);
}

/** A CloudEvents batch: the entries' stored JSON joined, so that an event's bytes are the same in every attempt (I6). */
export function bodyOf(batch: readonly Entry[]): string {
  return `[${batch.map(({ body }) => body).join(",")}]`;
}

/** One entry (none of none) to ask a platform that refuses, without a picture if there is one: asking again and again is not worth a picture each on a 2G link. */
export function probeOf(due: readonly Entry[]): readonly Entry[] {
  const light = due.find(({ image }) => image === undefined);
  return light === undefined ? due.slice(0, 1) : [light];
}

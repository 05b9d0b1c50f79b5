// What messages leave behind over a restart, as JSON in the spool's state: what has been told, what waits, who paused it. Marks
// of things are digests; no name or id of the kit stands in it.
import { z } from "zod";
import { TROUBLE_KINDS } from "../core/notices-commands.ts";
import { NOTHING_YET } from "./rhythm.ts";

const kind = z.enum(TROUBLE_KINDS);
const count = z.int().min(0);
const ms = z.number();

const Group = z.strictObject({ kind, count, lastedMs: ms });

/** `isDated`: whether the clock was believed. */
const Message = z.strictObject({
  id: z.string().min(1).max(64),
  atMs: ms,
  isDated: z.boolean(),
  what: z.enum(["needs-a-hand", "all-well"]),
  troubles: z.array(Group),
  untold: count,
  isLast: z.boolean(),
});
export type KeptMessage = Readonly<z.infer<typeof Message>>;

const LaneEntry = z.strictObject({ queue: z.array(Message), dropped: count, lastSentAtMs: ms.nullable() });
/** One way's: what waits, the oldest first; how many were given up since the last that was sent. */
export type Lane = {
  readonly queue: readonly KeptMessage[];
  readonly dropped: number;
  readonly lastSentAtMs: number | null;
};

/** A message for the page. `sent`: by how many ways it went. */
const Told = z.strictObject({
  id: z.string(),
  atMs: ms,
  what: z.enum(["needs-a-hand", "all-well"]),
  troubles: z.array(Group),
  sent: count,
});

const Kept = z.strictObject({
  version: z.literal(1),
  rhythm: z.strictObject({
    troubles: z.array(z.strictObject({ kind, mark: z.string(), lastedMs: ms, wellMs: ms, isTold: z.boolean() })),
    isTold: z.boolean(),
    day: z.string(),
    made: count,
    untold: count,
  }),
  paused: z.strictObject({ by: z.string(), atMs: ms }).nullable(),
  lanes: z.record(z.string(), LaneEntry),
  messages: z.array(Told),
});
export type KeptNotices = z.infer<typeof Kept>;

/** Of nothing, and of what cannot be read: as new. At worst something is told once more. */
export function keptNotices(text: string | undefined): KeptNotices {
  const read = Kept.safeParse(text === undefined ? undefined : parsed(text)).data;
  return read ?? { version: 1, rhythm: { ...NOTHING_YET, troubles: [] }, paused: null, lanes: {}, messages: [] };
}

export function noticesText(kept: KeptNotices): string {
  return JSON.stringify(kept);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}

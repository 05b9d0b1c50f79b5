// When the gateway says no to a change: the sentence a person reads and the HTTP status a program reads.
import { ERROR_CODES, GatewayError } from "../core/errors.ts";

export type Refused = { readonly status: 400 | 404 | 409 | 429 | 503; readonly sentence: string };

/** A person can do something about these; any other is a mistake of ours. */
const STATUS: Readonly<Record<string, Refused["status"]>> = {
  USAGE: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  DEVICE_OFFLINE: 409,
  TOO_SOON: 429,
  SPOOL_FULL: 503,
  DATA_DIR_UNUSABLE: 503,
};

/** Its message names files, which is for who sits at the machine. */
const DISK_REFUSES =
  "Nothing was changed: the gateway cannot write to its disk. Perhaps it is full, or the card is worn out.";

/** What to answer. Throws what was thrown when no person can mend it. */
export function refusalOf(thrown: unknown): Refused {
  const status = thrown instanceof GatewayError ? STATUS[thrown.code] : undefined;
  if (!(thrown instanceof GatewayError) || status === undefined) throw thrown;
  if (thrown.code === "DATA_DIR_UNUSABLE") return { status, sentence: DISK_REFUSES };
  // A hint of the table speaks to who types commands; one of the thrower's own fits what was asked.
  const hint = thrown.hint === ERROR_CODES[thrown.code] ? "" : ` ${thrown.hint}`;
  return { status, sentence: `${thrown.message.charAt(0).toUpperCase()}${thrown.message.slice(1)}.${hint}` };
}

// The bounds of single commands on the command socket, each with its reason (I7); those of all are in core/limits.ts.
import { ERASURE_LIMITS } from "../core/erasure-limits.ts";
import { LIMITS } from "../core/limits.ts";

/** `ms`: from connecting to the answer. `answerBytes`: the line that comes back. */
type CommandBounds = { readonly ms: number; readonly answerBytes: number };

const USUAL: CommandBounds = { ms: LIMITS.commandMs, answerBytes: LIMITS.commandBytes };

/** A camera's picture: the camera's own time, the redactor's for this picture and for one before it. */
const LOOK_MS = LIMITS.grabMs + 2 * LIMITS.redactMs;

const OWN: Readonly<Record<string, CommandBounds>> = {
  // Base64 makes four bytes of three; 1,000 boxes take 40 KiB.
  testCamera: { ms: LOOK_MS, answerBytes: Math.ceil((LIMITS.frameBytes * 4) / 3) + LIMITS.commandBytes },
  // What is held is counted twice, a million entries at most; after that it goes on by itself.
  holdings: { ...USUAL, ms: ERASURE_LIMITS.countMs },
  erase: { ...USUAL, ms: 2 * ERASURE_LIMITS.countMs + ERASURE_LIMITS.answerMs },
  // The whole log, as large as its file may be.
  listDisclosures: { ...USUAL, answerBytes: ERASURE_LIMITS.disclosureBytes },
  lookNow: { ...USUAL, ms: LOOK_MS },
};

/** A camera that is busy is asked again, for as long as one look takes. */
export const LOOK_TRIES = { tries: 25, waitMs: 2000 } as const;

/** Of a command by its name; the usual ones for a name that nobody knows. */
export function boundsOf(command: string): CommandBounds {
  return (Object.hasOwn(OWN, command) ? OWN[command] : undefined) ?? USUAL;
}

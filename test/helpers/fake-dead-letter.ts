// An event that a platform rejected, for pages that show it.
import type { DeadLetterView } from "../../src/core/spool-commands.ts";

/** Something that a platform rejected an hour ago. */
export function fakeDeadLetter(change: Partial<DeadLetterView> = {}): DeadLetterView {
  return {
    sinkId: "main",
    id: "0000000000000042-5f0c9b7e21d4a6f80b13",
    type: "hedgerow.light.level.v1",
    why: "422 lux is larger than the sun",
    at: new Date(Date.now() - 3_600_000).toISOString(),
    expiresAt: new Date(Date.now() + 71 * 3_600_000).toISOString(),
    ...change,
  };
}

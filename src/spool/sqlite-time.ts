// What the spool does to the hours of its rows when the clock is set.
import type { Database } from "../core/database.ts";

/** Called within a transaction only. `firstOfThisRun`: the sequence of the first entry that this run of the program makes. */
export function createTimeWriter(database: Database, { firstOfThisRun }: { readonly firstOfThisRun: number }) {
  const shift = [
    "UPDATE entries SET made_at=made_at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
    "UPDATE dead SET at=at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
    "UPDATE pictures SET taken_at=taken_at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
  ].map((text) => database.prepare(text));
  return {
    /** What was made in this run lives as long as it would have, had the clock been right from the start. */
    shift(byMs: number): void {
      for (const statement of shift) statement.run(byMs, firstOfThisRun);
    },
  };
}

// What spool.db tells the ledger: notes that are committed with what they speak of, and carried over afterwards.
import { createHash } from "node:crypto";
import type { HouseFact } from "../core/house-fact.ts";
import { LEDGER_LIMITS } from "./ledger-limits.ts";

/** A note as the spool gives it (spool/spool.ts, LedgerNote). */
export type SpoolNote = {
  readonly number: number;
  readonly kind: string;
  readonly body: string;
  readonly atMs: number;
};

/**
 * The ledger's line of a tombstone, in the batch of the tombstone itself: of what goes with it now. What it names again of an
 * earlier one, whose place it takes, has its line already. `sequences`: ranges, both ends included; the platform has them, too.
 * Of a fact that no entries went of, none.
 */
export function tombstoneNotes(
  fact: HouseFact,
  discard?: { readonly sequences: readonly number[] },
): { kind: "tombstone"; body: string; atMs: number }[] {
  if (fact.kind !== "entries-gone") return [];
  const { how, why, atMs } = fact;
  const { sequences } = discard ?? fact;
  const body = JSON.stringify({ how, why: why ?? null, entries: sequences.length, sequences: rangesOf(sequences) });
  return [{ kind: "tombstone", body, atMs }];
}

function rangesOf(sequences: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const sequence of sequences.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && sequence <= last[1] + 1) last[1] = sequence;
    else ranges.push([sequence, sequence]);
  }
  return ranges;
}

/** What a note is known by once it was carried: spool.db may have been made anew, and count from 1 again. */
export function printOf({ kind, body, atMs }: SpoolNote): string {
  return createHash("sha256").update(`${kind}\n${atMs}\n${body}`).digest("hex").slice(0, 32);
}

/** A body that is too long for a line is named by its digest: it lies with what made it. */
export function boundedBody(body: string): string {
  const bytes = Buffer.byteLength(body);
  if (bytes <= LEDGER_LIMITS.bodyBytes) return body;
  return JSON.stringify({ bytes, sha256: createHash("sha256").update(body).digest("hex") });
}

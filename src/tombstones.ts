// Entries that go unsent, and the tombstone that names them, in one transaction (I6).
import type { Clock } from "./core/clock.ts";
import type { HouseFact } from "./core/house-fact.ts";
import { LIMITS } from "./core/limits.ts";
import type { EventRoad } from "./event-road.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly spool: Pick<Spool, "lastTombstone" | "tombstonesAmong">;
  readonly tell: EventRoad["tell"];
  readonly clock: Pick<Clock, "nowMs">;
};

type Gone = Pick<Extract<HouseFact, { kind: "entries-gone" }>, "how" | "why" | "sequences">;

/**
 * Discards the entries, LIMITS.tombstoneSequences at most, and resolves when that is on disk. The tombstone takes the place of
 * the last one of its kind that still waits, and of those that are discarded, and names what they named: else an outage in which
 * one entry goes each minute would leave as many tombstones as entries, and a hole without a name once these are past their hour.
 */
export async function bury({ spool, tell, clock }: Deps, { how, why, sequences }: Gone): Promise<void> {
  const { going, names } = takenTogether(sequences, spool.tombstonesAmong(sequences));
  const last = why === undefined ? spool.lastTombstone(how) : null;
  const isJoined =
    last !== null && !going.includes(last.sequence) && names.length + last.names.length < LIMITS.tombstoneSequences;
  const discarded = isJoined ? [last.sequence, ...going] : going;
  const named = isJoined ? [...last.names, last.sequence, ...names] : names;
  const fact = { kind: "entries-gone", how, ...(why !== undefined && { why }), atMs: clock.nowMs() } as const;
  await tell({ ...fact, sequences: [...new Set(named)].toSorted((a, b) => a - b) }, { sequences: discarded, how });
}

/** As many of the first as one tombstone can name, at least one; the rest goes with the next. */
function takenTogether(
  sequences: readonly number[],
  tombstones: ReturnType<Spool["tombstonesAmong"]>,
): { readonly going: number[]; readonly names: number[] } {
  const namedBy = new Map(tombstones.map(({ sequence, names }) => [sequence, names]));
  const going: number[] = [];
  const names: number[] = [];
  for (const sequence of sequences) {
    const more = [...(namedBy.get(sequence) ?? []), sequence];
    if (going.length > 0 && names.length + more.length > LIMITS.tombstoneSequences) break;
    going.push(sequence);
    names.push(...more);
  }
  return { going, names };
}

// Which entries a sink may have been given, over all runs: these keep their bytes for ever, since an id has one body (I6). What
// no sink has seen may still be changed, by a policy that became tighter (I10).
//
// Decision: what is given is noted on the disk before it is, as a few ranges of sequences in one row. They may hold more than was
// given, never less: an entry too many is erased where it could have been rewritten, and its tombstone says so. So the ranges may
// run ahead of what is given, and a sink that takes each event as it comes costs one write for each SPOOL_LIMITS.offeredAhead of
// them. Urgent entries overtake the others, and would stretch the ranges over all that waits: of them the highest is kept alone.
import { z } from "zod";
import type { Database } from "../core/database.ts";
import { isDiskFull } from "./disk-answers.ts";
import { checksumOf, URGENT } from "./schema.ts";
import type { Entry } from "./spool.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** Of the table `state`. Where the row is damaged, all that there is counts as given. */
export const OFFERED_KEY = "offered";

/** The row's value where nobody knows what was given of the entries up to this one; of a new spool that is none. */
export function allOffered(newest: number): string {
  return textOf({ ranges: newest > 0 ? [[1, newest]] : [], urgentUpTo: newest });
}

/** Sequences, both ends included. */
type Range = readonly [from: number, to: number];

const sequence = z.int().min(0);
const Kept = z.object({ ranges: z.array(z.tuple([sequence, sequence])), urgentUpTo: sequence, crc: z.int() });

/** `commit` runs a write and throws what the disk says; `failed` is told of that, but for a full disk. */
type Deps = {
  readonly database: Database;
  readonly newestSequence: () => number;
  readonly commit: (write: () => void) => void;
  readonly failed: (cause: unknown) => void;
};

export class Offered {
  readonly #deps: Deps;
  readonly #keep;
  #ranges: readonly Range[];
  #urgentUpTo: number;
  /** On a full disk deliveries go on, since they make room; the note is written with the next one that fits. */
  #isUnsaved = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#keep = deps.database.prepare("INSERT OR REPLACE INTO state VALUES (?,?)");
    const row = deps.database.prepare("SELECT value FROM state WHERE key=?").get(OFFERED_KEY);
    const known = kept(row?.["value"]) ?? kept(allOffered(deps.newestSequence()));
    this.#ranges = known?.ranges ?? [];
    this.#urgentUpTo = known?.urgentUpTo ?? 0;
  }

  isOffered({ sequence: asked, type }: Pick<Entry, "sequence" | "type">): boolean {
    if (URGENT.has(type)) return asked <= this.#urgentUpTo;
    return this.#ranges.some(([from, to]) => from <= asked && asked <= to);
  }

  /** To be told of entries, in the order of their sequences, before a sink gets them. */
  note(entries: readonly Entry[]): void {
    const fresh = entries.filter((entry) => !this.isOffered(entry));
    if (fresh.length > 0) {
      const newest = this.#deps.newestSequence();
      const ahead = (last: number): number => (last >= newest ? last + SPOOL_LIMITS.offeredAhead : last);
      const urgent = fresh.findLast(({ type }) => URGENT.has(type));
      const others = fresh.filter(({ type }) => !URGENT.has(type));
      const [first, last] = [others[0], others.at(-1)];
      if (urgent !== undefined) this.#urgentUpTo = ahead(urgent.sequence);
      if (first !== undefined && last !== undefined)
        this.#ranges = joined([...this.#ranges, [first.sequence, ahead(last.sequence)]]);
    }
    if (fresh.length > 0 || this.#isUnsaved) this.#save();
  }

  #save(): void {
    const { commit, failed } = this.#deps;
    const text = textOf({ ranges: this.#ranges, urgentUpTo: this.#urgentUpTo });
    try {
      commit(() => void this.#keep.run(OFFERED_KEY, text));
      this.#isUnsaved = false;
    } catch (cause) {
      if (!isDiskFull(cause)) return failed(cause);
      this.#isUnsaved = true;
    }
  }
}

/** In order, without overlaps; the nearest are joined until there are SPOOL_LIMITS.offeredRanges. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const apart: Range[] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = apart.at(-1);
    if (last !== undefined && from <= last[1] + 1) apart[apart.length - 1] = [last[0], Math.max(last[1], to)];
    else apart.push([from, to]);
  }
  if (apart.length <= SPOOL_LIMITS.offeredRanges) return apart;
  const gaps = apart.slice(1).map(([from], at) => from - (apart[at]?.[1] ?? 0));
  const nearest = gaps.indexOf(Math.min(...gaps));
  const [left, right] = [apart[nearest], apart[nearest + 1]];
  if (left === undefined || right === undefined) return apart;
  return joined([...apart.slice(0, nearest), [left[0], right[1]], ...apart.slice(nearest + 2)]);
}

type Note = { readonly ranges: readonly Range[]; readonly urgentUpTo: number };

function textOf({ ranges, urgentUpTo }: Note): string {
  return JSON.stringify({ ranges, urgentUpTo, crc: crcOf({ ranges, urgentUpTo }) });
}

function kept(text: unknown): Note | null {
  try {
    const found = Kept.safeParse(JSON.parse(String(text))).data;
    return found !== undefined && found.crc === crcOf(found) ? found : null;
  } catch {
    return null;
  }
}

function crcOf({ ranges, urgentUpTo }: Note): number {
  return checksumOf([...ranges.flat(), urgentUpTo]);
}

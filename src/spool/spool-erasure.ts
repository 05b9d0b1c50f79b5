// The part of the spool port that a person's wish to erase works with (erasing.ts).
import type { SaidOfEntry } from "../privacy/erasure-scope.ts";

export type Said = SaidOfEntry & { readonly sequence: number };

/** `row`: by which the next part begins. */
export type SaidRejected = Said & { readonly row: number; readonly sinkId: string };

type Part = { readonly after: number; readonly entriesMax: number };

export type Erasable = {
  /** The next entries above the sequence `after` that wait for a sink. */
  waiting(part: Part): Said[];
  /** The next rejected ones above the row `after`. */
  rejected(part: Part): SaidRejected[];
  /** Pictures without an event that waits: kept for the page, or of a rejected event. Their subject is empty. */
  kept(): Said[];
  /** What was found damaged and set aside: entries, and whole buffers. Nobody can tell what is in it. */
  setAside(): Promise<{ readonly entries: number; readonly files: number }>;
  /** How many wishes to erase wait whose own hour comes within so many milliseconds. */
  wishesEndingWithin(ms: number): number;
  /** Takes away rejected ones, pictures with their files, and with `isAsideToo` all that was set aside; resolves when that is on disk. */
  drop(what: {
    readonly rejected: readonly Pick<SaidRejected, "sinkId" | "sequence">[];
    readonly pictures: readonly number[];
    readonly isAsideToo: boolean;
  }): Promise<void>;
};

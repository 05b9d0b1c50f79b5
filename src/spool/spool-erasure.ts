// The part of the spool port that a person's wish to erase works with (erasing.ts).

/**
 * What an entry says of itself. `subject`: as in the CloudEvent; null where nobody can tell, since it is damaged. `fromMs`,
 * `toMs`: when what it says was so, epoch ms by its own word: of a count its window, else twice its moment; null where nobody
 * can tell. `isClockSure`: false where the clock was not believed that this word is from. `cameraId`: where it has a picture.
 */
export type Said = {
  readonly sequence: number;
  readonly type: string;
  readonly subject: string | null;
  readonly cameraId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly isClockSure: boolean;
};

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

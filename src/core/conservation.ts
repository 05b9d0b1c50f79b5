// The two sums of promise 6 (I9): everything that was taken, and everything that was made, is accounted for. They are worked out
// from durable counters and from what waits on the disk, so that each checks the other.

/** Readings: taken = ignored + withheld + counted + made. */
export type ReadingSum = {
  readonly taken: number;
  readonly ignored: number;
  readonly withheld: number;
  readonly counted: number;
  readonly made: number;
  readonly isBalanced: boolean;
};

/** Entries of one sink: made = forwarded + rejected + expired + evicted + erased + waiting. */
export type EntrySum = {
  readonly id: string;
  readonly made: number;
  readonly forwarded: number;
  readonly rejected: number;
  readonly expired: number;
  readonly evicted: number;
  readonly erased: number;
  readonly waiting: number;
  readonly isBalanced: boolean;
};

/** What was made and is not accounted for; below 0 where more is accounted for than was made. */
export function missingOf({ made, forwarded, rejected, expired, evicted, erased, waiting }: EntrySum): number {
  return made - forwarded - rejected - expired - evicted - erased - waiting;
}

export type Conservation = { readonly readings: ReadingSum; readonly sinks: readonly EntrySum[] };

/**
 * `counters`: the durable ones, by name, as of one moment; `waiting`: entries that wait for each sink at the same moment. A sink
 * that was taken out of gateway.yaml, and whose entries still wait, is one of `sinks` too.
 */
export function conservationOf({
  counters,
  waiting,
  sinkIds,
}: {
  counters: Readonly<Record<string, number>>;
  waiting: ReadonlyMap<string, number>;
  sinkIds: readonly string[];
}): Conservation {
  const all = (prefix: string): number =>
    Object.entries(counters).reduce((sum, [name, n]) => (name.startsWith(`${prefix}.`) ? sum + n : sum), 0);
  const [taken, counted, made] = ["taken", "counted", "made"].map((what) => counters[`reading.${what}`] ?? 0);
  const [ignored, withheld] = [all("reading.ignored"), all("reading.withheld")];
  const ids = new Set([...sinkIds, ...waiting.keys()]);
  return {
    readings: {
      taken: taken ?? 0,
      ignored,
      withheld,
      counted: counted ?? 0,
      made: made ?? 0,
      isBalanced: taken === ignored + withheld + (counted ?? 0) + (made ?? 0),
    },
    sinks: [...ids].map((id) => {
      const of = (what: string): number => counters[`entry.${what}.${id}`] ?? 0;
      const sum = {
        id,
        made: of("made"),
        forwarded: of("forwarded"),
        rejected: of("rejected"),
        expired: of("expired"),
        evicted: of("evicted"),
        erased: of("erased"),
        waiting: waiting.get(id) ?? 0,
        isBalanced: true,
      };
      return { ...sum, isBalanced: missingOf(sum) === 0 };
    }),
  };
}

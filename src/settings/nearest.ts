// Did you mean …? The nearest known word to a mistyped one.

/** The known word with the fewest slips (letters missing, added, changed or swapped), or null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  // One slip in three letters, three at most: beyond that a guess is more confusing than none.
  const slipsMax = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  let best: { name: string; slips: number } | null = null;
  for (const name of known) {
    const slips = slipsBetween({ from: simplified(word), to: simplified(name) });
    if (slips <= slipsMax && (best === null || slips < best.slips)) best = { name, slips };
  }
  return best?.name ?? null;
}

/** `time_bucket_s` and `TimeBucketS` are no slips from `timeBucketS`; a long word is no near miss of anything. */
function simplified(word: string): string {
  return word.slice(0, 64).toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Optimal string alignment distance (Damerau 1964; swaps of neighbours count one). */
function slipsBetween({ from, to }: { from: string; to: string }): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const changed = at(previous, column - 1) + (isSame ? 0 : 1);
      const swapped = isSwap ? at(before, column - 2) + 1 : changed;
      current.push(Math.min(changed, swapped, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    [before, previous] = [previous, current];
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

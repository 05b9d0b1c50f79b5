// What people wrote into the policy, made fit for a sentence: one line, a bound, nothing that cannot be seen or that turns the
// direction of what follows.

/** Control characters and those that turn the direction (UAX #9), and all white space: each becomes one space. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;
const TURNING = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

const LETTERS = new Intl.Segmenter();
/** UTF-16 units around the cut that are looked at, so as not to cut a letter in two: the longest emoji families have 25. */
const AROUND_CUT = 32;

/** `words` in one line of at most `charsMax` UTF-16 units; what is cut off, between two letters, ends in an ellipsis. */
export function shortened(words: string, charsMax: number): string {
  // A file may hold a megabyte of them; four times as much white space as letters is a joke already.
  const plain = words
    .slice(0, charsMax * 5)
    .replaceAll(TURNING, "")
    .replaceAll(BREAKS, " ")
    .trim();
  if (plain.length <= charsMax) return plain.isWellFormed() ? plain : plain.toWellFormed();
  const from = Math.max(0, charsMax - 1 - AROUND_CUT);
  const cut = LETTERS.segment(plain.slice(from, charsMax - 1 + AROUND_CUT)).containing(charsMax - 1 - from);
  return `${plain
    .slice(0, from + (cut?.index ?? 0))
    .trimEnd()
    .toWellFormed()}…`;
}

// What people wrote into the policy, made fit for a sentence: one line, a bound, nothing that cannot be seen or that turns the
// direction of what follows.

/** Control characters and those that turn the direction (UAX #9), and all white space: each becomes one space. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;
const TURNING = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** `words` in one line of at most `charsMax` characters; what is cut off ends in an ellipsis. */
export function shortened(words: string, charsMax: number): string {
  const plain = words.replaceAll(TURNING, "").replaceAll(BREAKS, " ").trim();
  const letters = [...new Intl.Segmenter().segment(plain.slice(0, charsMax * 8))];
  if (plain.length <= charsMax || letters.length <= charsMax) return letters.map(({ segment }) => segment).join("");
  const kept = letters.slice(0, charsMax - 1).map(({ segment }) => segment);
  return `${kept.join("").trimEnd()}…`;
}

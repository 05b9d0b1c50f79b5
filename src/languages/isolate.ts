// Keeps the direction of a value from turning the words around it: an e-mail address inside an Arabic sentence, an Arabic
// name inside an English one (UAX #9).

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";
const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
/** Those that turn or embed until they are told to stop; inside a value they are somebody's trick. */
const TURNING = /[\u200e\u200f\u061c\u202a-\u202e]/g;

/** Whether the words of a language run from right to left. `tag`: BCP 47. */
export function isRightToLeft(tag: string): boolean {
  const script = new Intl.Locale(tag).maximize().script ?? "Latn";
  return ["Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"].includes(script);
}

/** Before and behind what stands in a sentence as a thing of its own, such as a link. */
export const AROUND: readonly [string, string] = [FIRST_STRONG_ISOLATE, POP_ISOLATE];

/** A value between isolates where it could turn the sentence: in a right-to-left one always, else if it is right-to-left. */
export function isolated(value: string, sentence: "ltr" | "rtl"): string {
  const plain = balanced(value.replaceAll(TURNING, ""));
  const isNeeded = sentence === "rtl" || RIGHT_TO_LEFT.test(plain);
  return isNeeded ? FIRST_STRONG_ISOLATE + plain + POP_ISOLATE : plain;
}

/** Each isolate in a value closed, and none closed that was not opened: a name cannot break out of its own. */
function balanced(value: string): string {
  let open = 0;
  const kept = value.replaceAll(/[\u2066-\u2069]/g, (mark) => {
    if (mark !== POP_ISOLATE) open += 1;
    else if (open === 0) return "";
    else open -= 1;
    return mark;
  });
  return kept + POP_ISOLATE.repeat(open);
}

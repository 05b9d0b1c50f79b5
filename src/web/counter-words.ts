// The board's counters in plain words of a reader's language, for the status page and wherever a reason is told.
import { isMessageKey, type Language } from "../languages/say.ts";

/** The counter in words, or null when nobody has written words for it. Longest name wins; what follows it is a reason or a platform. */
export function counterWords(name: string, language: Language): string | null {
  const [, sink = "", what = ""] = /^forward\.(.+)\.([^.]+)$/.exec(name) ?? [];
  const sent = sink === "" ? null : wordsFor(`forward.${what}`, language);
  if (sent !== null) return language.say("counter.of", { what: sent, which: sink });
  const parts = name.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const words = wordsFor(parts.slice(0, length).join("."), language);
    if (words === null) continue;
    const rest = parts.slice(length).join(".");
    return rest === "" ? words : language.say("counter.of", { what: words, which: reasonWords(rest, language) });
  }
  return null;
}

/** A reason in words; one without words is shown as it is. */
export function reasonWords(reason: string, language: Language): string {
  return wordsFor(`why.${reason}`, language) ?? reason;
}

function wordsFor(counter: string, language: Language): string | null {
  const key = `counter.${counter}`;
  return isMessageKey(key) ? language.say(key) : null;
}

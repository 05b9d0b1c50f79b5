// How a policy's times of the day and its languages are called in a reader's language.
import type { Language } from "../languages/say.ts";

/** `22:00`, "sunset", "30 minutes after sunset"; of a time as the settings write it (settings/forms.ts). */
export function timeOfDay(time: string, language: Language): string {
  const [, sun, shift = "0"] = /^(sunrise|sunset)([+-]\d+)?$/.exec(time) ?? [];
  if (sun === undefined) return time;
  const n = Math.abs(Number(shift));
  const isRise = sun === "sunrise";
  if (n === 0) return language.say(isRise ? "policy.time-sunrise" : "policy.time-sunset");
  if (shift.startsWith("-"))
    return language.say(isRise ? "policy.time-before-sunrise" : "policy.time-before-sunset", { n });
  return language.say(isRise ? "policy.time-after-sunrise" : "policy.time-after-sunset", { n });
}

/** One for each language that somebody reads. */
const NAMES = new Map<string, Intl.DisplayNames>();

/** "Spanish" of `es`; a tag that is none as it is written. */
export function languageName(tag: string, language: Language): string {
  const names = NAMES.get(language.tag) ?? new Intl.DisplayNames([language.tag], { type: "language" });
  NAMES.set(language.tag, names);
  try {
    return names.of(tag) ?? tag;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return tag;
  }
}

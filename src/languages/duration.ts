// How long something takes, as a language says it: "3 days", "90 minutes". The words are messages and not Intl's, which
// knows but one case of each: they have the form that follows "after" (nach 3 Tagen, بعد يومين, через 1 годину).
import type { MessageKey, MessageValues } from "./say.ts";

export type Durations = {
  /** "3 days" of 72, "24 hours" of 24, "1.5 hours", "40 minutes" of two thirds. */
  readonly hours: (hours: number) => string;
  /** "15 minutes" of 900, "1 hour" of 3600, "90 seconds". */
  readonly seconds: (seconds: number) => string;
};

export function durationsOf(say: (key: MessageKey, values: MessageValues) => string): Durations {
  const hours = (n: number): string => {
    if (n >= 48 && n % 24 === 0) return say("duration.days", { n: n / 24 });
    if (n < 1 && n > 0) return say("duration.minutes", { n: Math.ceil(n * 60) });
    return say("duration.hours", { n: Math.round(n * 100) / 100 });
  };
  const seconds = (n: number): string => {
    if (n > 0 && n % 3600 === 0) return hours(n / 3600);
    if (n > 0 && n % 60 === 0) return say("duration.minutes", { n: n / 60 });
    return say("duration.seconds", { n });
  };
  return { hours, seconds };
}

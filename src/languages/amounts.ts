// Numbers, lists, days and moments as a language writes them. How long something takes is in duration.ts.

export type Amounts = {
  /** 12,345; at most three digits after the point. */
  readonly number: (value: number) => string;
  /** "35%", of a fraction between 0 and 1. */
  readonly percent: (fraction: number) => string;
  /** "a, b and c". */
  readonly list: (items: readonly string[]) => string;
  /** "21 November 2026", of "2026-11-21" as it is, or of a moment in ms since 1970 in a time zone (UTC without one). */
  readonly day: (when: string | number, timezone?: string) => string;
  /** "November 2026", of "2026-11". */
  readonly month: (month: string) => string;
  /** "21 November 2026 at 14:05 CET", of ms since 1970. */
  readonly moment: (ms: number, timezone: string) => string;
};

/**
 * What Intl is asked for, where a bare tag does not say enough. English as in Europe: the day before the month. Arabic with
 * the digits 0 to 9: it is ICU's own default, all who read Arabic read them, in the Maghreb only them; and the clocks, web
 * addresses and digests beside the words have them in any case, so that a page does not mix two kinds.
 */
const LOCALES: ReadonlyMap<string, string> = new Map([
  ["en", "en-GB"],
  ["ar", "ar-u-nu-latn"],
]);

/** The locale that Intl knows a language by. */
export function localeOf(tag: string): string {
  return LOCALES.get(tag) ?? tag;
}

export function amountsOf(tag: string): Amounts {
  const locale = localeOf(tag);
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent" });
  const lists = new Intl.ListFormat(locale);
  const months = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const days = new Map<string, Intl.DateTimeFormat>();
  const moments = new Map<string, Intl.DateTimeFormat>();
  // Ukrainian's "2027 р." would end a sentence with two points: the word is written out.
  const whole = (date: string) => date.replace(/(?<=\d\s)р\.(?=\s|$)/u, "року");
  return {
    number: (value) => numbers.format(value),
    percent: (fraction) => percents.format(fraction),
    list: (items) => lists.format(items),
    day: (when, timezone = "UTC") =>
      whole(
        typeof when === "string"
          ? inZone(days, { locale, timezone: "UTC", ...DAY }).format(Date.parse(when))
          : inZone(days, { locale, timezone, ...DAY }).format(when),
      ),
    month: (month) => whole(months.format(Date.parse(`${month}-01`))),
    moment: (ms, timezone) => whole(inZone(moments, { locale, timezone, ...MOMENT }).format(ms)),
  };
}

const DAY = { day: "numeric", month: "long", year: "numeric" } as const;
/** Of 24 hours in every language: nobody has to ask which half of the day is meant. */
const MOMENT = { ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" } as const;

/** Formats are dear to make. There are as many as zones that are asked for: the site's, and UTC. */
function inZone(
  made: Map<string, Intl.DateTimeFormat>,
  { locale, timezone, ...style }: { locale: string; timezone: string } & Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const found = made.get(timezone) ?? new Intl.DateTimeFormat(locale, { ...style, timeZone: timezone });
  made.set(timezone, found);
  return found;
}

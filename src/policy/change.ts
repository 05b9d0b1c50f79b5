// One difference between two policies, and how it is said.
import type { Language, MessageKey } from "../languages/say.ts";
import { languageName, timeOfDay } from "./time-words.ts";

/** `tighter` holds at once, `looser` after the notice; `changed` allows neither more nor less, and holds at once. */
export type Effect = "tighter" | "looser" | "changed";

/** What stands in a sentence: spans, days (2027-06-30), times of the day (22:00, sunset+30) and languages by their tags. */
export type ChangeValue =
  | string
  | number
  | { readonly hours: number }
  | { readonly seconds: number }
  | { readonly day: string }
  | { readonly time: string }
  | { readonly language: string }
  | { readonly languages: readonly string[] };

/** `sayChange` makes a sentence of it. `cameraId`: of what concerns one camera alone. */
export type PolicyChange = {
  readonly effect: Effect;
  readonly key: MessageKey;
  readonly values: Readonly<Record<string, ChangeValue>>;
  readonly cameraId?: string;
};

/** One plain sentence in that language, to be escaped where it is shown. */
export function sayChange({ key, values = {} }: Said, language: Language): string {
  const said = Object.entries(values).map(([name, value]) => [name, sayValue(value, language)] as const);
  return language.say(key, Object.fromEntries(said));
}

/** What is said of a change, or of a rule. */
export type Said = Pick<PolicyChange, "key"> & Partial<Pick<PolicyChange, "values">>;

/** A change in one number or step, or none. `tighterBy`: above 0 where the newer one is tighter, 0 where they are the same. */
export function changeOf(tighterBy: number, { key, values = {} }: Said): PolicyChange[] {
  if (tighterBy === 0) return [];
  return [{ effect: tighterBy > 0 ? "tighter" : "looser", key, values }];
}

/** How many steps the newer one is further along the row, which goes from the loosest to the tightest. */
export function stepsTighter<T>(row: readonly T[], before: T, now: T): number {
  return row.indexOf(now) - row.indexOf(before);
}

function sayValue(value: ChangeValue, language: Language): string | number {
  if (typeof value !== "object") return value;
  if ("hours" in value) return language.hours(value.hours);
  if ("seconds" in value) return language.seconds(value.seconds);
  if ("day" in value) return language.day(value.day);
  if ("time" in value) return timeOfDay(value.time, language);
  if ("language" in value) return languageName(value.language, language);
  return language.list(value.languages.map((tag) => languageName(tag, language)));
}

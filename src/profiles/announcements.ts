// What devices announce of themselves (Home Assistant discovery), gathered device by device into a profile.
import { z } from "zod";
import type { Login } from "../core/arrival.ts";
import type { ReadingKind } from "../core/reading.ts";
import { ProfileEntrySchema } from "./schema.ts";

/** A profile's entry as data, or null where the announcement gives none; then `why` says so. */
type Entry = Readonly<Record<string, unknown>> | null;

/**
 * `topic`: the device's own, or "" where it does not tell; `topics`: all that the profile would be read on. `isGone`: it took
 * back the last thing that it had announced.
 */
export type Announced = {
  readonly deviceKey: string;
  readonly name: string;
  readonly topic: string;
  readonly topics: readonly string[];
  readonly entry: Entry;
  readonly why: string | null;
  readonly isGone: boolean;
};

export type Announcements = {
  /** What is known of the device now; null when the message announces nothing. Never throws. */
  hear(said: { readonly topic: string; readonly payload: Uint8Array; readonly login: Login }): Announced | null;
};

export function createAnnouncements(): Announcements {
  return { hear: () => null };
}

/** What a profile's entry reads; nothing, where it is no entry. */
export function kindsOf(entry: Entry): readonly ReadingKind[] {
  const parsed = ProfileEntrySchema.safeParse(entry);
  if (!parsed.success) return [];
  const rules = parsed.data.messages.flatMap(({ read }) => read ?? []);
  return [...new Set(rules.flatMap((rule) => ("kind" in rule ? [rule.kind] : [])))];
}

const WithTopics = z.object({ messages: z.array(z.object({ on: z.union([z.string(), z.array(z.string())]) })) });

/** The topic patterns that a profile's entry reads, with `{topic}` for the device's own. */
export function patternsOf(entry: Entry): readonly string[] {
  const parsed = WithTopics.safeParse(entry);
  return parsed.success ? [...new Set(parsed.data.messages.flatMap(({ on }) => on))] : [];
}

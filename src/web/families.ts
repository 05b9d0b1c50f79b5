// The families of devices as people look for them: the most usual first, each with the brands that stand on the packaging, and
// a sentence in the reader's language.
import type { Commands } from "../core/commands.ts";
import { isMessageKey, type Language } from "../languages/say.ts";
import { plain } from "./device-filter.ts";

export type ShownFamily = ReturnType<Commands["listFamilies"]>[number];

/** What most kits begin with. */
const USUAL = ["zigbee2mqtt", "shelly", "tasmota"];

/** Without `discovered`: what was discovered is approved, not added. */
export function usualFirst(families: readonly ShownFamily[]): {
  readonly usual: readonly ShownFamily[];
  readonly others: readonly ShownFamily[];
} {
  const usual = USUAL.flatMap((id) => families.filter((family) => family.id === id));
  const others = families.filter((family) => !usual.includes(family) && family.id !== "discovered");
  return { usual, others: others.toSorted((one, other) => one.title.localeCompare(other.title, "en")) };
}

/** What the family is for, in the reader's language; of one that somebody added here, nothing. */
export function aboutFamily({ id }: Pick<ShownFamily, "id">, { say }: Language): string | null {
  const key = `pairing.about-${id}`;
  return isMessageKey(key) ? say(key) : null;
}

/** Those that hold each word that was typed: in their names, brands, kinds of sensors or what they are for. */
export function searched(families: readonly ShownFamily[], typed: string, language: Language): readonly ShownFamily[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return families.filter((family) => {
    const { id, title, about, brands = [], profiles } = family;
    const kinds = profiles.map((profile) => profile.title);
    const text = plain([id, title, about, aboutFamily(family, language), ...brands, ...kinds].join(" "));
    return words.every((word) => text.includes(word));
  });
}

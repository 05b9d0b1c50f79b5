// What a receipt says, in a reader's language, as far as a resident may care; the whole line stands in the receipt.
import type { Receipt } from "../core/receipt.ts";
import type { Language, MessageKey } from "../languages/say.ts";

/** What became of the picture. */
export function outcomeWords({ outcome, regions }: Receipt, language: Language): string {
  if (outcome === "redacted") return language.say("receipts.outcome-redacted", { count: regions });
  return language.say(outcome === "empty" ? "receipts.outcome-empty" : "receipts.outcome-mosaic");
}

/** How it was made safe, one sentence each; null where the settings are in a form that nobody here knows. */
export function settingsWords({ settings }: Receipt, language: Language): readonly string[] | null {
  const valueOf = (key: string): string | undefined => new RegExp(`(?:^| )${key}=(\\S+)`).exec(settings)?.[1];
  const [level = "", paint, masks] = [valueOf("level"), valueOf("paint"), Number(valueOf("masks"))];
  const levelKey = valueOf("searched") === "no" ? "receipts.level-unsearched" : LEVELS.get(level);
  if (levelKey === undefined || paint === undefined) return null;
  return [
    language.say(levelKey),
    language.say(paint === "fill" ? "receipts.paint-fill" : "receipts.paint-mosaic"),
    language.say("receipts.masks", { count: masks > 0 ? masks : 0 }),
  ];
}

const LEVELS: ReadonlyMap<string, MessageKey> = new Map([
  ["normal", "receipts.level-normal"],
  ["thorough", "receipts.level-thorough"],
  ["strict", "receipts.level-strict"],
]);

// What sensors and lamps say, in words: readings, the reason why a message gave none with the one next step, a lamp's fault.
import type { HeardView, LampFault } from "../core/commands.ts";
import type { HeardReason, ReadingKind } from "../core/reading.ts";
import type { Language } from "../languages/say.ts";

/** `sentence`: what happened. `remedy`: the next step, or why none is needed. */
export type ReasonWords = { readonly sentence: string; readonly remedy: string };

export function reasonOf(reason: HeardReason, language: Language): ReasonWords {
  return { sentence: language.say(`reason.${reason}`), remedy: language.say(`reason.${reason}-next`) };
}

/** What can be read, for choosing: "motion, light in lux and battery". */
export function kindsInWords(kinds: readonly ReadingKind[], language: Language): string {
  return language.list(kinds.map((kind) => language.say(`reason.kind-${kind}`)));
}

/** What was read: "motion, light 12.5 lx and battery 87 %"; empty for nothing. */
export function readingsInWords(readings: HeardView["readings"], language: Language): string {
  return language.list(readings.map((reading) => readingWords(reading, language)));
}

/** "motion", "light 12.5 lx", "battery 87 %". */
function readingWords({ kind, value }: HeardView["readings"][number], language: Language): string {
  const number = typeof value === "number" ? Math.round(value * 10) / 10 : Number(value);
  switch (kind) {
    case "motion":
    case "presence":
    case "switch":
    case "contact":
    case "tamper":
    case "battery-low":
    case "online":
      return language.say(`reason.said-${kind}`, { is: value === true ? "yes" : "no" });
    case "light-category":
      return language.say("reason.said-light-category", { value: String(value) });
    case "illuminance":
    case "battery":
    case "brightness":
    case "link":
      return language.say(`reason.said-${kind}`, { value: number });
  }
}

/** What is wrong with a lamp, and the next step. */
export function lampFaultWords(fault: LampFault, language: Language): string {
  return language.say(`reason.lamp-${fault}`);
}

// What sensors and lamps say, in words: readings, the reason why a message gave none with the one next step, a lamp's fault.
import type { HeardView, LampFault } from "../core/commands.ts";
import type { HeardReason, ReadingKind } from "../core/reading.ts";

/** `sentence`: what happened. `remedy`: the next step, or why none is needed. */
export type ReasonWords = { readonly sentence: string; readonly remedy: string };

const REASONS: Record<HeardReason, ReasonWords> = {
  repeat: {
    sentence: "It said the same as before.",
    remedy: "Nothing to do: a sensor that repeats itself is heard once.",
  },
  "retained-replay": {
    sentence: "This was an old message that a broker had kept and played again.",
    remedy: "Nothing to do: only what happens from now on counts.",
  },
  history: {
    sentence: "It told of something older than what is known already.",
    remedy: "If every message is too old, set the sensor's clock.",
  },
  "not-mapped": {
    sentence: "It was understood, but holds nothing that this profile reads.",
    remedy: "If you miss a reading here, remove the device and add it again with the profile that fits it.",
  },
  "bridge-state": {
    sentence: "The bridge spoke of itself, not of a sensor.",
    remedy: "Nothing to do: the bridge is shown under Devices.",
  },
  "awaits-approval": {
    sentence: "Nobody has approved this sensor yet.",
    remedy: "Look under Devices for what waits for approval.",
  },
  "no-profile": {
    sentence: "There is no profile for messages like this.",
    remedy: "Choose another profile, or ask for one to be written: it is one small file.",
  },
  "not-json": {
    sentence: "It could not be read: it is not in the form that this profile expects.",
    remedy: "Check that the device sends JSON, or remove it and add it with a profile for plain text.",
  },
  encrypted: {
    sentence: "It is encrypted, and the gateway has no key for it.",
    remedy: "Give the key to the bridge or gateway that receives the radio, so that it passes on plain values.",
  },
  "too-large": {
    sentence: "It was far too large for a sensor's message.",
    remedy: "Let the device send fewer fields at once.",
  },
  "identity-only": {
    sentence: "It held only names and addresses, and those are never kept.",
    remedy: "Nothing to do: wait for a message with a reading.",
  },
  "bad-value": {
    sentence: "It held a value that cannot be true.",
    remedy: "If this goes on, restart the sensor; its readings may be broken.",
  },
  "foreign-topic": {
    sentence: "It spoke on a topic that is not its own, so that was not read.",
    remedy: "Compare the topic in the device's settings with its topic here.",
  },
};

export function reasonOf(reason: HeardReason): ReasonWords {
  return REASONS[reason];
}

/** What a profile can read, for choosing one. */
export const KIND_WORDS: Record<ReadingKind, string> = {
  motion: "motion",
  presence: "presence",
  illuminance: "light in lux",
  "light-category": "dark or bright",
  switch: "on or off",
  brightness: "a lamp's brightness",
  contact: "open or closed",
  tamper: "its case opened",
  battery: "battery",
  "battery-low": "battery low",
  link: "radio strength",
  online: "whether it is online",
};

const BOOLEANS: Readonly<Partial<Record<ReadingKind, readonly [string, string]>>> = {
  motion: ["motion", "no motion"],
  presence: ["somebody there", "nobody there"],
  switch: ["switched on", "switched off"],
  contact: ["closed", "open"],
  tamper: ["opened or moved", "case closed"],
  "battery-low": ["battery low", "battery good"],
  online: ["says it is online", "says it is offline"],
};

/** "motion", "light 12.5 lx", "battery 87 %". */
export function readingWords({ kind, value }: HeardView["readings"][number]): string {
  const words = BOOLEANS[kind];
  if (words !== undefined && typeof value === "boolean") return words[value ? 0 : 1];
  const shown = typeof value === "number" ? String(Math.round(value * 10) / 10) : String(value);
  if (kind === "illuminance") return `light ${shown} lx`;
  if (kind === "light-category") return shown;
  return `${kind === "link" ? "radio" : kind} ${shown} %`;
}

/** What is wrong with a lamp, and the next step. */
export const LAMP_FAULTS: Record<LampFault, string> = {
  "dark-at-night": "It stays dark although it is night. Check its bulb and its power.",
  "burning-by-day": "It burns by day. Check its clock or its switch.",
  flicker: "It flickers. Its bulb or a contact may be about to fail.",
};

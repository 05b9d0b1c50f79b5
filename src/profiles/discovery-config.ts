// Opens one announcement for Home Assistant: long names for short ones, `~` written out, texts cleaned and capped.
import { createHash } from "node:crypto";
import { topicMistake } from "../core/topics.ts";
import { DISCOVERY_LIMITS } from "./discovery-limits.ts";

/** Options by their long names. A Map, so that `__proto__` is a name like any other. */
export type Options = ReadonlyMap<string, unknown>;

/** home-assistant.io, MQTT, Supported abbreviations: those of options that are read here. `~` is in force beside them. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    avty: "availability",
    avty_mode: "availability_mode",
    avty_t: "availability_topic",
    avty_tpl: "availability_template",
    bri_scl: "brightness_scale",
    bri_stat_t: "brightness_state_topic",
    bri_val_tpl: "brightness_value_template",
    cmd_t: "command_topic",
    cmd_tpl: "command_template",
    cmps: "components",
    dev: "device",
    dev_cla: "device_class",
    ent_cat: "entity_category",
    exp_aft: "expire_after",
    off_dly: "off_delay",
    p: "platform",
    pl_avail: "payload_available",
    pl_not_avail: "payload_not_available",
    pl_off: "payload_off",
    pl_on: "payload_on",
    stat_off: "state_off",
    stat_on: "state_on",
    stat_t: "state_topic",
    stat_tpl: "state_template",
    stat_val_tpl: "state_value_template",
    t: "topic",
    unit_of_meas: "unit_of_measurement",
    uniq_id: "unique_id",
    val_tpl: "value_template",
  }),
);
const DEVICE_ABBREVIATIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({ cns: "connections", ids: "identifiers", mdl: "model", mf: "manufacturer" }),
);

/** Options that are read and have no short name. */
const LONG_ONLY = ["~", "name", "schema"];

/**
 * The options that are read here, by their long names; a long name that is there wins over its short one. Not an object:
 * none. What is not read is left out at once, so that a device of 64 parts with 6,000 options each takes no time.
 */
export function readOptions(value: unknown, abbreviations = ABBREVIATIONS): Options {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Map();
  const entries = Object.entries(value);
  const longNames = new Set([...LONG_ONLY, ...abbreviations.values()]);
  return new Map([
    ...entries.flatMap(([name, each]) => {
      const long = abbreviations.get(name);
      return long === undefined ? [] : [[long, each] as const];
    }),
    ...entries.filter(([name]) => longNames.has(name)),
  ]);
}

/** The option as text: words and numbers, true and false; null for anything else and for what is too long. */
export function wordOf(options: Options, name: string): string | null {
  const value = options.get(name);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value.length <= DISCOVERY_LIMITS.wordChars ? value : null;
}

/** The option as text of any length (the announcement is bounded); null where it is none. */
export function textIn(options: Options, name: string): string | null {
  const value = options.get(name);
  return typeof value === "string" ? value : null;
}

/** The option as a number within the bounds; null otherwise. */
export function numberIn(options: Options, name: string, { min, max }: { min: number; max: number }): number | null {
  const value = Number(wordOf(options, name) ?? Number.NaN);
  return value >= min && value <= max ? value : null;
}

export type Topic =
  | { readonly kind: "topic"; readonly topic: string }
  | { readonly kind: "none" }
  | { readonly kind: "unusable"; readonly why: string };

/** A topic option with the base put in for `~` at its start or end. */
export function topicIn(options: Options, name: string, base: string | null): Topic {
  const value = textIn(options, name);
  if (value === null || value === "") return { kind: "none" };
  const topic =
    base === null
      ? value
      : value.startsWith("~")
        ? base + value.slice(1)
        : value.endsWith("~")
          ? value.slice(0, -1) + base
          : value;
  const mistake = topicMistake(topic);
  if (mistake !== null) return { kind: "unusable", why: `its topic ${mistake}` };
  if (/[{}]/.test(topic))
    return { kind: "unusable", why: "its topic holds a brace, which profiles keep for themselves" };
  return { kind: "topic", topic };
}

/** A name for people: no control or format characters (they can turn text around), single spaces, capped. */
export function nameOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const clean = value
    .slice(0, 4 * DISCOVERY_LIMITS.nameChars)
    .toWellFormed()
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return clean === "" ? null : Array.from(clean).slice(0, DISCOVERY_LIMITS.nameChars).join("");
}

/**
 * The device that an entity belongs to. `deviceKey` is a hash of its first identifier or connection, or of `otherwise`:
 * it groups entities, and says nothing of who or where the device is.
 */
export function deviceOf(options: Options, otherwise: string): { deviceKey: string; deviceName: string | null } {
  const device = readOptions(options.get("device"), DEVICE_ABBREVIATIONS);
  const identity = firstOf(device.get("identifiers")) ?? firstOf(device.get("connections")) ?? otherwise;
  return {
    deviceKey: keyOf("device", identity),
    deviceName: nameOf(device.get("name")) ?? nameOf(device.get("model")),
  };
}

/** A hash of 128 bits that gives nothing away to a reader who does not know the text already. */
export function keyOf(purpose: "device" | "announcement", text: string): string {
  return createHash("sha256").update(`${purpose}\n${text}`).digest("hex").slice(0, 32);
}

function firstOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first === "number") return String(first);
  if (typeof first === "string") return first === "" ? null : first;
  // A connection is a pair such as ["mac", "02:00:…"].
  return Array.isArray(first) ? first.filter((part) => typeof part === "string").join("\n") || null : null;
}

// Decides what an announced entity says in readings: by its component, its class, its unit and its template.
import type { ReadingKind } from "../core/reading.ts";
import { numberIn, type Options, textIn, topicIn, wordOf } from "./discovery-config.ts";
import { readTemplate } from "./discovery-template.ts";
import { type Field, HAIR, type Test } from "./discovery-expression.ts";
import type { ReadEntry } from "./schema.ts";

/** One kind of reading that an entity gives: on which topic, and by which rules of a profile. */
export type EntityRead = {
  readonly kind: ReadingKind;
  readonly topic: string;
  readonly isJson: boolean;
  readonly rules: readonly ReadEntry[];
};
/** `no`: understood, and nothing that Hedgerow reads. */
export type Reads =
  | { readonly kind: "reads"; readonly reads: readonly EntityRead[] }
  | { readonly kind: "no"; readonly why: string }
  | { readonly kind: "needs-profile"; readonly why: string };

type Value = boolean | number | "dark" | "bright";
/** What a kind's two payloads mean. */
type Words = { readonly kind: ReadingKind; readonly on: Value; readonly off: Value };
type Source = { readonly topic: string; readonly template: string | null };

const say = (kind: ReadingKind, on: Value = true, off: Value = false): Words => ({ kind, on, off });
/** Home Assistant's classes of binary sensors: "on" is open, light, low, moved. Vibration is no tampering, and is not read. */
const BINARY_CLASSES: ReadonlyMap<string, Words> = new Map([
  ["motion", say("motion")],
  ["occupancy", say("motion")],
  ["moving", say("motion")],
  ["presence", say("presence")],
  ["door", say("contact", false, true)],
  ["window", say("contact", false, true)],
  ["opening", say("contact", false, true)],
  ["garage_door", say("contact", false, true)],
  ["tamper", say("tamper")],
  ["battery", say("battery-low")],
  ["connectivity", say("online")],
  ["light", say("light-category", "bright", "dark")],
]);
/** Wi-Fi: −50 dBm and better is full, −100 dBm is none. */
const DBM: [number, number] = [-100, -50];

/** `base` is what `~` stands for. Never throws. */
export function readsOf(component: string, options: Options, base: string | null): Reads {
  switch (component) {
    case "binary_sensor":
      return binaryReads(options, base);
    case "sensor":
      return sensorReads(options, base);
    case "light":
      return lightReads(options, base);
    case "switch":
      return switchReads(options, base);
    default:
      return { kind: "no", why: `${component.slice(0, 40)} says nothing that is read here` };
  }
}

/** When the availability topic says online; null where its template is beyond us. */
export function onlineRead({ topic, template }: Source, words: { on: string; off: string }): EntityRead | null {
  const reads = twoWords({ topic, template }, words, say("online"));
  return reads.kind === "reads" ? (reads.reads[0] ?? null) : null;
}

function binaryReads(options: Options, base: string | null): Reads {
  const deviceClass = textIn(options, "device_class");
  if (deviceClass === null) return needsProfile("it does not say what it senses (no device class)");
  const meaning = BINARY_CLASSES.get(deviceClass);
  if (meaning === undefined) return { kind: "no", why: `${deviceClass.slice(0, 40)} is not read here` };
  return withSource(options, { topic: "state_topic", template: "value_template" }, base, (source) =>
    twoWords(
      source,
      { on: wordOf(options, "payload_on") ?? "ON", off: wordOf(options, "payload_off") ?? "OFF" },
      meaning,
    ),
  );
}

function switchReads(options: Options, base: string | null): Reads {
  if (options.has("entity_category")) return { kind: "no", why: "it is a setting, not a lamp" };
  const on = wordOf(options, "state_on") ?? wordOf(options, "payload_on") ?? "ON";
  const off = wordOf(options, "state_off") ?? wordOf(options, "payload_off") ?? "OFF";
  return withSource(options, { topic: "state_topic", template: "value_template" }, base, (source) =>
    twoWords(source, { on, off }, say("switch")),
  );
}

function sensorReads(options: Options, base: string | null): Reads {
  const rule = numberRule(textIn(options, "device_class"), textIn(options, "unit_of_measurement")?.trim() ?? "");
  if (rule.kind !== "rule") return rule;
  return withSource(options, { topic: "state_topic", template: "value_template" }, base, (source) =>
    oneNumber(source, rule.rule),
  );
}

type NumberRule = Pick<ReadEntry, "kind" | "from" | "clamp">;

function numberRule(
  deviceClass: string | null,
  unit: string,
): { readonly kind: "rule"; readonly rule: NumberRule } | Exclude<Reads, { kind: "reads" }> {
  const isLux = /^(lx|lux)$/i.test(unit);
  if (isLux && (deviceClass === null || deviceClass === "illuminance"))
    return { kind: "rule", rule: { kind: "illuminance" } };
  if (unit === "lqi") return { kind: "rule", rule: { kind: "link", from: [0, 255] } };
  if (deviceClass === "battery" && unit === "%") return { kind: "rule", rule: { kind: "battery" } };
  if (deviceClass === "signal_strength" && unit === "%") return { kind: "rule", rule: { kind: "link" } };
  if (deviceClass === "signal_strength" && /^dBm?$/i.test(unit))
    return { kind: "rule", rule: { kind: "link", from: DBM, clamp: true } };
  if (deviceClass === "illuminance" || deviceClass === "battery" || deviceClass === "signal_strength")
    return needsProfile(
      unit === "" ? `its ${deviceClass} has no unit` : `its unit ${unit.slice(0, 16)} is not known for ${deviceClass}`,
    );
  return { kind: "no", why: `${deviceClass?.slice(0, 40) ?? "a value without a class"} is not read here` };
}

function lightReads(options: Options, base: string | null): Reads {
  const schema = textIn(options, "schema") ?? "default";
  const full = numberIn(options, "brightness_scale", { min: 1, max: 100_000 }) ?? 255;
  const brightness: NumberRule = { kind: "brightness", from: [0, full] };
  if (schema === "json") {
    return withSource(options, { topic: "state_topic", template: "" }, base, ({ topic }) => {
      const state = twoWords({ topic, template: "{{ value_json.state }}" }, { on: "ON", off: "OFF" }, say("switch"));
      return both(state, oneNumber({ topic, template: "{{ value_json.brightness }}" }, brightness));
    });
  }
  if (schema !== "default" && schema !== "basic") return needsProfile("it is a light described by templates");
  const words = { on: wordOf(options, "payload_on") ?? "ON", off: wordOf(options, "payload_off") ?? "OFF" };
  const template = options.has("state_value_template") ? "state_value_template" : "value_template";
  const state = withSource(options, { topic: "state_topic", template }, base, (source) =>
    twoWords(source, words, say("switch")),
  );
  if (!options.has("brightness_state_topic")) return state;
  const level = { topic: "brightness_state_topic", template: "brightness_value_template" };
  return both(
    state,
    withSource(options, level, base, (source) => oneNumber(source, brightness)),
  );
}

/** What either of the two gives; the first one's reason when neither gives anything. */
function both(first: Reads, second: Reads): Reads {
  if (first.kind !== "reads") return second.kind === "reads" ? second : first;
  return second.kind === "reads" ? { kind: "reads", reads: [...first.reads, ...second.reads] } : first;
}

function withSource(
  options: Options,
  names: { readonly topic: string; readonly template: string },
  base: string | null,
  read: (source: Source) => Reads,
): Reads {
  const found = topicIn(options, names.topic, base);
  if (found.kind === "none") return { kind: "no", why: "it names no topic on which it says anything" };
  if (found.kind === "unusable") return needsProfile(found.why);
  const template = options.get(names.template);
  if (template !== undefined && template !== null && typeof template !== "string")
    return needsProfile("its template is no text");
  return read({ topic: found.topic, template: template ?? null });
}

function oneNumber({ topic, template }: Source, rule: NumberRule): Reads {
  const read = readTemplate(template);
  if (read.kind === "not-simple") return needsProfile(read.why);
  if (read.kind === "choice") return needsProfile("its template chooses between numbers");
  const { at, isJson, scale, offset } = read.field;
  const steps = { ...(scale !== 1 && { scale }), ...(offset !== 0 && { offset }) };
  return { kind: "reads", reads: [{ kind: rule.kind, topic, isJson, rules: [{ ...rule, at, ...steps }] }] };
}

function twoWords({ topic, template }: Source, words: { on: string; off: string }, meaning: Words): Reads {
  const read = readTemplate(template);
  if (read.kind === "not-simple") return needsProfile(read.why);
  const values = new Map([
    ...keysOf(words.off).map((key) => [key, meaning.off] as const),
    ...keysOf(words.on).map((key) => [key, meaning.on] as const),
  ]);
  if (keysOf(words.on).some((key) => keysOf(words.off).includes(key)))
    return needsProfile("its on and off are the same word");
  const { field } = read;
  const make = (rules: readonly ReadEntry[]): Reads => ({
    kind: "reads",
    reads: [{ kind: meaning.kind, topic, isJson: field.isJson, rules }],
  });
  if (read.kind === "field") {
    if (field.scale !== 1 || field.offset !== 0) return needsProfile("its template calculates a word");
    const missing = field.fallback === null ? undefined : values.get(field.fallback);
    const isSaid = typeof missing === "boolean";
    return make([{ kind: meaning.kind, at: field.at, map: Object.fromEntries(values), ...(isSaid && { missing }) }]);
  }
  const [hit, miss] = [read.yes, read.no].map((word) => values.get(word.trim().toLowerCase()));
  if (hit === undefined && miss === undefined) return needsProfile("its template says other words than its on and off");
  if ((hit !== undefined && typeof hit !== "boolean") || (miss !== undefined && typeof miss !== "boolean"))
    return needsProfile("its template chooses dark or bright by a condition");
  const rules = choiceRules(field, read.test, {
    kind: meaning.kind,
    ...(read.isNegated ? { hit: miss, miss: hit } : { hit, miss }),
  });
  return rules === null ? needsProfile("its template compares in a way that profiles cannot") : make(rules);
}

/**
 * A choice as rules: a threshold, or a set of words with what is said on a hit and on a miss. A miss may be any other
 * word, which no map can list; so its rule looks below the word, where nothing ever is, and says what is `missing` there.
 */
function choiceRules(
  { at }: Field,
  test: Test,
  { kind, hit, miss }: { kind: ReadingKind; hit: boolean | undefined; miss: boolean | undefined },
): readonly ReadEntry[] | null {
  if (!("is" in test)) {
    if (hit === undefined || miss === undefined || hit === miss) return null;
    if ("above" in test) return [{ kind, at, ...(hit ? { above: test.above } : { below: test.above + HAIR }) }];
    return [{ kind, at, ...(hit ? { below: test.below } : { above: test.below - HAIR }) }];
  }
  const is = [...test.is];
  const map = Object.fromEntries(is.map((text) => [text, hit ?? null]));
  const onHit: ReadEntry = { kind, at, when: [{ at, is }], map };
  if (miss === undefined) return [onHit];
  return [onHit, { kind, at: `${at}/-`, when: [{ at, present: true }], unless: [{ at, is }], missing: miss }];
}

/** The payload as decoding compares it: as the text sent, and as the JSON value of that text ("1.0" is the number 1). */
function keysOf(word: string): readonly string[] {
  const text = word.trim().toLowerCase();
  const number = /^-?\d+(\.\d+)?$/.test(text) ? [String(Number(text))] : [];
  return [...new Set([text, ...number])];
}

function needsProfile(why: string): Extract<Reads, { kind: "needs-profile" }> {
  return { kind: "needs-profile", why };
}

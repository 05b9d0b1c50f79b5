// What a device profile (devices/*.yaml) may say: how a family's messages become readings, as data and nothing but data.
//
// Decision: a profile is a list of messages (by topic) with reading rules (by JSON pointer); a rule picks a field, converts
// it with a fixed set of steps and names a kind. There is no code, no template and no regular expression, since a profile
// may be dropped in by anybody and is run on bytes from anybody; every list has a bound. What a rule does not name is
// dropped. Order decides: the first message that fits is read, and per kind the first rule whose field is there.
import { z } from "zod";
import { type Condition, pointers, ReadRule, unless, when } from "./rule-schema.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and -");
const line = z.string().min(1).max(500);

const RuleUse = z.strictObject({ use: name.describe("a list of rules by its name under rules") });

const pattern = (placeholder: "{topic}" | "{base}") =>
  z
    .string()
    .max(200)
    .refine((text) => text.split(placeholder).length === 2, `needs ${placeholder} exactly once`)
    .refine(
      (text) => text.split("/").every((level) => level === placeholder || !/[{}]/.test(level)),
      `${placeholder} must be a level of its own`,
    )
    .refine(hasProperWildcards, "+ must be a level of its own, and # the last one");

const pointerList = z.array(pointers).min(1).max(4);

const message = <P extends z.ZodType<string>>(on: P) =>
  z
    .strictObject({
      on: z.union([on, z.array(on).min(1).max(32)]),
      as: z.enum(["json", "text", "either"]).default("json").describe("either: JSON where it is JSON, otherwise text"),
      key: z
        .enum(["last-level", "levels"])
        .optional()
        .describe(
          "the value is put under the name of the topic's last level, so that /name finds it; levels: under all levels after {topic}, one in the other",
        ),
      when,
      unless,
      time: pointers
        .optional()
        .describe(
          "the device's own time of the message: a number since 1970 (s, ms, µs or ns) or a date with its zone",
        ),
      once: z
        .strictObject({
          at: pointerList,
          withinS: z.number().min(1).max(86_400).default(60),
        })
        .optional()
        .describe(
          "fields that together tell this message from the next one, such as a packet counter: the same again is a repeat",
        ),
      read: z
        .array(z.union([ReadRule, RuleUse]))
        .min(1)
        .max(64)
        .optional(),
      ignore: z.enum(["not-mapped", "bridge-state", "awaits-approval", "history"]).optional(),
      drop: z.enum(["identity-only", "encrypted"]).optional(),
    })
    .refine(
      ({ read, ignore, drop }) => [read, ignore, drop].filter((choice) => choice !== undefined).length === 1,
      "needs exactly one of read, ignore and drop",
    );

const topicPattern = pattern("{topic}");
const DeviceMessage = message(topicPattern);
const BridgeMessage = message(pattern("{base}"));

const Split = z
  .strictObject({
    on: z
      .string()
      .min(1)
      .max(200)
      .refine(
        (text) => hasProperWildcards(text.replace("{base}", "base")),
        "+ must be a level of its own, and # the last one",
      )
      .describe("a topic filter, with {base} for the bridge's base"),
    each: z
      .string()
      .max(200)
      .regex(/^(\/[^/*]+)*\/\*$/, "a JSON pointer whose last level is *, such as /devices/*")
      .optional()
      .describe("each member of this group or list becomes a message of its own"),
    by: pointerList
      .optional()
      .describe(
        "values that name the device (of the member, where there is each), joined by /; without it a member's own name",
      ),
    to: z
      .string()
      .max(200)
      .refine(
        (text) => text.split("{name}").length === 2 && !/[+#]/.test(text),
        "needs {name} exactly once, and no wildcard",
      )
      .optional()
      .describe("the part's topic, with {name} and {base}; by default the message's topic and the name below it"),
    where: when.describe("only messages for which all of these hold"),
  })
  .refine(({ each, by }) => each !== undefined || by !== undefined, "needs each or by, or both");

const shared = {
  topic: z
    .string()
    .max(200)
    .refine((text) => text.split("{id}").length === 2, "needs {id} exactly once")
    .optional()
    .describe("the topic proposed for a new device; {id} is its id, {base} its bridge's base"),
  publish: z
    .array(topicPattern)
    .min(1)
    .max(32)
    .optional()
    .describe("topics the device may publish to; by default those it is read on"),
  commands: z.array(topicPattern).max(16).optional().describe("topics the device may subscribe to"),
  lamp: z
    .strictObject({
      topic: topicPattern,
      on: z.string().min(1).max(200),
      off: z.string().min(1).max(200),
    })
    .optional()
    .describe("how the lamp is switched: the topic, and what is sent there"),
  holdS: z
    .number()
    .min(1)
    .max(86_400)
    .optional()
    .describe("for sensors that never say off: motion is over after this long without a sign"),
  staleAfterS: z.number().min(60).max(2_592_000).optional().describe("a device not heard for this long is stale"),
};

/** One entry under `profiles`. */
export const ProfileEntrySchema = z.strictObject({
  title: line,
  auto: z
    .union([z.boolean(), z.literal("last")])
    .optional()
    .describe("used to recognise a topic whose device is not known; last: only where no other profile reads it"),
  ...shared,
  setup: z.array(line).max(20).optional().describe("steps after the family's"),
  messages: z.array(DeviceMessage).min(1).max(32),
});

const Bridge = z.strictObject({
  base: z.string().min(1).max(200).describe("the topic its messages lie below, unless the kit says otherwise"),
  setup: z.array(line).min(1).max(20),
  likely: z
    .array(z.string().min(1).max(200).refine(hasProperWildcards, "+ must be a level of its own, and # the last one"))
    .max(8)
    .default([])
    .describe("other bases that are usual, as filters; used to recognise a topic whose bridge is not known"),
  messages: z.array(BridgeMessage).max(16).default([]).describe("what the bridge says of itself"),
});

/** One file of devices/: a family. Its name is the file's. */
export const ProfileFile = z.strictObject({
  title: line,
  about: z.string().max(1000).optional(),
  brands: z
    .array(z.string().min(1).max(40))
    .max(16)
    .optional()
    .describe("names that stand on the packaging of usual devices, by which people look for the family"),
  bridge: Bridge.optional().describe("one login that speaks for many devices"),
  ...shared,
  setup: z
    .array(line)
    .min(1)
    .max(20)
    .describe(
      "what a person does, step by step, with {topic}, {username}, {password}, {host}, {port}; of a wired sensor {pin} and {rail}, 3.3 V or GND",
    ),
  rules: z.record(name, z.array(ReadRule).min(1).max(64)).default({}),
  split: z
    .array(Split)
    .max(8)
    .default([])
    .describe(
      "messages that speak of several devices: each part goes on as a message to the topic and the part's name below it",
    ),
  common: z
    .array(DeviceMessage)
    .max(32)
    .default([])
    .describe("messages of every profile of the file, tried after its own"),
  profiles: z
    .record(name, ProfileEntrySchema)
    .refine((profiles) => Object.keys(profiles).length > 0, "needs at least one profile"),
});

export type ProfileFile = z.infer<typeof ProfileFile>;
export type ProfileEntry = z.infer<typeof ProfileEntrySchema>;
export type MessageEntry = z.infer<typeof DeviceMessage>;
export type ReadEntry = z.infer<typeof ReadRule>;
export type SplitEntry = z.infer<typeof Split>;
export type ConditionEntry = z.infer<typeof Condition>;

/** devices/profile.schema.json: what an editor needs to help whoever writes a profile. */
export function profileJsonSchema(): Record<string, unknown> {
  return { title: "Hedgerow device profile", ...z.toJSONSchema(ProfileFile, { io: "input", reused: "ref" }) };
}

function hasProperWildcards(text: string): boolean {
  const levels = text.split("/");
  return levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || !/[+#]/.test(level);
  });
}

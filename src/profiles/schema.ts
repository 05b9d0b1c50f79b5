// What a device profile (devices/*.yaml) may say: how a family's messages become readings, as data and nothing but data.
//
// Decision: a profile is a list of messages (by topic) with reading rules (by JSON pointer); a rule picks a field, converts
// it with a fixed set of steps and names a kind. There is no code, no template and no regular expression, since a profile
// may be dropped in by anybody and is run on bytes from anybody; every list has a bound. What a rule does not name is
// dropped. Order decides: the first message that fits is read, and per kind the first rule whose field is there.
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";

const BOOLEAN_KINDS = ["motion", "presence", "switch", "contact", "tamper", "battery-low", "online"] as const;
const NUMBER_KINDS = ["illuminance", "brightness", "battery", "link"] as const;

const isBooleanKind: ReadonlySet<string> = new Set(BOOLEAN_KINDS);

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and -");
const line = z.string().min(1).max(500);

const pointer = z
  .string()
  .max(200)
  .regex(/^(\/[^/]+)*$/, 'a JSON pointer: "" for the whole value, otherwise /name/name, with * for any name')
  .refine((text) => text.split("/").length <= LIMITS.jsonDepth, `has more than ${LIMITS.jsonDepth - 1} levels`)
  .refine((text) => text.split("*").length <= 4, "has more than three *");
const pointers = z
  .union([pointer, z.array(pointer).min(1).max(16)])
  .describe("where the value stands; of several the first that is there; ~1 stands for / and ~0 for ~ inside a name");

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const Condition = z
  .strictObject({
    at: pointers,
    is: z
      .union([scalar, z.array(scalar).min(1).max(32)])
      .optional()
      .describe("one of these values, compared as text"),
    present: z.boolean().optional().describe("whether the field is there (null counts as absent)"),
  })
  .refine(
    (condition) => (condition.is === undefined) !== (condition.present === undefined),
    "needs either is or present",
  );

const when = z.array(Condition).min(1).max(8).optional().describe("all must hold");

const ReadRule = z
  .strictObject({
    kind: z.enum([...BOOLEAN_KINDS, ...NUMBER_KINDS, "light-category"]),
    at: pointers.default(""),
    when,
    map: z
      .record(z.string().max(64), z.union([z.boolean(), z.number(), z.enum(["dark", "dim", "bright"]), z.null()]))
      .optional()
      .describe("the field's text to a value, upper and lower case alike; null: understood, and says nothing"),
    above: z.number().optional().describe("true when the number is greater"),
    below: z.number().optional().describe("true when the number is smaller"),
    curve: z
      .enum(["zigbee-illuminance"])
      .optional()
      .describe("zigbee-illuminance: raw 10000·log10(lx)+1 to lx (Zigbee Cluster Library 4.2.2.2.1)"),
    scale: z.number().optional(),
    offset: z.number().optional().describe("added after scale"),
    from: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe("the two numbers that are 0 % and 100 %; whole percent come out"),
    clamp: z
      .boolean()
      .optional()
      .describe("with from: what lies outside counts as 0 % or 100 % instead of as a bad value"),
    missing: z.union([z.boolean(), z.number()]).optional().describe("the value when the field is not there"),
  })
  .superRefine((rule, context) => {
    const complain = (message: string, key: string) => context.addIssue({ code: "custom", message, path: [key] });
    const isBoolean = isBooleanKind.has(rule.kind);
    const wanted = rule.kind === "light-category" ? "string" : isBoolean ? "boolean" : "number";
    for (const [key, value] of Object.entries(rule.map ?? {})) {
      if (value !== null && typeof value !== wanted)
        context.addIssue({ code: "custom", message: `${rule.kind} needs a ${wanted}`, path: ["map", key] });
    }
    if (rule.kind === "light-category" && rule.map === undefined)
      complain("light-category needs a map to dark, dim and bright", "kind");
    for (const key of ["scale", "offset", "curve", "from"] as const) {
      if (rule[key] !== undefined && wanted !== "number")
        complain(`${key} makes a number, and ${rule.kind} is none`, key);
    }
    for (const key of ["above", "below"] as const) {
      if (rule[key] !== undefined && !isBoolean)
        complain(`${key} makes true or false, and ${rule.kind} is neither`, key);
    }
    if (rule.above !== undefined && rule.below !== undefined) complain("choose above or below", "below");
    if (rule.from !== undefined && rule.from[0] === rule.from[1]) complain("needs two different numbers", "from");
    if (rule.clamp !== undefined && rule.from === undefined) complain("goes with from", "clamp");
    if (rule.missing !== undefined && typeof rule.missing !== wanted)
      complain(`${rule.kind} needs a ${wanted}`, "missing");
  });

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

const message = <P extends z.ZodType<string>>(on: P) =>
  z
    .strictObject({
      on: z.union([on, z.array(on).min(1).max(32)]),
      as: z.enum(["json", "text", "either"]).default("json").describe("either: JSON where it is JSON, otherwise text"),
      key: z
        .literal("last-level")
        .optional()
        .describe("the value is put under the name of the topic's last level, so that /name finds it"),
      when,
      read: z
        .array(z.union([ReadRule, RuleUse]))
        .min(1)
        .max(64)
        .optional(),
      ignore: z.enum(["not-mapped", "bridge-state", "awaits-approval"]).optional(),
      drop: z.enum(["identity-only", "encrypted"]).optional(),
    })
    .refine(
      ({ read, ignore, drop }) => [read, ignore, drop].filter((choice) => choice !== undefined).length === 1,
      "needs exactly one of read, ignore and drop",
    );

const topicPattern = pattern("{topic}");
const DeviceMessage = message(topicPattern);
const BridgeMessage = message(pattern("{base}"));

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
  holdS: z
    .number()
    .min(1)
    .max(86_400)
    .optional()
    .describe("for sensors that never say off: motion is over after this long without a sign"),
  staleAfterS: z.number().min(60).max(2_592_000).optional().describe("a device not heard for this long is stale"),
};

const Profile = z.strictObject({
  title: line,
  auto: z.boolean().optional().describe("used by `hedgerow explain` for a topic whose device is not known"),
  ...shared,
  setup: z.array(line).max(20).optional().describe("steps after the family's"),
  messages: z.array(DeviceMessage).min(1).max(32),
});

const Bridge = z.strictObject({
  base: z.string().min(1).max(200).describe("the topic its messages lie below, unless the kit says otherwise"),
  setup: z.array(line).min(1).max(20),
  messages: z.array(BridgeMessage).max(16).default([]).describe("what the bridge says of itself"),
});

/** One file of devices/: a family. Its name is the file's. */
export const ProfileFile = z.strictObject({
  title: line,
  about: z.string().max(1000).optional(),
  bridge: Bridge.optional().describe("one login that speaks for many devices"),
  ...shared,
  setup: z
    .array(line)
    .min(1)
    .max(20)
    .describe("what a person does, step by step, with {topic}, {username}, {password}, {host}, {port}"),
  rules: z.record(name, z.array(ReadRule).min(1).max(64)).default({}),
  common: z
    .array(DeviceMessage)
    .max(32)
    .default([])
    .describe("messages of every profile of the file, tried after its own"),
  profiles: z
    .record(name, Profile)
    .refine((profiles) => Object.keys(profiles).length > 0, "needs at least one profile"),
});

export type ProfileFile = z.infer<typeof ProfileFile>;
export type ProfileEntry = z.infer<typeof Profile>;
export type MessageEntry = z.infer<typeof DeviceMessage>;
export type ReadEntry = z.infer<typeof ReadRule>;
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

// How one field of a message becomes a reading, and under which conditions: the part of a profile that most people edit.
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { isIdentityName } from "./identity.ts";

const BOOLEAN_KINDS = ["motion", "presence", "switch", "contact", "tamper", "battery-low", "online"] as const;
const NUMBER_KINDS = ["illuminance", "brightness", "battery", "link"] as const;

const isBooleanKind: ReadonlySet<string> = new Set(BOOLEAN_KINDS);

const pointer = z
  .string()
  .max(200)
  .regex(/^(\/[^/]+)*$/, 'a JSON pointer: "" for the whole value, otherwise /name/name, with * for any name')
  .refine((text) => text.split("/").length <= LIMITS.jsonDepth, `has more than ${LIMITS.jsonDepth - 1} levels`)
  .refine((text) => text.split("*").length <= 6, "has more than five *");
export const pointers = z
  .union([pointer, z.array(pointer).min(1).max(16)])
  .describe("where the value stands; of several the first that is there; ~1 stands for / and ~0 for ~ inside a name");

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const Condition = z
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

export const when = z.array(Condition).min(1).max(8).optional().describe("all must hold");
export const unless = z.array(Condition).min(1).max(8).optional().describe("none may hold");

export const ReadRule = z
  .strictObject({
    kind: z.enum([...BOOLEAN_KINDS, ...NUMBER_KINDS, "light-category"]),
    at: pointers.default(""),
    when,
    unless,
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
    time: pointers
      .optional()
      .describe("where the device's own time of this value stands, if it has another one than the message"),
    missing: z.union([z.boolean(), z.number()]).optional().describe("the value when the field is not there"),
  })
  .superRefine((rule, context) => {
    const complain = (message: string, key: string) => context.addIssue({ code: "custom", message, path: [key] });
    for (const place of [rule.at].flat()) {
      const field = place.slice(place.lastIndexOf("/") + 1);
      if (isIdentityName(field)) complain(`${field} says who or where somebody is; it cannot be read`, "at");
    }
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

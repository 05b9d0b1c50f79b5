// Says in plain words what a schema complains of, and what to write instead.
import { z } from "zod";
import { nearest } from "./nearest.ts";
import type { YamlPath } from "../core/yaml.ts";

/** What is wrong at a path of a file; `at` says whether its key or its value is to be pointed at. */
export type Complaint = {
  readonly path: YamlPath;
  readonly at: "key" | "value";
  readonly text: string;
  readonly severity?: "warning";
};

export type Parsed<T> =
  | { readonly kind: "parsed"; readonly value: T }
  | { readonly kind: "wrong"; readonly complaints: readonly Complaint[] };

/** Parses what a YAML file holds. Each complaint is a sentence that begins with the path as a person writes it. */
export function parseWith<T>(schema: z.ZodType<T>, raw: unknown): Parsed<T> {
  const result = schema.safeParse(raw);
  if (result.success) return { kind: "parsed", value: result.data };
  const known = new KnownKeys(schema);
  return { kind: "wrong", complaints: result.error.issues.flatMap((issue) => complaintsOf(issue, raw, known)) };
}

/** `platform[0].url`; the whole file is `the file`. */
export function pathLabel(path: YamlPath): string {
  const label = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return label === "" ? "the file" : label.replace(/^\./, "");
}

/** Names are quoted from files: cut, and without control characters that would act on a terminal. */
export function quoted(text: string): string {
  const clean = text.replaceAll(/\p{C}/gu, "�");
  return clean.length > 60 ? `${clean.slice(0, 60)}…` : clean;
}

function complaintsOf(issue: z.core.$ZodIssue, raw: unknown, known: KnownKeys): Complaint[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...path, key], known.at(path, raw)));
  const label = quoted(pathLabel(path));
  const value = valueAt(raw, path);
  if (value === undefined && issue.code !== "custom")
    return [{ path, at: "key", text: `${label} is missing${wanted(issue, path)}` }];
  const at = issue.code === "invalid_key" ? "key" : "value";
  return [{ path, at, text: `${label} ${sentence(issue, value, raw)}` }];
}

function unknownKey(path: YamlPath, known: readonly string[]): Complaint {
  const key = String(path.at(-1));
  const guess = nearest(key, known);
  const remedy = guess === null ? `known here: ${known.join(", ")}` : `did you mean ${guess}?`;
  return { path, at: "key", text: `${quoted(pathLabel(path))} is not known; ${remedy}` };
}

function wanted(issue: z.core.$ZodIssue, path: YamlPath): string {
  const example = EXAMPLES[String(path.at(-1))];
  if (issue.code === "invalid_type" && example !== undefined) return `; write ${example}`;
  if (issue.code === "invalid_type") return `; write ${KINDS[issue.expected] ?? "it"}`;
  if (issue.code === "invalid_value") return `; write ${oneOf(issue.values)}`;
  if (issue.code === "invalid_union") return `; write ${oneOf(optionsOf(issue))}`;
  return "";
}

/** For what people leave out most, and the schema knows only as a text or a group of keys. */
const EXAMPLES: Readonly<Partial<Record<string, string>>> = {
  between: 'two times such as ["22:00", "06:00"]',
  controller: "who answers for the data, such as { name: Elm Street Association, contact: privacy@elm.example }",
  purpose: "why it looks, by language, such as { en: See whether the gate is open }",
  until: "the last day on which it may see, such as 2027-06-30",
};

function sentence(issue: z.core.$ZodIssue, value: unknown, raw: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue.expected, value);
    case "invalid_value":
      return notOneOf(issue.values, value);
    case "invalid_union":
      return issue.discriminator === undefined ? issue.message : notOneOf(optionsOf(issue), value);
    case "too_small":
      return `${amount(issue.origin)} at least ${String(issue.minimum)}`;
    case "too_big":
      return `${amount(issue.origin)} at most ${String(issue.maximum)}`;
    case "invalid_format":
      return `${shown(value)} is not valid: ${formatOf(issue, raw)}`;
    case "invalid_key":
      return `has a name that is not valid: ${issue.issues[0]?.message ?? issue.message}`;
    case "custom":
      return `${value === undefined ? "" : `${shown(value)} `}is not valid: ${issue.message}`;
    case "invalid_element":
    case "not_multiple_of":
    case "unrecognized_keys":
      return `is not valid: ${issue.message}`;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a pair such as [0.1, 0.2]",
  object: "a group of keys",
  record: "a group of keys",
};

const FORMATS: Readonly<Record<string, string>> = {
  url: "write an address such as https://platform.example/hedgerow",
  date: "write a day that exists, such as 2027-06-30",
};

/** Brokers, proxies and cameras have addresses of other kinds than everything else. */
function formatOf({ format, path, message }: z.core.$ZodIssueInvalidStringFormat, raw: unknown): string {
  if (format === "url" && path.includes("cameras"))
    return "write an address such as rtsp://192.168.1.20/stream1 for kind rtsp, http://192.168.1.20/snapshot.jpg for the others";
  if (format === "url" && path.at(-1) === "proxy") return "write an address such as http://proxy.example:3128";
  if (format === "url" && valueAt(raw, [...path.slice(0, -1).map(String), "kind"]) === "mqtt")
    return "write an address such as mqtts://broker.example:8883";
  if (format === "url" && path.includes("external")) return "write an address such as mqtts://mosquitto.example:8883";
  return FORMATS[format] ?? message;
}

function wrongType(expected: string, value: unknown): string {
  const wants = KINDS[expected] ?? expected;
  if (value === null) return `is empty; write ${wants}, or remove the line`;
  if (expected === "string" && typeof value !== "object") return `must be a text; put ${shown(value)} in quotes`;
  return `must be ${wants}, not ${typeof value === "object" ? (Array.isArray(value) ? "a list" : "a group of keys") : shown(value)}`;
}

function notOneOf(options: readonly unknown[], value: unknown): string {
  const guess = typeof value === "string" ? nearest(value, options.map(String)) : null;
  return `must be ${oneOf(options)}, not ${shown(value)}${guess === null ? "" : `; did you mean ${guess}?`}`;
}

function oneOf(options: readonly unknown[]): string {
  const names = options.map(String);
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function optionsOf(issue: z.core.$ZodIssueInvalidUnion): readonly unknown[] {
  return "options" in issue ? (issue.options ?? []) : [];
}

function amount(origin: string): string {
  if (origin === "string") return "must have a length in letters of";
  return origin === "array" ? "must have a number of entries of" : "must be";
}

function shown(value: unknown): string {
  if (typeof value === "string") return `"${quoted(value)}"`;
  return typeof value === "object" && value !== null ? "this" : quoted(String(value));
}

function valueAt(raw: unknown, path: YamlPath): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined;
  }
  return value;
}

const SchemaNode = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  propertyNames: z.object({ enum: z.array(z.string()).optional() }).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
});

/** Which keys a schema knows at a path, read from its JSON Schema rather than from zod's insides. */
class KnownKeys {
  readonly #schema: unknown;

  constructor(schema: z.ZodType) {
    this.#schema = z.toJSONSchema(schema, { io: "input" });
  }

  at(path: YamlPath, raw: unknown): string[] {
    let nodes = [this.#schema];
    for (const [depth, step] of path.entries()) {
      const group = valueAt(raw, path.slice(0, depth));
      nodes = nodes.flatMap((node) => variants(node, group)).flatMap((node) => below(node, step));
    }
    const keys = nodes
      .flatMap((node) => variants(node, valueAt(raw, path)))
      .flatMap((node) => {
        const { properties, propertyNames } = SchemaNode.parse(node);
        return [...Object.keys(properties ?? {}), ...(propertyNames?.enum ?? [])];
      });
    return [...new Set(keys)];
  }
}

/** Of several shapes, those whose constants (`kind: https`) fit what is written. */
function variants(node: unknown, group: unknown): unknown[] {
  const { oneOf: shapes } = SchemaNode.parse(node);
  if (shapes === undefined) return [node];
  return shapes.filter((shape) =>
    Object.entries(SchemaNode.parse(shape).properties ?? {}).every(([key, property]) => {
      const { const: constant } = SchemaNode.parse(property);
      return constant === undefined || constant === valueAt(group, [key]);
    }),
  );
}

function below(node: unknown, step: string | number): unknown[] {
  const { properties, items, additionalProperties } = SchemaNode.parse(node);
  const next = typeof step === "number" ? items : (properties?.[step] ?? additionalProperties);
  return typeof next === "object" && next !== null ? [next] : [];
}

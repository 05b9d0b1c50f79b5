// Shown here: the files in config/ are what a newcomer copies, so they parse, show every key, and the JSON Schemas are current.
// UPDATE=1 vitest run --project unit test/settings/examples.test.ts writes the schemas anew.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { jsonSchemaTexts } from "../../src/settings/json-schemas.ts";
import { inspectSettings } from "../../src/settings/load.ts";
import { clockAt, settingsFolder } from "../helpers/settings-folder.ts";

const CONFIG = join(import.meta.dirname, "../../config");
const NAMES = ["gateway", "policy", "kit"] as const;

const example = (name: string): Promise<string> => readFile(join(CONFIG, `${name}.example.yaml`), "utf8");

test.each(NAMES)("config/%s.schema.json is what the code says", async (name) => {
  const file = join(CONFIG, `${name}.schema.json`);
  if (process.env["UPDATE"] === "1") await writeFile(file, jsonSchemaTexts()[name]);
  expect(await readFile(file, "utf8")).toBe(jsonSchemaTexts()[name]);
});

test("the examples are good as they stand, without a warning", async () => {
  await using folder = await settingsFolder({
    gateway: await example("gateway"),
    policy: await example("policy"),
    kit: await example("kit"),
  });
  const { mistakes, warnings, settings } = await inspectSettings(folder.file, { clock: clockAt("2026-06-01") });
  expect([...mistakes, ...warnings]).toEqual([]);
  expect(settings?.kit.cameras.map(({ id }) => id)).toEqual(["gate-cam"]);
});

test.each(NAMES)("config/%s.example.yaml shows every key", async (name) => {
  const text = await example(name);
  const missing = keysOf(JSON.parse(jsonSchemaTexts()[name])).filter((key) => !new RegExp(`\\b${key}:`).test(text));
  expect(missing).toEqual([]);
});

const Node = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() });

/** Every property name in a JSON Schema, at whatever depth. */
function keysOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(keysOf);
  const parsed = Node.safeParse(node);
  if (!parsed.success) return [];
  return [
    ...Object.keys(parsed.data.properties ?? {}),
    ...Object.values(parsed.data.properties ?? {}).flatMap(keysOf),
    ...Object.entries(parsed.data).flatMap(([key, value]) => (key === "properties" ? [] : keysOf(value))),
  ];
}

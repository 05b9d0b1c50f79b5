// The JSON Schemas in config/, made from the zod schemas: editors complete and check the YAML files by them.
import { z } from "zod";
import { SCHEMAS } from "./schema.ts";

/** The text of `config/<name>.schema.json` (draft 2020-12) for each settings file, of what a person may write. */
export function jsonSchemaTexts(): Record<keyof typeof SCHEMAS, string> {
  return { gateway: textOf(SCHEMAS.gateway), policy: textOf(SCHEMAS.policy), kit: textOf(SCHEMAS.kit) };
}

function textOf(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: "input" }), null, 2)}\n`;
}

// The published JSON Schemas of config/contract/events, as checks: what an event that leaves has to look like.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const DIRECTORY = fileURLToPath(new URL("../../config/contract/events/", import.meta.url));

/** By event type (`hedgerow.motion.detected.v1`). */
export async function loadEventSchemas(): Promise<ReadonlyMap<string, z.ZodType>> {
  const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith(".schema.json"));
  const schemas = names.map(async (name): Promise<[string, z.ZodType]> => {
    const schema = z.record(z.string(), z.json()).parse(JSON.parse(await readFile(`${DIRECTORY}${name}`, "utf8")));
    return [`hedgerow.${name.replace(".schema.json", "")}`, z.fromJSONSchema(schema)];
  });
  return new Map(await Promise.all(schemas));
}

/** What is wrong with an event by the published schema of its type, one line each; empty when nothing is. */
export function violationsOf(event: unknown, schemas: ReadonlyMap<string, z.ZodType>): string[] {
  const type = z.object({ type: z.string() }).safeParse(event).data?.type ?? "";
  const schema = schemas.get(type);
  if (schema === undefined) return [`no schema is published for the type "${type}"`];
  return schema.safeParse(event).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

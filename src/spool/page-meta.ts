// What a spool.db says of itself, read from its pages before SQLite has opened it.
import type { PageFile } from "./page-file.ts";
import { rowsBelow, type Walk } from "./page-rows.ts";

/** Numbers by name of the table `meta`; empty where they cannot be read. */
export function metaIn(file: PageFile): Map<string, number> {
  const walk: Walk = { seen: new Set(), broken: 0 };
  const root = rootsIn(file, walk).get("meta");
  const meta = new Map<string, number>();
  if (root === undefined) return meta;
  for (const { values } of rowsBelow(file, root, walk)) {
    const [key, n] = values;
    if (typeof key === "string" && typeof n === "number") meta.set(key, n);
  }
  return meta;
}

/** Where trees begin, by name, as the file's own table of tables says, where it can be read. */
export function rootsIn(file: PageFile, walk: Walk): Map<string, number> {
  const roots = new Map<string, number>();
  for (const { values } of rowsBelow(file, 1, walk)) {
    const [kind, name, , root] = values;
    if ((kind === "table" || kind === "index") && typeof name === "string" && typeof root === "number")
      roots.set(name, root);
  }
  return roots;
}

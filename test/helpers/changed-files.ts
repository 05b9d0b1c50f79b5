// A search for pixels in what was written since a test began: other folders of this machine are too large to read whole.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { leaksIn, type Needle } from "./watermark.ts";

/** Not written by what is tested, and large. */
const PASSED_OVER = new Set(["node_modules", ".git"]);

/** `file: needle` for each leak in files below a folder that changed since `sinceMs`. What vanishes meanwhile is passed over. */
export async function leaksInChangedFiles(
  folder: string,
  by: { readonly sinceMs: number; readonly needles: readonly Needle[] },
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) found.push(...(await leaksInChangedFiles(path, by)));
    if (entry.isFile()) found.push(...(await leaksInFile(path, by)));
  }
  return found;
}

async function leaksInFile(path: string, by: { sinceMs: number; needles: readonly Needle[] }): Promise<string[]> {
  const changedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (changedMs < by.sinceMs) return [];
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return leaksIn(bytes, by.needles).map((name) => `${path}: ${name}`);
}

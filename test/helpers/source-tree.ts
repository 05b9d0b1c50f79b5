// The project's files as the house test sees them: each read once, comments blanked, imports found.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Path (relative, with `/`) → text. */
export type Tree = ReadonlyMap<string, string>;

/** `from`: `src/…` for our own files (`*` where a template has a variable), else as written. `at`: index into the text. */
type Import = { readonly from: string; readonly isType: boolean; readonly at: number };

/** `code`: the text with comments and the insides of strings blanked, same length. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly Import[];
};

const NOT_OURS = new Set(["node_modules", ".git", "out", "data"]);

/** All files below `root` but node_modules, .git, out and data. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>();
  const walk = (directory: string): void => {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = posix.join(directory, entry.name);
      if (entry.isDirectory() && !(directory === "" && NOT_OURS.has(entry.name))) walk(path);
      if (entry.isFile()) tree.set(path, readFileSync(join(root, path), "utf8"));
    }
  };
  walk("");
  return tree;
}

/** A tree written as one text: `=== path` before each file. */
export function parseTree(text: string): Tree {
  return new Map(
    text
      .split(/^=== /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf("\n");
        return [part.slice(0, end).trim(), part.slice(end + 1)] as const;
      }),
  );
}

const QUOTED_OR_COMMENT =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?<![\\/])\/\/.*|\/\*[\s\S]*?\*\//g;

/** Static, type-only, re-exporting, dynamic and `import.meta.resolve`d imports, and `new URL("./x", import.meta.url)`. */
const LEADS = new RegExp(
  [
    String.raw`^[ \t]*(?:import|export)\s+(?<type>type\s)?(?:[^"';]*?\sfrom\s+)?"(?<named>[^"]+)"`,
    String.raw`\bimport(?:\.meta\.resolve)?\(\s*"(?<called>[^"]+)"`,
    String.raw`\bnew URL\(\s*["\x60](?<file>[^"\x60]+)["\x60],\s*import\.meta`,
  ].join("|"),
  "gm",
);

/** Finds what a TypeScript file imports. A scanner, not a parser: a back quote in a regular expression would mislead it. */
export function parseSource(path: string, text: string): SourceFile {
  const blank = (part: string): string => part.replaceAll(/[^\n]/g, " ");
  const bare = text.replaceAll(QUOTED_OR_COMMENT, (part, quoted: string | undefined) => quoted ?? blank(part));
  const code = bare.replaceAll(QUOTED_OR_COMMENT, (part) => `${part[0]}${blank(part.slice(1, -1))}${part.at(-1)}`);
  const imports = [...bare.matchAll(LEADS)].map(({ groups = {}, index }) => {
    const to = groups["named"] ?? groups["called"] ?? groups["file"]?.replaceAll(/\$\{[^}]*\}/g, "*") ?? "";
    const isOurs = to.startsWith(".") || groups["file"] !== undefined;
    const from = isOurs ? posix.join(posix.dirname(path), to) : to;
    return { from, isType: groups["type"] !== undefined, at: index };
  });
  return { path, text, code, imports };
}

// Reads the profile files of a directory, and explains each mistake by file and line, so that a volunteer can mend it.
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import { readYaml } from "../core/yaml.ts";
import { compileFamily, type Family } from "./compile.ts";
import { ProfileFile } from "./schema.ts";

/** The family of what announced itself and was approved. */
export const DISCOVERED = "discovered";

/** A mistake in a profile file; `line` counts from 1. */
export type ProfileMistake = { readonly file: string; readonly line: number; readonly text: string };

/** The families of all directories, and every mistake. A family name that is there already is a mistake, not a replacement. */
export async function loadFamilies(
  directories: readonly string[],
): Promise<{ readonly families: readonly Family[]; readonly mistakes: readonly ProfileMistake[] }> {
  const families = new Map<string, Family>();
  const mistakes: ProfileMistake[] = [];
  for (const directory of directories) {
    for (const file of await profileFiles(directory)) {
      const id = basename(file, ".yaml");
      const text = await readText(file);
      if (text.kind === "unreadable") {
        mistakes.push({ file, line: 1, text: `cannot be read: ${text.why}` });
        continue;
      }
      const read = readFamily({ id, file, text: text.text });
      mistakes.push(...read.mistakes);
      if (read.family === null) continue;
      if (families.has(id))
        mistakes.push({ file, line: 1, text: `the family ${id} is there already; give this file another name` });
      else families.set(id, read.family);
    }
  }
  return { families: [...families.values()], mistakes };
}

/** One file's text as a family. Pure. */
export function readFamily({ id, file, text }: { id: string; file: string; text: string }): {
  readonly family: Family | null;
  readonly mistakes: readonly ProfileMistake[];
} {
  const yaml = readYaml(text);
  if (yaml.mistakes.length > 0)
    return { family: null, mistakes: yaml.mistakes.map(({ line, text }) => ({ file, line, text })) };
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) {
    return {
      family: null,
      mistakes: [{ file, line: 1, text: "the file's name may hold lower-case letters, digits and -" }],
    };
  }
  if (id === DISCOVERED) {
    const text = "the name discovered is kept for what announces itself; give this file another name";
    return { family: null, mistakes: [{ file, line: 1, text }] };
  }
  const parsed = ProfileFile.safeParse(yaml.value);
  if (!parsed.success)
    return { family: null, mistakes: parsed.error.issues.flatMap(flatten).map((issue) => explain(issue)) };
  const unknownUses = usesOf(parsed.data).filter(({ use }) => !Object.hasOwn(parsed.data.rules, use));
  if (unknownUses.length > 0) {
    return {
      family: null,
      mistakes: unknownUses.map(({ use, path }) =>
        at(
          path,
          `uses the rules ${use}, which are not written under rules${nearest(use, Object.keys(parsed.data.rules))}`,
        ),
      ),
    };
  }
  return { family: compileFamily(id, parsed.data), mistakes: [] };

  function at(path: readonly PropertyKey[], text: string, what: "key" | "value" = "value"): ProfileMistake {
    const plain = path.filter((step) => typeof step !== "symbol");
    return {
      file,
      line: yaml.placeOf(plain, what).line,
      text: plain.length === 0 ? text : `${plain.join(".")}: ${text}`,
    };
  }
  function explain(issue: Issue): ProfileMistake {
    if (issue.code !== "unrecognized_keys") return at(issue.path, inWords(issue.message));
    const key = issue.keys?.[0] ?? "";
    return at([...issue.path, key], `is not known here${nearest(key, KNOWN_KEYS)}`, "key");
  }
}

type Issue = {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
};

/** One issue a key; of a choice between shapes, the issues of the shape that was meant: the one that got furthest. */
function flatten(issue: Issue): readonly Issue[] {
  if (issue.code === "unrecognized_keys") return (issue.keys ?? []).map((key) => ({ ...issue, keys: [key] }));
  if (issue.code !== "invalid_union" || issue.errors === undefined) return [issue];
  const [meant] = issue.errors
    .filter((branch) => branch.length > 0)
    .toSorted((a, b) => depthOf(b) - depthOf(a) || a.length - b.length);
  if (meant === undefined) return [issue];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(flatten);
}

/** zod's own sentences, plainer. */
function inWords(message: string): string {
  if (message.endsWith("received undefined")) return "is missing";
  return message.replace(/^Invalid (input|option): /, "");
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(...issues.map(({ path, code }) => path.length + (code === "unrecognized_keys" ? 1 : 0)));
}

const KNOWN_KEYS = [
  ...Object.keys(ProfileFile.shape),
  ..."auto messages base on as key when read ignore drop is present use".split(" "),
  ..."kind at map above below curve scale offset from clamp missing".split(" "),
];

/** ", did you mean …?" when a known name is at most two letters away. */
function nearest(name: string, known: readonly string[]): string {
  const [best] = known
    .map((word) => ({ word, distance: editDistance(name, word) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 2 ? `; did you mean ${best.word}?` : "";
}

/** Levenshtein, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of from.split("").entries()) {
    const next = [index + 1];
    for (const [column, other] of to.split("").entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function usesOf(file: ProfileFile): readonly { readonly use: string; readonly path: readonly PropertyKey[] }[] {
  const lists = [
    { path: ["common"], messages: file.common },
    { path: ["bridge", "messages"], messages: file.bridge?.messages ?? [] },
    ...Object.entries(file.profiles).map(([name, { messages }]) => ({
      path: ["profiles", name, "messages"],
      messages,
    })),
  ];
  return lists.flatMap(({ path, messages }) =>
    messages.flatMap(({ read = [] }, index) =>
      read.flatMap((item, place) =>
        "use" in item ? [{ use: item.use, path: [...path, index, "read", place, "use"] }] : [],
      ),
    ),
  );
}

async function profileFiles(directory: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(directory)).filter((name) => name.endsWith(".yaml")).toSorted();
    return names.slice(0, LIMITS.profileFiles).map((name) => join(directory, name));
  } catch (cause) {
    throw new GatewayError(
      "CONFIG_UNREADABLE",
      `the device profiles in ${directory} cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
}

type Text = { readonly kind: "text"; readonly text: string } | { readonly kind: "unreadable"; readonly why: string };

async function readText(file: string): Promise<Text> {
  const read = await readSmallFile(file, { bytesMax: LIMITS.profileBytes });
  if (read.kind === "bytes") return { kind: "text", text: read.bytes.toString("utf8") };
  return { kind: "unreadable", why: read.kind === "absent" ? "it is not there any more" : read.why };
}

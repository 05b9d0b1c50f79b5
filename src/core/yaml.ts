// The one door to the YAML reader: text becomes plain values, and each value remembers its line.
//
// Decision: the tree is walked here instead of by the library's toJS(). Its check for duplicate keys is quadratic (60,000
// keys took 47 s), it turns keys that are no text into text, and it knows no bound on depth or on what aliases unfold to.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  stringify,
  type Pair,
  type YAMLMap,
} from "yaml";
import { LIMITS } from "./limits.ts";

/** Where in the tree: `["platform", 0, "url"]`. */
export type YamlPath = readonly (string | number)[];
/** Both from 1, as editors count. */
export type Place = { readonly line: number; readonly column: number };
export type YamlMistake = Place & { readonly text: string };

/** `isWhole`: the text could be read to its end, so that `value` is what was written, for all that `mistakes` say of it. */
export type Yaml = {
  readonly value: unknown;
  readonly isWhole: boolean;
  readonly mistakes: readonly YamlMistake[];
  /** Where the value (or its key) is written; of what is not written, the nearest place around it. */
  placeOf(path: YamlPath, what?: "key" | "value"): Place;
};

/** Reads one YAML 1.2 document of at most LIMITS.settingsBytes. Never throws: what is wrong is in `mistakes`. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  const walk = new Walk(lines);
  // Errors are read from the document, so a nesting that overflows the library's stack is the only thing it can throw.
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      schema: "core",
    });
    for (const { message, code, pos } of [...document.errors, ...document.warnings]) {
      if (code !== "TAG_RESOLVE_FAILED") walk.complain(pos[0], WORDS[code] ?? `is not YAML: ${firstLine(message)}`);
    }
    const value = walk.valueOf(document.contents, []);
    const isWhole = document.errors.length === 0 && !walk.isCut;
    // A tag of a value was complained of on the walk; one of a key is nowhere in the tree.
    const [tag] = walk.mistakes.length === 0 ? document.errors : [];
    if (tag !== undefined) walk.complain(tag.pos[0], "has a tag; tags mean nothing here, so remove it");
    return { value, isWhole, mistakes: walk.mistakes, placeOf: (path, what) => walk.placeOf(path, what) };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    walk.complain(0, "is nested too deeply to be read");
    return { value: null, isWhole: false, mistakes: walk.mistakes, placeOf: () => ({ line: 1, column: 1 }) };
  }
}

const WORDS: Readonly<Partial<Record<string, string>>> = {
  TAB_AS_INDENT: "is indented with a tab; use spaces",
  MULTIPLE_DOCS: "begins a second document; one file holds one, so remove the line ---",
  BAD_INDENT:
    "does not fit the lines before it; close their brackets, and give the lines of one group the same number of spaces",
  UNEXPECTED_TOKEN: "is not expected here; look for a missing colon, quote, bracket or comma before it",
  MISSING_CHAR: "lacks a closing quote, bracket or comma before this place",
  BLOCK_AS_IMPLICIT_KEY: "does not fit here; look for a missing line break or quotes around a text with a colon",
  MULTILINE_IMPLICIT_KEY: "is a key over several lines; look for a missing colon",
  ALIAS_PROPS: "is an alias with properties; write the value out",
};

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}

/** One pass over the document's tree. */
class Walk {
  readonly mistakes: YamlMistake[] = [];
  isCut = false;
  readonly #lines: LineCounter;
  readonly #places = new Map<string, { key: number | undefined; value: number }>();
  readonly #anchors = new Map<string, Node>();
  #values = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  complain(offset: number, text: string): void {
    if (this.mistakes.length < LIMITS.settingsFindings) this.mistakes.push({ ...this.#placeAt(offset), text });
  }

  placeOf(path: YamlPath, what: "key" | "value" = "value"): Place {
    const found = this.#places.get(JSON.stringify(path));
    if (found !== undefined) return this.#placeAt(what === "key" ? (found.key ?? found.value) : found.value);
    return path.length === 0 ? { line: 1, column: 1 } : this.placeOf(path.slice(0, -1), "key");
  }

  valueOf(node: unknown, path: YamlPath, keyOffset?: number): unknown {
    const offset = offsetOf(node) ?? keyOffset ?? 0;
    this.#places.set(JSON.stringify(path), { key: keyOffset, value: offset });
    this.#values += 1;
    if (this.#values > LIMITS.settingsValues) return this.#cut(offset, "unfolds to too many values; use fewer aliases");
    if (path.length > LIMITS.settingsDepth) return this.#cut(offset, "is nested too deeply");
    if (isAlias(node)) return this.#aliased(node.source, offset, path, keyOffset);
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (node.tag !== undefined)
      this.complain(
        offset,
        `has the tag ${node.tag.replace("tag:yaml.org,2002:", "!!")}; tags mean nothing here, so remove it`,
      );
    if (isScalar(node)) return node.value;
    if (isMap(node)) return this.#group(node, path);
    return node.items.map((item, index) => this.valueOf(item, [...path, index]));
  }

  /** An alias is the value of the anchor before it, written out; a circle ends at the bound on depth. */
  #aliased(name: string, offset: number, path: YamlPath, keyOffset: number | undefined): unknown {
    const target = this.#anchors.get(name);
    if (target !== undefined) return this.valueOf(target, path, keyOffset);
    this.complain(offset, `*${name} stands for an anchor &${name} that is not written before it`);
    return null;
  }

  #group(map: YAMLMap, path: YamlPath): Record<string, unknown> {
    const group: Record<string, unknown> = {};
    for (const pair of map.items) {
      const key = this.#keyOf(pair, offsetOf(map) ?? 0);
      if (key === undefined) continue;
      if (Object.hasOwn(group, key.name))
        this.complain(key.offset, `${key.name} is written twice in the same group; remove one`);
      group[key.name] = this.valueOf(pair.value, [...path, key.name], key.offset);
    }
    return group;
  }

  #keyOf({ key }: Pair, around: number): { name: string; offset: number } | undefined {
    const offset = offsetOf(key) ?? around;
    if (!isScalar(key) || typeof key.value !== "string") {
      this.complain(
        offset,
        isScalar(key)
          ? `has the key ${String(key.value)}, which is no text; put it in quotes`
          : "has a key that is no text",
      );
      return undefined;
    }
    if (key.value === "__proto__") {
      this.complain(offset, "__proto__ is not known");
      return undefined;
    }
    return { name: key.value, offset };
  }

  /** Ends the walk at a bound: said once, since each value after it would say the same. */
  #cut(offset: number, text: string): null {
    if (!this.isCut) this.complain(offset, text);
    this.isCut = true;
    return null;
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function offsetOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** The library's tree of a text that `readYaml` could read to its end; nodes know their place. For core/yaml-list.ts. */
export function treeOf(text: string): Node | null {
  return parseDocument(text, { prettyErrors: false, uniqueKeys: false, schema: "core" }).contents;
}

/** The library's document of such a text, to be changed and written again. For core/yaml-values.ts. */
export function documentOf(text: string): ReturnType<typeof parseDocument> {
  return parseDocument(text, { prettyErrors: false, schema: "core" });
}

export { isMap, isScalar, isSeq } from "yaml";

/** Plain values as YAML 1.2 that `readYaml` reads back; long texts stay on one line. */
export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

// Adds to a list in a YAML text, or takes from it, and leaves every other byte as it is: comments, order and spacing are
// people's own. What cannot be changed so (aliases, odd forms) is refused: each change is read again and compared.
import { isDeepStrictEqual } from "node:util";
import type { Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { isMap, isScalar, isSeq, readYaml, treeOf } from "./yaml.ts";

/** `item`: in YAML's flow form, such as `{ name: x }`. Null when the list at this path of groups cannot be changed in place. */
export function addToList(text: string, path: readonly string[], item: string): string | null {
  const found = findList(text, path);
  if (found === null) return null;
  const { parent, pair, name } = found;
  const { value: added, isWhole } = readYaml(item);
  if (!isWhole) return null;
  const after = pair === undefined ? withKey(text, { parent, name, item }) : withItem(text, { pair, item });
  return checked(after, text, path, (list) => [...list, added]);
}

/** Takes the item of this index out. Null as above. */
export function removeFromList(text: string, path: readonly string[], index: number): string | null {
  const pair = findList(text, path)?.pair;
  if (pair === undefined || !isSeq(pair.value)) return null;
  const after =
    pair.value.flow === true ? withoutFlowItem(text, pair.value, index) : withoutBlockItem(text, pair, index);
  return checked(after, text, path, (list) => list.toSpliced(index, 1));
}

type Found = { readonly parent: YAMLMap; readonly pair: Pair | undefined; readonly name: string };
type Change = { readonly from: number; readonly to: number; readonly put: string };

/** The group that holds the list, and its pair there if it has one. */
function findList(text: string, path: readonly string[]): Found | null {
  let node: unknown = treeOf(text);
  for (const [depth, name] of path.entries()) {
    if (!isMap(node)) return null;
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === name);
    if (depth === path.length - 1) return { parent: node, pair, name };
    node = pair?.value;
  }
  return null;
}

/** The changed text, if it says what it should and nothing else. */
function checked(
  change: Change | null,
  text: string,
  path: readonly string[],
  edit: (list: readonly unknown[]) => unknown[],
): string | null {
  if (change === null) return null;
  const after = text.slice(0, change.from) + change.put + text.slice(change.to);
  const [was, is] = [readYaml(text), readYaml(after)];
  const expected = edited(was.value, path, edit);
  return is.mistakes.length === was.mistakes.length && isDeepStrictEqual(is.value, expected) ? after : null;
}

function edited(value: unknown, path: readonly string[], edit: (list: readonly unknown[]) => unknown[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return edit(Array.isArray(value) ? value : []);
  const group: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  return { ...group, [step]: edited(group[step], rest, edit) };
}

/** The list is not there yet: it becomes the last key of its group. */
function withKey(text: string, { parent, name, item }: { parent: YAMLMap; name: string; item: string }): Change | null {
  const [first] = parent.items;
  const last = parent.items.at(-1);
  if (first === undefined || last === undefined) return null;
  const end = endOf(last.value) ?? endOf(last.key);
  const begin = beginOf(first.key);
  if (end === null || begin === null) return null;
  if (parent.flow === true) return insert(end, `, ${name}: [${item}]`);
  const indent = " ".repeat(begin - lineStart(text, begin));
  const eol = eolOf(text);
  return newLine(text, end, `${indent}${name}:${eol}${indent}  - ${item}`);
}

function withItem(text: string, { pair, item }: { pair: Pair; item: string }): Change | null {
  const { key, value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) {
    const colon = text.indexOf(":", endOf(key) ?? text.length);
    // Nothing at all, or a written null; where nothing is written the node lies behind the comment.
    const range = isScalar(value) ? value.range : null;
    const isWritten = range !== null && range !== undefined && range[1] > range[0];
    return colon < 0 ? null : { from: colon + 1, to: isWritten ? range[1] : colon + 1, put: ` [${item}]` };
  }
  if (!isSeq(value) || value.range === null || value.range === undefined) return null;
  const last = value.items.at(-1);
  if (last === undefined) return { from: value.range[0], to: value.range[1], put: `[${item}]` };
  const [begin, end] = [beginOf(last), endOf(last)];
  if (begin === null || end === null) return null;
  if (value.flow !== true) return newLine(text, end, `${dashOf(text, begin).indent}- ${item}`);
  const before = text.slice(lineStart(text, begin), begin);
  return insert(end, before.trim() === "" ? `,${eolOf(text)}${before}${item}` : `, ${item}`);
}

/** The item and one comma; a line that holds nothing else goes with it. */
function withoutFlowItem(text: string, list: YAMLSeq, index: number): Change | null {
  const [item, previous] = [list.items[index], list.items[index - 1]];
  const [begin, end] = [beginOf(item), endOf(item)];
  if (begin === null || end === null) return null;
  const comma = /^\s*,[^\S\n]*/.exec(text.slice(end));
  if (comma !== null) return wholeLine(text, { from: begin, to: end + comma[0].length });
  const before = previous === undefined ? null : endOf(previous);
  // Without a comma after it, it is the last one: the comma before it goes, and what stands between them if it is no comment.
  const isPlain = before !== null && /^\s*,\s*$/.test(text.slice(before, begin));
  if (before !== null && !isPlain) return null;
  return { from: before ?? begin, to: end, put: "" };
}

function withoutBlockItem(text: string, { key, value }: Pair, index: number): Change | null {
  if (!isSeq(value)) return null;
  const item = value.items[index];
  const [begin, end, colon] = [beginOf(item), endOf(item), text.indexOf(":", endOf(key) ?? text.length)];
  if (begin === null || end === null || colon < 0) return null;
  const from = lineStart(text, dashOf(text, begin).at);
  const to = nextLine(text, end);
  if (value.items.length > 1) return { from, to, put: "" };
  return { from: colon + 1, to, put: ` []${text.slice(colon + 1, from)}` };
}

function insert(at: number, put: string): Change {
  return { from: at, to: at, put };
}

/** A line after the one in which `end` lies, behind its comment if it has one. */
function newLine(text: string, end: number, line: string): Change {
  const at = nextLine(text, end);
  const eol = eolOf(text);
  return insert(at, text[at - 1] === "\n" ? `${line}${eol}` : `${eol}${line}`);
}

function wholeLine(text: string, { from, to }: { from: number; to: number }): Change {
  const start = lineStart(text, from);
  const isAlone = text.slice(start, from).trim() === "" && /^\r?\n/.test(text.slice(to));
  return isAlone ? { from: start, to: nextLine(text, to), put: "" } : { from, to, put: "" };
}

/** The dash before a block item, and what its line begins with. */
function dashOf(text: string, begin: number): { readonly at: number; readonly indent: string } {
  const at = text.lastIndexOf("-", begin - 1);
  return { at, indent: text.slice(lineStart(text, at), at) };
}

function beginOf(node: unknown): number | null {
  return rangeOf(node)?.[0] ?? null;
}

/** Where a node's own text ends; of a block, where its last line of content does. */
function endOf(node: unknown): number | null {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return endOf(last?.value) ?? endOf(last?.key);
  }
  if (isSeq(node) && node.flow !== true) return endOf(node.items.at(-1));
  return rangeOf(node)?.[1] ?? null;
}

function rangeOf(node: unknown): Node["range"] {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range : null;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Where the next line begins. A block text ends with its own line. */
function nextLine(text: string, at: number): number {
  if (text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

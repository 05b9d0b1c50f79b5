// Sets values in a YAML text by their paths and keeps what people wrote around them: comments, order, spacing where it can. Each
// change is read again and compared, so that a text is either changed as asked or not at all. Lists item by item: yaml-list.ts.
import { isDeepStrictEqual } from "node:util";
import { documentOf, isMap, isScalar, readYaml, type YamlPath } from "./yaml.ts";

/** `value`: undefined takes the key away. A path of keys; lists are set whole. */
export type YamlChange = { readonly path: readonly string[]; readonly value: unknown };

/** The changed text; null when it cannot be changed in place (aliases, a group that is something else). */
export function withYamlValues(text: string, changes: readonly YamlChange[]): string | null {
  const before = readYaml(text);
  if (before.mistakes.length > 0) return null;
  const document = documentOf(text);
  let expected = before.value;
  for (const { path, value } of changes) {
    const [whole, put] = reaching(document, path, value);
    const there = document.getIn(whole, true);
    if (value === undefined) document.deleteIn(path);
    // In place: a remark behind a value belongs to the value's node.
    else if (isScalar(there) && (typeof put !== "object" || put === null)) there.value = put;
    else document.setIn(whole, document.createNode(put));
    expected = edited(expected, path, value);
  }
  const after = written(document);
  const read = readYaml(after);
  return read.mistakes.length === 0 && isDeepStrictEqual(read.value, expected) ? after : null;
}

/** Empty where the library cannot write it: an alias whose anchor went. */
function written(document: ReturnType<typeof documentOf>): string {
  try {
    return document.toString({ lineWidth: 0 });
  } catch {
    return "";
  }
}

/** What differs between two values of a file, a change each; groups are gone into, lists and texts are exchanged whole. */
export function yamlChanges(before: unknown, now: unknown, path: readonly string[] = []): YamlChange[] {
  if (isDeepStrictEqual(before, now)) return [];
  if (!isGroup(before) || !isGroup(now)) return [{ path, value: now }];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    const [old, fresh] = [before, now].map((group) => (Object.hasOwn(group, key) ? group[key] : undefined));
    return yamlChanges(old, fresh, [...path, key]);
  });
}

/** As far down the path as there are groups, and what is to stand there: `cameras:` with nothing behind it is no group yet. */
function reaching(
  document: ReturnType<typeof documentOf>,
  path: YamlPath,
  value: unknown,
): readonly [YamlPath, unknown] {
  for (let length = 1; length < path.length; length += 1) {
    const there = document.getIn(path.slice(0, length), true);
    if (isMap(there)) continue;
    const put = path.slice(length).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    return [path.slice(0, length), put];
  }
  return [path, value];
}

function edited(group: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const copy = isGroup(group) ? { ...group } : {};
  const inner = edited(copy[step], rest, value);
  if (inner === undefined) delete copy[step];
  else copy[step] = inner;
  return copy;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

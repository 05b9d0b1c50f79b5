// Finds fields in untrusted JSON by pointer, and names the fields that nobody read.
import { LIMITS } from "../core/limits.ts";

/** A pointer taken apart: each level is a name, or a name with `*` for any characters. */
export type Pointer = readonly Level[];
type Level = { readonly name: string } | { readonly before: string; readonly after: string };

/** Fields by the object that holds them: those that became readings. */
export type Touched = Map<object, Set<string>>;

/** `found: false` also for null: senders write null for "nothing known". `steps`: the way to the value. */
export type Found =
  | { readonly found: true; readonly value: unknown; readonly steps: readonly (readonly [object, string])[] }
  | { readonly found: false };

const NOTHING: Found = { found: false };

/** Takes a JSON pointer (RFC 6901, with `*` inside a level) apart; the schema has checked its form. */
export function parsePointer(text: string): Pointer {
  return text
    .split("/")
    .slice(1)
    .map((level) => {
      const star = level.indexOf("*");
      if (star < 0) return { name: unescape(level) };
      return { before: unescape(level.slice(0, star)), after: unescape(level.slice(star + 1)) };
    });
}

/** The first value in document order that the pointer reaches. Own fields only, so `__proto__` is a name like any other. */
export function find(root: unknown, pointer: Pointer, depth = 0): Found {
  const level = pointer[depth];
  if (level === undefined)
    return root === null || root === undefined ? NOTHING : { found: true, value: root, steps: [] };
  if (!isObject(root)) return NOTHING;
  for (const name of namesAt(root, level)) {
    const below = find(root[name], pointer, depth + 1);
    if (below.found) return { ...below, steps: [[root, name], ...below.steps] };
  }
  return NOTHING;
}

/** Remembers that the value found became a reading. */
export function touch(touched: Touched, found: Found): void {
  if (!found.found) return;
  for (const [holder, name] of found.steps) {
    const names = touched.get(holder) ?? new Set();
    touched.set(holder, names.add(name));
  }
}

/** The names of all fields that became no reading, each once, outer before inner, within LIMITS. */
export function namesNotTouched(root: unknown, touched: Touched): string[] {
  const names = new Set<string>();
  const waiting: unknown[] = [root];
  let seen = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) {
      waiting.push(...value.slice(0, LIMITS.removedNames).toReversed());
      continue;
    }
    if (!isObject(value)) continue;
    for (const name of Object.keys(value)) {
      seen += 1;
      if (names.size >= LIMITS.removedNames || seen > LIMITS.removedFieldsSeen) return [...names];
      if (touched.get(value)?.has(name) !== true) names.add(name.slice(0, LIMITS.removedNameChars));
      if (typeof value[name] === "object") waiting.push(value[name]);
    }
  }
  return [...names];
}

function namesAt(holder: Readonly<Record<string, unknown>>, level: Level): readonly string[] {
  if ("name" in level) return Object.hasOwn(holder, level.name) ? [level.name] : [];
  const { before, after } = level;
  const isMeant = (name: string) =>
    name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
  return Object.keys(holder).slice(0, LIMITS.wildcardFields).filter(isMeant);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unescape(level: string): string {
  return level.replaceAll("~1", "/").replaceAll("~0", "~");
}

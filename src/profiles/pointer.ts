// Finds fields in untrusted JSON by pointer, and names the fields that nobody read.
import { LIMITS } from "../core/limits.ts";

/** A pointer taken apart: each level is a name, or pieces with any characters between them (`*`), upper and lower case alike. */
export type Pointer = readonly Level[];
type Level = { readonly name: string } | { readonly pieces: readonly string[] };

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
      const pieces = level.split("*").map(unescape);
      return pieces.length === 1 ? { name: unescape(level) } : { pieces: pieces.map((piece) => piece.toLowerCase()) };
    });
}

/** The first value in document order that the pointer reaches; a list has its places as names. Own fields only, so `__proto__` is a name like any other. */
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
    if (!isObject(value)) continue;
    if (Array.isArray(value)) {
      waiting.push(...value.slice(0, LIMITS.removedNames).toReversed());
      continue;
    }
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
  return Object.keys(holder)
    .slice(0, LIMITS.wildcardFields)
    .filter((name) => fitsPieces(name.toLowerCase(), level.pieces));
}

/** Whether the text begins with the first piece, ends with the last, and holds the others between them in order. */
function fitsPieces(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return from <= text.length - last.length;
}

/** Also a list, whose places are its names (RFC 6901). */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function unescape(level: string): string {
  return level.replaceAll("~1", "/").replaceAll("~0", "~");
}

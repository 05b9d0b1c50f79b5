// A mask that is being drawn: read from the address, checked as the policy is, and written as policy.yaml and the shell take it.
import type { Clock } from "../core/clock.ts";
import { checkPolicy } from "../settings/camera-checks.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import { plainName } from "./html.ts";

/** Fractions of the picture from its upper left, to a thousandth. */
export type Corner = readonly [number, number];
export type Draft = { readonly name: string; readonly corners: readonly Corner[] };

/** Something to begin with: a square in the middle. */
const FIRST: readonly Corner[] = [
  [0.4, 0.4],
  [0.6, 0.4],
  [0.6, 0.6],
  [0.4, 0.6],
];
const { cornersMin, cornersMax } = CAMERA_PAGE_LIMITS;

/** `name`, and `x` and `y` once for each corner; `drop`: the corner that its button removes; `do=add`: one more. Never throws. */
export function draftOf(asked: URLSearchParams): Draft {
  const [xs, ys] = [asked.getAll("x"), asked.getAll("y")];
  const typed = xs.slice(0, cornersMax).flatMap((x, index): Corner[] => {
    const corner = [fraction(x), fraction(ys[index] ?? "")] as const;
    return corner.every(Number.isFinite) ? [corner] : [];
  });
  const drop = asked.get("drop");
  const kept = drop === null || typed.length <= cornersMin ? typed : typed.filter((_, index) => String(index) !== drop);
  const corners = kept.length >= cornersMin ? kept : FIRST;
  const name = plainName(asked.get("name") ?? "") || "new mask";
  return { name, corners: asked.get("do") === "add" ? withOneMore(corners) : corners };
}

/** People in half of Europe write 0,5. */
function fraction(typed: string): number {
  if (!/^\d*[.,]?\d+$/.test(typed.trim())) return Number.NaN;
  return Math.round(Math.min(1, Number(typed.trim().replace(",", "."))) * 1000) / 1000;
}

/** Between the last and the first. */
function withOneMore(corners: readonly Corner[]): readonly Corner[] {
  const [first, last] = [corners[0], corners.at(-1)];
  if (first === undefined || last === undefined || corners.length >= cornersMax) return corners;
  const middle = (at: 0 | 1) => Math.round((first[at] + last[at]) * 500) / 1000;
  return [...corners, [middle(0), middle(1)]];
}

type Place = { readonly id: string; readonly entry: CameraPolicyEntry };

/** What the gateway would say of this mask in policy.yaml, as sentences; empty: nothing is wrong with it. */
export function findingsOf({ name, corners }: Draft, { id, entry }: Place, clock: Clock): readonly string[] {
  const mask = { name, polygon: corners.map(([x, y]): [number, number] => [x, y]) };
  const policy = { ...ALONE, cameras: { [id]: { ...entry, until: "9999-12-31", masks: [mask] } } };
  const said = checkPolicy(policy, clock).map(({ text }) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
  const isTaken = entry.masks.some((each) => each.name === name);
  return isTaken
    ? [...said, `This camera has a mask named ${JSON.stringify(name)} already. Choose another name.`]
    : said;
}

/** What checkPolicy looks at beside cameras: no purposes are compared here. */
const ALONE = { languages: [] };

/** The share of the picture that lies inside, 0 to 1 (the shoelace formula). */
export function shareOf(corners: readonly Corner[]): number {
  const twice = corners.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = corners[(at + 1) % corners.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** The lines for policy.yaml, indented as below `cameras:`; with `masks:` above where the camera has none yet. */
export function yamlOf({ name, corners }: Draft, { entry }: Place): string {
  const polygon = corners.map(([x, y]) => `[${x}, ${y}]`).join(", ");
  const line = `      - { name: ${JSON.stringify(name)}, polygon: [${polygon}] }`;
  return entry.masks.length === 0 ? `    masks:\n${line}` : line;
}

/** The command that writes the same. */
export function commandOf({ name, corners }: Draft, { id }: Place): string {
  const polygon = corners.map((corner) => corner.join(",")).join(" ");
  return `hedgerow camera mask ${id} --add ${shellWord(name)} --polygon ${shellWord(polygon)}`;
}

/** As one word for a shell. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

// A mask that is being drawn: read from the address or a form, and looked at as the policy's own check does.
import type { Language } from "../languages/say.ts";
import { crossesItself, isFlat } from "../settings/camera-checks.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import { plainName } from "./html.ts";

/** Fractions of the picture from its upper left, to a thousandth. */
export type Corner = readonly [number, number];
export type Draft = { readonly name: string; readonly corners: readonly Corner[] };
export type Mask = CameraPolicyEntry["masks"][number];

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
  return {
    name: plainName(asked.get("name") ?? ""),
    corners: asked.get("do") === "add" ? withOneMore(corners) : corners,
  };
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

/** As the policy has it; one without a name gets the first that is free. */
export function maskOf({ name, corners }: Draft, masks: readonly Mask[], { say }: Language): Mask {
  const first = say("mask.new-name");
  const names = [first, ...Array.from({ length: masks.length }, (_, n) => `${first} ${n + 2}`)];
  const free = names.find((each) => masks.every((mask) => mask.name !== each)) ?? first;
  return { name: name || free, polygon: corners.map(([x, y]): [number, number] => [x, y]) };
}

/** What is wrong with this mask, as sentences; empty: nothing. `isFatal`: it cannot be kept like this. */
export function findingsOf(
  { name, corners }: Draft,
  masks: readonly Mask[],
  { say }: Language,
): { readonly sentences: readonly string[]; readonly isFatal: boolean } {
  const isTaken = masks.some((each) => each.name === name);
  const isFull = masks.length >= CAMERA_PAGE_LIMITS.masksMax;
  const [flat, crosses] = [isFlat(corners), crossesItself(corners)];
  const sentences = [
    ...(flat ? [say("mask.flat")] : crosses ? [say("mask.crosses")] : []),
    ...(isTaken ? [say("mask.name-taken", { mask: name })] : []),
    ...(isFull ? [say("mask.too-many", { max: CAMERA_PAGE_LIMITS.masksMax })] : []),
  ];
  return { sentences, isFatal: flat || isTaken || isFull };
}

/** The share of the picture that lies inside, 0 to 1 (the shoelace formula). */
export function shareOf(corners: readonly Corner[]): number {
  const twice = corners.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = corners[(at + 1) % corners.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

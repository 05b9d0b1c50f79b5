// How well the painted regions of a picture cover its true faces, and how much else they cover: geometry and sums alone.
import type { Box, Picture } from "../../src/privacy/detector.ts";
import { overlap } from "../../src/privacy/detector.ts";
import { growBox } from "../../src/privacy/paint.ts";

/** A face that is there, in pixels of the picture. `tags` group the figures: light, pose. `isIgnored`: neither to be found nor to be left. */
export type TrueFace = Box & { readonly tags: Readonly<Record<string, string>>; readonly isIgnored: boolean };
type Size = Pick<Picture, "width" | "height">;

/** Privacy recall: the middle holds this share of a face's area, and so much of it has to be painted over. */
const MIDDLE_SHARE = 0.6;
const COVERED_FROM = 0.9;
/** Recall: a painted region that overlaps the true face, grown as the gateway grows its finds, by this much has found it. */
const FOUND_FROM = 0.3;
/** Around a true face this may be painted and is no over-blur: share of the face and, at a long side of 1280, pixels. */
const ALLOWED = { share: 0.25, px: 3, side: 1280 } as const;

/** One byte a pixel, 1 where one of the regions lies. */
export function mapOf(regions: readonly Box[], { width, height }: Size): Uint8Array {
  const map = new Uint8Array(width * height);
  for (const region of regions) {
    const [left, right] = pixelsBetween(region.x, region.x + region.width, width);
    const [top, bottom] = pixelsBetween(region.y, region.y + region.height, height);
    for (let y = top; y < bottom; y += 1) map.fill(1, y * width + left, y * width + Math.max(left, right));
  }
  return map;
}

/** The share of the middle 60 % of a face's area that is painted, of what of it lies within the picture; null if nothing does. */
export function middleCovered(face: Box, painted: Uint8Array, { width, height }: Size): number | null {
  const cut = (1 - Math.sqrt(MIDDLE_SHARE)) / 2;
  const [left, right] = pixelsBetween(face.x + face.width * cut, face.x + face.width * (1 - cut), width);
  const [top, bottom] = pixelsBetween(face.y + face.height * cut, face.y + face.height * (1 - cut), height);
  let covered = 0;
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) covered += painted[y * width + x] ?? 0;
  const pixels = Math.max(0, right - left) * Math.max(0, bottom - top);
  return pixels === 0 ? null : covered / pixels;
}

/** Whether the promise is kept for this face; null when it lies outside the picture. */
export function isCovered(face: Box, painted: Uint8Array, size: Size): boolean | null {
  const share = middleCovered(face, painted, size);
  return share === null ? null : share >= COVERED_FROM;
}

/** A true face with what may be painted around it. */
export function allowedAround(face: Box, size: Size): Box | null {
  const px = ALLOWED.px * Math.max(1, Math.max(size.width, size.height) / ALLOWED.side);
  return growBox(face, { share: ALLOWED.share, px }, size);
}

/** How many pixels lie outside the allowed boxes, and how many of those are painted. */
export function paintedOutside(painted: Uint8Array, allowed: readonly Box[], size: Size) {
  const inside = mapOf(allowed, size);
  let outside = 0;
  let over = 0;
  for (let i = 0; i < painted.length; i += 1) {
    if (inside[i] === 1) continue;
    outside += 1;
    over += painted[i] ?? 0;
  }
  return { outside, over };
}

/** From the first to behind the last pixel whose middle lies between two places; at least one where they are within the picture. */
function pixelsBetween(from: number, to: number, length: number): [number, number] {
  const first = Math.max(0, Math.round(from));
  const end = Math.min(length, Math.round(to));
  if (end > first || to <= 0 || from >= length) return [first, end];
  const one = Math.min(length - 1, Math.max(0, Math.floor((from + to) / 2)));
  return [one, one + 1];
}

/** `withheld`: faces of pictures that did not leave; they are in none of the other numbers. */
export type Tally = { faces: number; found: number; covered: number; withheld: number };
type Painted = { readonly size: Size; readonly regions: readonly Box[] };

/** Heights of faces in pixels of the picture; the upper end belongs to the next. */
const HEIGHTS = [
  ["< 16 px", 0, 16],
  ["of these 8-16 px", 8, 16],
  ["16-32 px", 16, 32],
  ["32-64 px", 32, 64],
  ["> 64 px", 64, Number.POSITIVE_INFINITY],
  ["all >= 16 px", 16, Number.POSITIVE_INFINITY],
] as const;

/** Adds up the faces and the area of many pictures. */
export class ScoreSheet {
  /** Group, then value, as in `height`, `16-32 px`. */
  readonly #tallies = new Map<string, Map<string, Tally>>();
  readonly #area = { withFaces: { outside: 0, over: 0 }, withoutFaces: { outside: 0, over: 0 } };
  #ignored = 0;

  constructor() {
    for (const [name] of HEIGHTS) this.#tally("height", name);
  }

  /** `painted`: null for a picture that was withheld. */
  add(faces: readonly TrueFace[], painted: Painted | null): void {
    const map = painted === null ? null : mapOf(painted.regions, painted.size);
    for (const face of faces) this.#addFace(face, map === null || painted === null ? null : { ...painted, map });
    if (painted === null || map === null) return;
    const allowed = faces.flatMap((face) => allowedAround(face, painted.size) ?? []);
    const { outside, over } = paintedOutside(map, allowed, painted.size);
    const area = faces.length > 0 ? this.#area.withFaces : this.#area.withoutFaces;
    area.outside += outside;
    area.over += over;
  }

  /** Shares from 0 to 1, null where nothing was there to be measured. */
  result() {
    const share = ({ outside, over }: { outside: number; over: number }) => (outside === 0 ? null : over / outside);
    return {
      faces: Object.fromEntries([...this.#tallies].map(([group, tallies]) => [group, Object.fromEntries(tallies)])),
      ignored: this.#ignored,
      overBlur: { withFaces: share(this.#area.withFaces), withoutFaces: share(this.#area.withoutFaces) },
    };
  }

  #addFace(face: TrueFace, painted: (Painted & { readonly map: Uint8Array }) | null): void {
    const covered = painted === null ? null : isCovered(face, painted.map, painted.size);
    if (face.isIgnored || (painted !== null && covered === null)) {
      this.#ignored += 1;
      return;
    }
    const isFound = painted !== null && isFoundBy(face, painted);
    const heights = HEIGHTS.filter(([, from, to]) => face.height >= from && face.height < to);
    const groups = [...heights.map(([name]) => ["height", name] as const), ...Object.entries(face.tags)];
    for (const [group, value] of groups) {
      const tally = this.#tally(group, value);
      if (painted === null) tally.withheld += 1;
      else {
        tally.faces += 1;
        tally.found += Number(isFound);
        tally.covered += Number(covered);
      }
    }
  }

  #tally(group: string, value: string): Tally {
    const tallies = this.#tallies.get(group) ?? new Map<string, Tally>();
    const tally = tallies.get(value) ?? { faces: 0, found: 0, covered: 0, withheld: 0 };
    tallies.set(value, tally);
    this.#tallies.set(group, tallies);
    return tally;
  }
}

function isFoundBy(face: Box, { size, regions }: Painted): boolean {
  const grown = allowedAround(face, size);
  return grown !== null && regions.some((region) => overlap(region, grown) >= FOUND_FROM);
}

// Frames with known faces, made from photographs that come with installed packages: reduced, tiled into crowds, turned,
// covered, darkened, hazy. The same recipe gives the same pixels, so that what one detector finds can be held against another.
import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { z } from "zod";
import type { Box } from "../../src/privacy/detector.ts";
import { seededRandom } from "../helpers/random.ts";
import { type Covered, type Photograph, PHOTOGRAPHS, type Recipe } from "./quality-recipes.ts";

/** `ignore`: cut by the frame's edge, so that nobody can say whether it had to be found. */
export type TrueFace = Box & { readonly light: string; readonly pose: string; readonly ignore: boolean };
/** `png`: lossless, so that each detector sees the same pixels. */
export type Frame = { readonly png: Buffer; readonly rgb: Buffer; readonly faces: readonly TrueFace[] };

/** Faces that fixtures/faces.json does not have: one that looks sideways, and Debian's astronaut. By eye, forehead to chin. */
const MORE_FACES: Partial<Record<Photograph, readonly Box[]>> = {
  sample2: [{ x: 370, y: 150, width: 150, height: 255 }],
  astronaut: [{ x: 178, y: 70, width: 88, height: 120 }],
};
export async function makeFrame(recipe: Recipe): Promise<Frame> {
  const { width, height } = recipe;
  const tiles = await Promise.all(recipe.photographs.map((name) => makeTile(name, recipe)));
  const rgb = slopeOfGrey(recipe);
  const faces: Box[] = [];
  for (const { tile, x, y } of layOut(tiles, recipe)) {
    const columns = Math.min(tile.width, width - x);
    for (let row = 0; row < Math.min(tile.height, height - y); row += 1) {
      const from = row * tile.width * 3;
      tile.rgb.copy(rgb, ((y + row) * width + x) * 3, from, from + columns * 3);
    }
    faces.push(...tile.faces.map((face) => ({ ...face, x: face.x + x, y: face.y + y })));
  }
  if (recipe.dark !== null) darken(rgb, recipe.dark);
  if (recipe.haze !== null) addHaze(rgb, recipe.haze);
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const isSeen = (face: Box): boolean => face.x < width && face.y < height;
  const isCut = (face: Box): boolean => face.x + face.width > width || face.y + face.height > height;
  return {
    png,
    rgb,
    faces: faces.filter(isSeen).map((face) => ({
      ...face,
      light: lightOf(recipe),
      pose: poseOf(recipe),
      ignore: isCut(face),
    })),
  };
}

function lightOf({ dark, haze }: Recipe): string {
  if (dark !== null) return `${Math.round(dark.light * 100)} % of the light`;
  return haze === null ? "day" : `haze, ${Math.round(haze * 100)} % of the contrast`;
}

function poseOf({ turn, covered }: Recipe): string {
  if (turn !== 0) return `turned ${turn}°`;
  return covered === null ? "upright" : `${covered} covered`;
}

type Tile = {
  readonly rgb: Buffer;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Box[];
};

/** One photograph: covered, mirrored and turned at its full size, then reduced. */
async function makeTile(name: Photograph, recipe: Recipe): Promise<Tile> {
  const upright = await facesOf(name);
  const { data, info } = await sharp(await readFile(PHOTOGRAPHS[name]))
    .autoOrient()
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (recipe.covered !== null) for (const face of upright) cover(data, width, partOf(face, recipe.covered));
  const mirror = (face: Box): Box => (recipe.isMirrored ? { ...face, x: width - face.x - face.width } : face);
  const turned = await turn(sharp(data, { raw: { width, height, channels: 3 } }).flop(recipe.isMirrored), recipe.turn);
  const meanPx = upright.reduce((sum, face) => sum + face.height, 0) / Math.max(1, upright.length);
  const factor = recipe.facePx === null ? 1 : recipe.facePx / meanPx;
  const size = { width: Math.round(turned.width * factor), height: Math.round(turned.height * factor) };
  const rgb = await sharp(turned.rgb, { raw: { width: turned.width, height: turned.height, channels: 3 } })
    .resize({ ...size, fit: "fill", kernel: "lanczos3" })
    .raw()
    .toBuffer();
  const faces = upright.map((face) => turnBox(mirror(face), { width, height, onto: turned, turn: recipe.turn }));
  return { rgb, ...size, faces: faces.map((face) => scale(face, factor)) };
}

const Fixture = z.looseObject({ byHand: z.array(z.array(z.number())) });

async function facesOf(name: Photograph): Promise<Box[]> {
  const all: unknown = JSON.parse(await readFile(new URL("fixtures/faces.json", import.meta.url), "utf8"));
  const entry = z.record(z.string(), z.unknown()).parse(all)[name];
  const byHand = entry === undefined ? [] : Fixture.parse(entry).byHand;
  const boxes = byHand.map(([x = 0, y = 0, width = 0, height = 0]) => ({ x, y, width, height }));
  return [...boxes, ...(MORE_FACES[name] ?? [])];
}

type Raw = { readonly rgb: Buffer; readonly width: number; readonly height: number };

async function turn(picture: Sharp, degrees: number): Promise<Raw> {
  const { data, info } = await picture
    .rotate(degrees, { background: { r: 96, g: 96, b: 96 } })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

/** The box around a face's ellipse after turning the picture about its middle. */
function turnBox(
  face: Box,
  by: { readonly width: number; readonly height: number; readonly onto: Raw; readonly turn: number },
): Box {
  const [cos, sin] = [Math.cos((by.turn * Math.PI) / 180), Math.sin((by.turn * Math.PI) / 180)];
  const right = face.x + face.width / 2 - by.width / 2;
  const down = face.y + face.height / 2 - by.height / 2;
  const width = Math.hypot(face.width * cos, face.height * sin);
  const height = Math.hypot(face.width * sin, face.height * cos);
  return {
    x: right * cos - down * sin + by.onto.width / 2 - width / 2,
    y: right * sin + down * cos + by.onto.height / 2 - height / 2,
    width,
    height,
  };
}

function partOf(face: Box, covered: Covered): Box {
  const half = { width: face.width * 1.2, x: face.x - face.width * 0.1 };
  switch (covered) {
    case "mouth":
      return { ...face, ...half, y: face.y + face.height * 0.55, height: face.height * 0.5 };
    case "brow":
      return { ...face, ...half, y: face.y - face.height * 0.2, height: face.height * 0.5 };
    case "side":
      return { ...face, width: face.width * 0.5 };
  }
}

/** A scarf, a cap or a post: one dark blue, whole pixels within the picture. */
function cover(rgb: Buffer, width: number, { x, y, width: across, height: down }: Box): void {
  const height = rgb.length / 3 / width;
  const [left, right] = [Math.max(0, Math.round(x)), Math.min(width, Math.round(x + across))];
  for (let row = Math.max(0, Math.round(y)); row < Math.min(height, Math.round(y + down)); row += 1) {
    for (let column = left; column < right; column += 1) rgb.set([40, 44, 70], (row * width + column) * 3);
  }
}

function scale({ x, y, width, height }: Box, by: number): Box {
  return { x: x * by, y: y * by, width: width * by, height: height * by };
}

/** Rows of tiles, one photograph after the other, until the frame is full or there are enough. */
function layOut(tiles: readonly Tile[], recipe: Recipe): { tile: Tile; x: number; y: number }[] {
  const placed: { tile: Tile; x: number; y: number }[] = [];
  const rowPx = Math.max(...tiles.map((tile) => tile.height));
  for (let y = 0; y < recipe.height; y += rowPx) {
    let x = 0;
    while (x < recipe.width && placed.length < recipe.tilesMax) {
      const tile = tiles[placed.length % tiles.length];
      if (tile === undefined) return placed;
      placed.push({ tile, x, y });
      x += tile.width;
    }
  }
  return placed;
}

function slopeOfGrey({ width, height }: Recipe): Buffer {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) rgb.fill(70 + Math.round((y * 90) / height), y * width * 3, (y + 1) * width * 3);
  return rgb;
}

function darken(rgb: Buffer, { light, noise }: { light: number; noise: number }): void {
  const random = seededRandom(11);
  for (let i = 0; i < rgb.length; i += 1)
    rgb[i] = Math.max(0, Math.min(255, Math.round((rgb[i] ?? 0) * light + (random() - 0.5) * noise)));
}

function addHaze(rgb: Buffer, contrast: number): void {
  for (let i = 0; i < rgb.length; i += 1) rgb[i] = Math.round((rgb[i] ?? 0) * contrast + 255 * (0.85 - contrast));
}

// The canary: a known face that the detector must find in a copy of the live picture before its silence is believed.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Box, type Detector, type Face, type Level, overlap, type Picture, reductionOf } from "./detector.ts";
import { lookFirst } from "./first-look.ts";
import { countBrightness, percentile } from "./night.ts";
import { decodePicture, resizePicture } from "./picture.ts";
import { DETECTION_SIDE, lookOf } from "./redact-levels.ts";
import type { Sight, Tones } from "./sight.ts";

/** A face and its surroundings, small enough to paste; `face` lies within the patch. */
export type Canary = { readonly patch: Picture; readonly face: Box };

/** A face that looks straight at the camera, in one of the photographs of @vladmandic/face-api; pixels, by hand. */
const SOURCE = { file: "demo/sample6.jpg", face: { x: 246, y: 486, width: 213, height: 272 } } as const;
/** Half a face of hair, neck and background on each side, without which no detector knows a face. */
const SURROUNDINGS = 0.5;
/** Height of the pasted face at the detection side: the smallest that is promised in any picture (95 % of 32 px and more). */
const FACE_PX = 32;
/** The find must lie over the pasted face: overlap of area over area of union. */
const FOUND_OVERLAP = 0.3;
/** Places that are tried, as fractions of the free width and height: the middle first, then where cameras see least. */
const PLACES = [
  [0.5, 0.5],
  [0.1, 0.5],
  [0.9, 0.5],
  [0.5, 0.9],
  [0.5, 0.1],
] as const;
/** A canary missed twice is missed: one place may lie on a lamp or a hedge. */
const TRIES = 2;

/** Cuts the canary out of its photograph in `directory` (the package @vladmandic/face-api). Throws when that is missing. */
export async function openCanary(directory: string): Promise<Canary> {
  const photograph = await decodePicture(await readFile(join(directory, SOURCE.file)));
  const { x, y, width, height } = SOURCE.face;
  const cut = {
    x: Math.round(x - width * SURROUNDINGS),
    y: Math.round(y - height * SURROUNDINGS),
    width: Math.round(width * (1 + 2 * SURROUNDINGS)),
    height: Math.round(height * (1 + 2 * SURROUNDINGS)),
  };
  const scale = FACE_PX / height;
  const size = { width: Math.round(cut.width * scale), height: Math.round(cut.height * scale) };
  const patch = await resizePicture(crop(photograph, cut), size);
  return { patch, face: { x: (x - cut.x) * scale, y: (y - cut.y) * scale, width: width * scale, height: FACE_PX } };
}

/**
 * Whether the detector finds the canary in a copy of this picture, as bright and as pale as the scene (or the dark part of
 * a backlit one), where `faces` found nobody. False too when the picture is too small to hold it. Throws what the detector throws.
 */
export async function seesCanary(
  { canary, detector }: { canary: Canary; detector: Detector },
  live: {
    readonly picture: Picture;
    readonly faces: readonly Face[];
    readonly sight: Pick<Sight, "tones" | "spread">;
    readonly level: Level;
  },
): Promise<boolean> {
  const reduction = reductionOf(live.picture, DETECTION_SIDE);
  const width = Math.round(live.picture.width / reduction);
  const height = Math.round(live.picture.height / reduction);
  const { patch, face } = canary;
  if (patch.width > width || patch.height > height) return false;
  const taken = live.faces.map((each) => scaled(each, 1 / reduction));
  const places = PLACES.map(([right, down]) => ({
    x: Math.round((width - patch.width) * right),
    y: Math.round((height - patch.height) * down),
  }));
  const free = places.filter(({ x, y }) =>
    taken.every((each) => overlap(each, { x, y, width: patch.width, height: patch.height }) === 0),
  );
  for (const place of [...free, ...places].slice(0, TRIES)) {
    const copy = await resizePicture(live.picture, { width, height });
    paste(copy, { patch, ...place, tones: live.sight.tones });
    try {
      const expected = { x: place.x + face.x, y: place.y + face.y, width: face.width, height: face.height };
      const look = lookOf(live.level, { tuning: detector.tuning });
      const found = await lookFirst(detector, copy, { look, spread: live.sight.spread });
      if (found.some((each) => overlap(each, expected) >= FOUND_OVERLAP)) return true;
    } finally {
      copy.rgb.fill(0);
    }
  }
  return false;
}

/** Whether the detector finds the canary on plain grey: if not, it is blind, whatever the scene. */
export function seesPlainCanary(by: { canary: Canary; detector: Detector }): Promise<boolean> {
  const picture = { rgb: Buffer.alloc(640 * 360 * 3, 128), width: 640, height: 360 };
  const sight = { tones: { low: 0, high: 255 }, spread: null };
  return seesCanary(by, { picture, faces: [], sight, level: "normal" });
}

function crop({ rgb, width }: Picture, cut: Box): Picture {
  const pixels = Buffer.alloc(cut.width * cut.height * 3);
  for (let y = 0; y < cut.height; y += 1) {
    const from = ((cut.y + y) * width + cut.x) * 3;
    rgb.copy(pixels, y * cut.width * 3, from, from + cut.width * 3);
  }
  return { rgb: pixels, width: cut.width, height: cut.height };
}

function paste(onto: Picture, { patch, x, y, tones }: { patch: Picture; x: number; y: number; tones: Tones }): void {
  const counts = countBrightness(patch.rgb);
  const [low, high] = [percentile(counts, 0.02), percentile(counts, 0.98)];
  // Never more contrast than the photograph has.
  const slope = Math.min(1, (tones.high - tones.low) / (high - low));
  for (let row = 0; row < patch.height; row += 1) {
    const to = ((y + row) * onto.width + x) * 3;
    const from = row * patch.width * 3;
    for (let i = 0; i < patch.width * 3; i += 1) {
      const value = tones.low + ((patch.rgb[from + i] ?? 0) - low) * slope;
      onto.rgb[to + i] = Math.max(0, Math.min(255, Math.round(value)));
    }
  }
}

function scaled({ x, y, width, height }: Box, by: number): Box {
  return { x: x * by, y: y * by, width: width * by, height: height * by };
}

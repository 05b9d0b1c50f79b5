// The built-in detector: SSD-MobileNetV1, fully convolutional, at a fine and a coarse scale whose finds are joined.
// Chosen because its weights may be shipped (MIT), it needs no download, and it finds most faces of 16 px and more;
// YuNet is six times faster and finds fewer small faces, SCRFD finds more but may not be used commercially.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Detector, Face, Look, Picture } from "./detector.ts";
import { brightenings, type Stretch, stretch } from "./night.ts";
import { type OnnxSession, openSession } from "./onnx-session.ts";
import { resizePicture } from "./picture.ts";
import { SSD2_TUNING } from "./redact-levels.ts";
import { facesOfScale, joinScales, joinTiles } from "./ssd2-faces.ts";
import { type Anchors, buildSsd, INPUT } from "./ssd2-graph.ts";
import { readWeights } from "./tensor-weights.ts";
import { isOwn, planTiles, type Tile, wholeAsTile } from "./tiles.ts";

/** SHA-256 of the two files in @vladmandic/face-api 1.7.15 whose recall was measured; with others the detector does not start. */
const WEIGHTS_SHA256 = "2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8";
const MANIFEST_SHA256 = "888f744dffbc84f5f060d1f8427d9742341943a2dfaaf9205d10029b7e7a2955";

/** The network halves its input five times before the last layer that sees small faces. */
const SIDE_MULTIPLE = 32;
/** Long sides from here count as the fine scale. */
const FINE_SIDE = 1024;

/**
 * Opens the detector on the files of `directory`/model (the package @vladmandic/face-api). `isLowMemory`: large pictures are
 * searched tile by tile. Throws when the files are missing or damaged.
 */
export async function openSsd2(of: {
  readonly directory: string;
  readonly threads: number;
  readonly isLowMemory?: boolean;
}): Promise<Detector> {
  const { directory, threads, isLowMemory = false } = of;
  const manifest = await readFile(join(directory, "model", "ssd_mobilenetv1_model-weights_manifest.json"));
  const bytes = await readFile(join(directory, "model", "ssd_mobilenetv1_model.bin"));
  const modelSha256 = sha256(bytes);
  if (modelSha256 !== WEIGHTS_SHA256 || sha256(manifest) !== MANIFEST_SHA256) {
    throw new Error("the detector's model files are damaged or of another version");
  }
  const { model, anchors } = buildSsd(readWeights({ manifest: JSON.parse(manifest.toString("utf8")), bytes }));
  const session = await openSession({ model, threads });
  return {
    modelSha256,
    tuning: SSD2_TUNING,
    detect: (picture, look) => detect({ session, anchors, isLowMemory }, picture, look),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

type Network = {
  readonly session: OnnxSession;
  readonly anchors: readonly Anchors[];
  readonly isLowMemory: boolean;
};

async function detect(
  network: Network,
  picture: Picture,
  { longSides, threshold, stretch: spread }: Look,
): Promise<Face[]> {
  const bySide = new Map<number, Face[]>();
  const fine: Face[] = [];
  const coarse: Face[] = [];
  for (const longSide of longSides) {
    // A small picture is searched at its own size once, in place of all scales above it.
    const side = Math.min(longSide, Math.max(picture.width, picture.height));
    const faces = bySide.get(side) ?? (await detectAt(network, picture, { longSide: side, spread }));
    if (longSide < FINE_SIDE) coarse.push(...faces);
    else if (!bySide.has(side)) fine.push(...faces);
    bySide.set(side, faces);
  }
  return joinScales({ fine, coarse, threshold });
}

async function detectAt(
  network: Network,
  picture: Picture,
  { longSide, spread }: { longSide: number; spread: Stretch | undefined },
): Promise<Face[]> {
  const factor = longSide / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  const small = await resizePicture(picture, { width, height });
  try {
    const found: Face[] = [];
    for (const tones of spread === undefined ? brightenings(small.rgb) : [spread])
      found.push(...(await detectInTones(network, small, tones)));
    return joinTiles(found).map((face) => scaled(face, { x: picture.width / width, y: picture.height / height }));
  } finally {
    small.rgb.fill(0);
  }
}

async function detectInTones(network: Network, small: Picture, tones: Stretch | null): Promise<Face[]> {
  const toned = { ...small, rgb: Buffer.from(small.rgb) };
  try {
    if (tones !== null) stretch(toned.rgb, tones);
    const found: Face[] = [];
    for (const tile of network.isLowMemory ? planTiles(toned) : [wholeAsTile(toned)])
      found.push(...(await detectIn(network, toned, tile)).filter((face) => isOwn(tile, face)));
    return found;
  } finally {
    toned.rgb.fill(0);
  }
}

/** Faces of one tile, in pixels of the whole that it was cut from. */
async function detectIn({ session, anchors }: Network, whole: Picture, tile: Tile): Promise<Face[]> {
  const input = toInput(whole, tile);
  try {
    const outputs = await session.run({ name: INPUT, ...input });
    return facesOfScale({ outputs, anchors }).map((face) => ({ ...face, x: face.x + tile.x, y: face.y + tile.y }));
  } finally {
    input.values.fill(0);
  }
}

function scaled({ x, y, width, height, score }: Face, by: { readonly x: number; readonly y: number }): Face {
  return { x: x * by.x, y: y * by.y, width: width * by.x, height: height * by.y, score };
}

/** Planes of red, green and blue from -1 to 1, black added at the right and below up to a multiple of 32. */
function toInput(whole: Picture, tile: Tile): { values: Float32Array; width: number; height: number } {
  const paddedWidth = Math.ceil(tile.width / SIDE_MULTIPLE) * SIDE_MULTIPLE;
  const paddedHeight = Math.ceil(tile.height / SIDE_MULTIPLE) * SIDE_MULTIPLE;
  const plane = paddedWidth * paddedHeight;
  const values = new Float32Array(plane * 3).fill(-1);
  const { rgb } = whole;
  for (let y = 0; y < tile.height; y += 1) {
    let from = ((tile.y + y) * whole.width + tile.x) * 3;
    for (let to = y * paddedWidth; to < y * paddedWidth + tile.width; to += 1, from += 3) {
      values[to] = ((rgb[from] ?? 0) - 127.5) / 127.5;
      values[to + plane] = ((rgb[from + 1] ?? 0) - 127.5) / 127.5;
      values[to + 2 * plane] = ((rgb[from + 2] ?? 0) - 127.5) / 127.5;
    }
  }
  return { values, width: paddedWidth, height: paddedHeight };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

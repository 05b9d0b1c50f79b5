// A picture that can be recognised in any byte: noise from a seed printed onto a real face, and a search for what is left of
// it. Used wherever a test claims that raw pixels did not get somewhere (promise 2, I1).
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { seededRandom } from "./random.ts";
import { type SampleName, samplePhotograph } from "./sample-photographs.ts";

/** What to look for: a name for the failure's message, and the bytes. */
export type Needle = { readonly name: string; readonly bytes: Buffer };
export type Watermarked = { readonly jpeg: Buffer; readonly needles: readonly Needle[] };

/** The forehead of the face of sample6 that looks straight at the camera; pixels. */
const MARK = { name: "sample6", x: 300, y: 520, side: 64 } as const satisfies {
  name: SampleName;
  [key: string]: unknown;
};
/** Any run of the source JPEG of this many bytes and NEEDLE_BYTES holds a whole needle. */
const STRIDE_BYTES = 1024;
const NEEDLE_BYTES = 24;

/**
 * A JPEG of 1920 x 1537 (times `scale`) with four faces and 64 x 64 pixels of noise on one of them. Needles: slices of the JPEG's scan, one
 * every KiB, rows of the noise's pixels as a decoder gives them (RGB, BGR, grey), and some of these in hex and base64.
 */
export async function makeWatermarkedJpeg(seed = 20_260_101, scale = 1): Promise<Watermarked> {
  const random = seededRandom(seed);
  const { side, name } = MARK;
  const [x, y] = [MARK.x * scale, MARK.y * scale];
  // Cells of 4 pixels: noise that survives JPEG compression, and that no other picture has.
  const cells = Buffer.from(Array.from({ length: (side / 4) ** 2 * 3 }, () => Math.floor(random() * 256)));
  const noise = await sharp(cells, { raw: { width: side / 4, height: side / 4, channels: 3 } })
    .resize(side, side, { kernel: "nearest" })
    .png()
    .toBuffer();
  const jpeg = await sharp(await samplePhotograph(name))
    .resize({ width: 1920 * scale })
    .composite([{ input: noise, left: x, top: y }])
    .jpeg({ quality: 90, chromaSubsampling: "4:4:4" })
    .toBuffer();
  const pixels = await sharp(jpeg).extract({ left: x, top: y, width: side, height: side }).raw().toBuffer();
  const raw = [...slicesOf(jpeg), ...rowsOf(pixels, side)];
  return { jpeg, needles: [...raw, ...raw.filter((_, i) => i % 16 === 0).flatMap((needle) => asText(needle))] };
}

/** Names of the needles, of four bytes or more, that these bytes hold. In one pass: there are thousands, and files of megabytes. */
export function leaksIn(bytes: Buffer, needles: readonly Needle[]): string[] {
  const { begins, byHead } = indexOf(needles);
  const found = new Set<Needle>();
  let head = 0;
  for (let at = 0; at < bytes.length; at++) {
    head = ((head << 8) | (bytes[at] ?? 0)) >>> 0;
    if (at < 3 || begins[head >>> 16] === 0) continue;
    for (const needle of byHead.get(head) ?? [])
      if (bytes.subarray(at - 3, at - 3 + needle.bytes.length).equals(needle.bytes)) found.add(needle);
  }
  return needles.filter((needle) => found.has(needle)).map(({ name }) => name);
}

/** By their first four bytes; `begins` is 1 for the first two of any. */
type Index = { readonly begins: Uint8Array; readonly byHead: ReadonlyMap<number, readonly Needle[]> };
const indexes = new WeakMap<readonly Needle[], Index>();

function indexOf(needles: readonly Needle[]): Index {
  const known = indexes.get(needles);
  if (known !== undefined) return known;
  const begins = new Uint8Array(2 ** 16);
  const byHead = Map.groupBy(needles, ({ bytes }) => bytes.readUInt32BE(0));
  for (const head of byHead.keys()) begins[head >>> 16] = 1;
  const index = { begins, byHead };
  indexes.set(needles, index);
  return index;
}

/** `file: needle` for each leak in the files of a folder and all below it. Files that vanish meanwhile are passed over. */
export async function leaksInDirectory(directory: string, needles: readonly Needle[]): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    found.push(...leaksIn(bytes, needles).map((name) => `${path}: ${name}`));
  }
  return found;
}

/** Pieces of any encoded picture, one every KiB; of runs of the same bytes none, since any file may hold them. */
export function piecesOf(encoded: Buffer): Needle[] {
  return Array.from({ length: Math.floor(encoded.length / STRIDE_BYTES) }, (_, i) => ({
    name: `original at ${i * STRIDE_BYTES}`,
    bytes: encoded.subarray(i * STRIDE_BYTES, i * STRIDE_BYTES + NEEDLE_BYTES),
  })).filter(({ bytes }) => new Set(bytes).size > 18);
}

/** The scan alone: headers and tables are the same in every JPEG of an encoder. */
function slicesOf(jpeg: Buffer): Needle[] {
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda])) + 16;
  const count = Math.floor((jpeg.length - scan - NEEDLE_BYTES) / STRIDE_BYTES);
  return Array.from({ length: count }, (_, i) => {
    const at = scan + i * STRIDE_BYTES;
    return { name: `source JPEG at ${at}`, bytes: Buffer.from(jpeg.subarray(at, at + NEEDLE_BYTES)) };
  }).filter(({ bytes }) => new Set(bytes).size > 12);
}

function rowsOf(rgb: Buffer, side: number): Needle[] {
  return Array.from({ length: side / 4 }, (_, i) => {
    const row = rgb.subarray(i * 4 * side * 3, i * 4 * side * 3 + NEEDLE_BYTES * 3);
    const bgr = Buffer.from(row);
    for (let at = 0; at < bgr.length; at += 3) bgr.subarray(at, at + 3).reverse();
    return [
      { name: `watermark row ${i * 4}, RGB`, bytes: Buffer.from(row) },
      { name: `watermark row ${i * 4}, BGR`, bytes: bgr },
      { name: `watermark row ${i * 4}, red plane`, bytes: row.filter((_value, at) => at % 3 === 0) },
    ].map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }));
  }).flat();
}

/** As a log or a JSON body would hold it. In base64 the place in its group of three bytes decides the letters. */
function asText({ name, bytes }: Needle): Needle[] {
  const base64 = [0, 1, 2].map((skip) => bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3));
  return [
    { name: `${name}, hex`, bytes: Buffer.from(bytes.toString("hex")) },
    ...base64.map((part, skip) => ({ name: `${name}, base64+${skip}`, bytes: Buffer.from(part.toString("base64")) })),
  ];
}

// The one door to sharp: encoded bytes to pixels and back. Only the redactor child comes through it. Everything is done
// in memory (I1); what comes out is encoded from pixels alone, without metadata (I3).
import sharp, { type Metadata, type OutputInfo, type Sharp } from "sharp";
import { LIMITS } from "../core/limits.ts";
import type { Picture } from "./detector.ts";
import { faultOfJpeg } from "./jpeg-scan.ts";
import { threadsFor } from "./machine-fit.ts";
import { interlacedBytes, nameRefusedFormat, sniffFormat, webpPixels } from "./picture-format.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";
import { turnUpright } from "./upright.ts";

// No cache: libvips would keep decoded pixels of the last pictures. Few threads: the gateway shares the machine.
sharp.cache(false);
sharp.concurrency(threadsFor());
// Beside the check of the first bytes: libvips itself knows no other decoder.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer"] });

/** A picture that cannot or may not be decoded; `message` is for people and holds no bytes of it. */
export class PictureRefused extends Error {
  override readonly name = "PictureRefused";
}

/**
 * Decodes a JPEG, PNG or WebP (of an animation its first frame) upright, as sRGB, transparency over grey.
 * Throws PictureRefused for other formats, torn files, more than LIMITS.framePixels or a side under LIMITS.frameSideMin; another
 * Error when memory is out.
 */
export async function decodePicture(encoded: Buffer): Promise<Picture> {
  const format = sniffFormat(encoded);
  if (format === null) throw new PictureRefused(whyUnread(encoded));
  if (format === "png" && interlacedBytes(encoded) > PRIVACY_LIMITS.interlacedBytes)
    throw new PictureRefused("an interlaced PNG of this size takes too much memory; save it without interlacing");
  if (format === "webp" && webpPixels(encoded) > LIMITS.framePixels)
    throw new PictureRefused("the webp cannot be decoded: it exceeds the pixel limit");
  const fault = format === "jpeg" ? faultOfJpeg(encoded, { pixelsMax: LIMITS.framePixels }) : null;
  if (fault !== null) throw new PictureRefused(fault);
  const { orientation, data, info } = await toPixels(encoded, format);
  const { width, height } = info;
  if (Math.min(width, height) < LIMITS.frameSideMin) {
    data.fill(0);
    throw new PictureRefused(`a picture of ${width} x ${height} pixels is too small`);
  }
  const picture = turnUpright({ rgb: data, width, height }, orientation);
  // Where memory is scarce (core/child-process.ts), the pixels before turning are let go at once.
  globalThis.gc?.();
  return picture;
}

function whyUnread(encoded: Buffer): string {
  if (encoded.length === 0) return "the picture is empty";
  const name = nameRefusedFormat(encoded);
  if (name === null) return "not a JPEG, PNG or WebP picture";
  return `the format ${name} is not read; have the camera give JPEG, or save the picture as JPEG, PNG or WebP`;
}

type Stored = { data: Buffer; info: OutputInfo; orientation: number | undefined };

/** The pixels as stored, three of 8 bits each, and how they are to be turned. */
async function toPixels(encoded: Buffer, format: string): Promise<Stored> {
  try {
    const pixels = openPicture(encoded).flatten({ background: GREY }).toColourspace("srgb");
    const metadata = await pixels.metadata();
    const { orientation } = metadata;
    const raw = needsAllScans(metadata) ? await viaOneScan(pixels) : await unpack(pixels);
    if (raw.info.channels !== 3)
      throw new PictureRefused(`the ${format} has ${raw.info.channels} channels after decoding`);
    return { ...raw, orientation };
  } catch (cause) {
    if (cause instanceof PictureRefused) throw cause;
    // libvips names the fault ("premature end of JPEG image", "exceeds pixel limit"), never content.
    const fault = cause instanceof Error ? cause.message.split("\n")[0] : "decoding failed";
    // Within the bounds above there is memory for every picture: it is this process that is ill, and not the picture.
    if (fault?.includes("memory")) throw new Error("no memory to decode with", { cause });
    throw new PictureRefused(`the ${format} cannot be decoded: ${fault}`);
  }
}

const GREY = { r: 128, g: 128, b: 128 };

function openPicture(encoded: Buffer): Sharp {
  return sharp(encoded, { limitInputPixels: LIMITS.framePixels, failOn: "truncated", sequentialRead: true, pages: 1 });
}

function unpack(pixels: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  return pixels.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
}

/** Whether a decoder must hold more coefficients of a JPEG in many scans than fit beside its pixels. */
function needsAllScans({ isProgressive, width, height, channels, chromaSubsampling }: Metadata): boolean {
  const coefficients = width * height * (chromaSubsampling === "4:2:0" ? 1.5 : channels);
  return isProgressive && 2 * coefficients > PRIVACY_LIMITS.coefficientBytes;
}

/** First to one scan of the best quality, so that the coefficients are gone before there are pixels; that copy is zeroed. */
async function viaOneScan(pixels: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  const oneScan = await pixels.jpeg({ quality: 100, chromaSubsampling: "4:4:4", optimiseCoding: false }).toBuffer();
  try {
    return await unpack(openPicture(oneScan));
  } finally {
    oneScan.fill(0);
  }
}

/** Decodes a picture of our own making so that its long side is at most this; JPEG's own reduction makes it quick. */
export async function decodeReduced(jpeg: Buffer, longSide: number): Promise<Picture> {
  const size = { width: longSide, height: longSide, fit: "inside", withoutEnlargement: true } as const;
  const { data, info } = await sharp(jpeg).resize(size).raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

/** A copy at another size; the caller zeroes it. */
export async function resizePicture(
  picture: Picture,
  { width, height }: { width: number; height: number },
): Promise<Picture> {
  const kernel = width < picture.width ? "lanczos3" : "cubic";
  const rgb = await fromPixels(picture).resize(width, height, { fit: "fill", kernel }).raw().toBuffer();
  return { rgb, width, height };
}

/** JPEG of quality 82, 4:2:0, with no metadata (I3). */
export function encodeJpeg(picture: Picture): Promise<Buffer> {
  const isLarge = picture.width * picture.height > PRIVACY_LIMITS.codedTwicePixels;
  return fromPixels(picture).jpeg({ quality: 82, optimiseCoding: !isLarge }).toBuffer();
}

function fromPixels({ rgb, width, height }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: LIMITS.framePixels });
}

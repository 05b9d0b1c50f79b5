// Hostile pictures in all formats that a decoder might be talked into, made at test time: bombs, torn files, two formats in one,
// what would fetch from elsewhere, what moves. JPEGs are in hostile-jpegs.ts.
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { type Base, hostileJpegs, lying, SECRET } from "./hostile-jpegs.ts";
import { makeWatermarkedJpeg, type Needle } from "./watermark.ts";

type Make = () => Buffer | Promise<Buffer>;

/** A seed of its own: other tests' watermarks lie in temporary files while this runs. */
const SEED = 4711;

/** The photograph that they are made of, 960 wide, with faces and watermark, its needles, and each picture by name. */
export async function hostilePictures(): Promise<{
  readonly base: Base;
  readonly needles: readonly Needle[];
  readonly pictures: ReadonlyMap<string, Make>;
}> {
  const { jpeg, needles } = await makeWatermarkedJpeg(SEED, 0.5);
  const { data: rgb, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const base = { jpeg, rgb, width: info.width, height: info.height };
  const upright = [1, 2, 3, 4, 5, 6, 7, 8].map(
    (nth) => [`JPEG of orientation ${nth}`, () => lying(base, nth, "jpeg")] as const,
  );
  const pictures = {
    ...hostileJpegs(base),
    ...Object.fromEntries(upright),
    ...pngs(base),
    ...webps(base),
    ...others(base),
  };
  return { base, needles, pictures: new Map(Object.entries(pictures)) };
}

const photoOf = ({ rgb, width, height }: Base): Sharp => sharp(rgb, { raw: { width, height, channels: 3 } });
const flat = (width: number, height: number, channels: 3 | 4): Sharp =>
  sharp({ create: { width, height, channels, background: { r: 90, g: 120, b: 60, alpha: 0.4 } } });

function pngs(base: Base): Record<string, Make> {
  const png = () => photoOf(base).png({ compressionLevel: 1 }).toBuffer();
  return {
    "plain PNG": png,
    "PNG of 16 bits": () => photoOf(base).toColourspace("rgb16").png({ compressionLevel: 1 }).toBuffer(),
    "PNG with a palette": () => photoOf(base).png({ palette: true }).toBuffer(),
    "PNG in two colours": () => photoOf(base).png({ palette: true, colours: 2, dither: 0 }).toBuffer(),
    "grey PNG with alpha": () => photoOf(base).greyscale().ensureAlpha(0.9).png().toBuffer(),
    "interlaced PNG": () => photoOf(base).png({ progressive: true, compressionLevel: 1 }).toBuffer(),
    "PNG of which nothing is opaque": () => photoOf(base).ensureAlpha(0).png({ compressionLevel: 1 }).toBuffer(),
    "animated PNG": async () => withChunks(await png(), [chunk("acTL", Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))]),
    "PNG with text": async () => withChunks(await png(), [chunk("tEXt", Buffer.from(`Author\0${SECRET}`))]),
    "PNG with EXIF": async () =>
      await photoOf(base)
        .withExif({ IFD0: { Copyright: SECRET } })
        .png({ compressionLevel: 1 })
        .toBuffer(),
    "PNG with HTML behind its end": async () =>
      Buffer.concat([await png(), Buffer.from(`<html><script>${SECRET}</script></html>`)]),
    "PNG with a wrong checksum": async () => damaged(await png(), 40_000),
    "PNG without its end": async () => (await png()).subarray(0, -12),
    "PNG torn in the middle": async () => halfOf(await png()),
    "PNG with two headers": async () => withChunks(await png(), [header(64, 64)]),
    "PNG that holds more rows than it says": async () => pngOf(header(64, 64), deflateSync(Buffer.alloc(20_000_000))),
    "PNG of 16000 x 16000": () => flatPng(16_000, 16_000),
    "PNG that says it is 30000 x 30000": () => pngOf(header(30_000, 30_000), Buffer.alloc(64)),
    "PNG that says it is 2,147,483,647 wide": () => pngOf(header(2 ** 31 - 1, 1), Buffer.alloc(64)),
    "PNG of 65,535 x 1": () => flatPng(65_535, 1),
    "PNG with 400 MB of text": async () =>
      withChunks(await png(), [chunk("zTXt", inflating("Comment\0\0", 400_000_000))]),
    "PNG with a profile of 400 MB": async () =>
      withChunks(await png(), [chunk("iCCP", inflating("p3\0\0", 400_000_000))]),
    "interlaced PNG of 24 megapixels, 16 bits and alpha": () =>
      flat(6000, 4000, 4).toColourspace("rgb16").png({ progressive: true, compressionLevel: 1 }).toBuffer(),
    "PNG's signature alone": () => Buffer.from(PNG),
  };
}

function webps(base: Base): Record<string, Make> {
  const webp = () => photoOf(base).webp({ effort: 0, quality: 90 }).toBuffer();
  return {
    "plain WebP": webp,
    "lossless WebP": () => photoOf(base).webp({ lossless: true, effort: 0 }).toBuffer(),
    "animated WebP": () =>
      animation(base)
        .webp({ effort: 0, delay: [100, 100] })
        .toBuffer(),
    "WebP with EXIF and XMP": () =>
      photoOf(base)
        .withExif({ IFD0: { Copyright: SECRET } })
        .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>${SECRET}</a></x:xmpmeta>`)
        .webp({ effort: 0 })
        .toBuffer(),
    "WebP torn in the middle": async () => halfOf(await webp()),
    "WebP that says it is 16,383 x 16,383": async () => claimingWebp(await webp()),
    "sound in a RIFF": () => Buffer.concat([Buffer.from("RIFF\x24\0\0\0WAVEfmt "), Buffer.alloc(28)]),
  };
}

function others(base: Base): Record<string, Make> {
  const svg = (inner: string, doctype = ""): Buffer =>
    Buffer.from(
      `<?xml version="1.0"?>${doctype}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="640" height="480">${inner}</svg>`,
    );
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
  return {
    nothing: () => Buffer.alloc(0),
    "one byte": () => Buffer.from([0xff]),
    "a megabyte of zeros": () => Buffer.alloc(1_000_000),
    "words with the name of a picture": () => Buffer.from("This is no picture. ".repeat(50)),
    GIF: () => photoOf(base).gif({ effort: 1 }).toBuffer(),
    "animated GIF": () =>
      animation(base)
        .gif({ effort: 1, delay: [100, 100] })
        .toBuffer(),
    "GIF and script in one": () => Buffer.from(`GIF89a/*\0\0\0\0*/=1;fetch("http://localhost/");`),
    "GIF that says it is 65,535 x 65,535": () =>
      Buffer.concat([Buffer.from("GIF89a\xff\xff\xff\xff\x80\0\0", "latin1"), Buffer.alloc(64)]),
    TIFF: () => photoOf(base).tiff({ compression: "none" }).toBuffer(),
    "tiled TIFF, compressed": () =>
      photoOf(base).tiff({ tile: true, pyramid: true, compression: "deflate" }).toBuffer(),
    "TIFF with a JPEG in it": () => photoOf(base).tiff({ compression: "jpeg" }).toBuffer(),
    "TIFF of 16000 x 16000": () => flat(16_000, 16_000, 3).tiff({ compression: "deflate" }).toBuffer(),
    AVIF: () => photoOf(base).resize(320).avif({ effort: 0 }).toBuffer(),
    HEIC: () => Buffer.concat([Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), Buffer.alloc(4000, 7)]),
    "JPEG 2000": () => Buffer.concat([Buffer.from("\0\0\0\x0cjP  \r\n\x87\n", "latin1"), Buffer.alloc(4000, 7)]),
    "JPEG XL": () => Buffer.concat([Buffer.from("\xff\x0a", "latin1"), Buffer.alloc(4000, 7)]),
    "PDF with a JPEG in it": () =>
      Buffer.concat([
        Buffer.from("%PDF-1.7\n1 0 obj<</Type/XObject>>stream\n"),
        base.jpeg,
        Buffer.from("\nendstream endobj"),
      ]),
    "PPM of 60,000 x 60,000": () => Buffer.from("P6\n60000 60000\n255\n"),
    BMP: () => Buffer.concat([Buffer.from("BM"), Buffer.alloc(4000, 9)]),
    "SVG with pictures from elsewhere": () =>
      svg(`<image xlink:href="file:///etc/hostname" width="9" height="9"/><image href="http://localhost/x.jpg"/>`),
    "SVG with a file in an entity": () =>
      svg("<text>&f;</text>", `<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/hostname">]>`),
    "SVG with a billion laughs": () => svg("<text>&l9;</text>", `<!DOCTYPE svg [<!ENTITY l0 "ha">${laughs}]>`),
    "SVG behind a byte order mark": () =>
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), svg("<rect width='9' height='9'/>")]),
  };
}

/** Two frames: the photograph, then its negative. */
function animation({ rgb, width, height }: Base): Sharp {
  const frames = Buffer.concat([rgb, rgb.map((value) => 255 - value)]);
  return sharp(frames, { raw: { width, height: height * 2, channels: 3, pageHeight: height } });
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The signature and the header chunk. */
const PNG_HEAD_BYTES = 33;

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** 8 bits, grey. */
function header(width: number, height: number): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.writeUInt8(8, 8);
  return chunk("IHDR", body);
}

const pngOf = (head: Buffer, rows: Buffer): Buffer =>
  Buffer.concat([Buffer.from(PNG), head, chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);

/** Of one shade, so that it is a thousandth of its size. */
const flatPng = (width: number, height: number): Buffer =>
  pngOf(header(width, height), deflateSync(Buffer.alloc((width + 1) * height)));

const withChunks = (png: Buffer, chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([png.subarray(0, PNG_HEAD_BYTES), ...chunks, png.subarray(PNG_HEAD_BYTES)]);

const inflating = (head: string, bytes: number): Buffer =>
  Buffer.concat([Buffer.from(head, "latin1"), deflateSync(Buffer.alloc(bytes, SECRET), { level: 1 })]);

const halfOf = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);

function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}

/** The size stands in 14 bits each behind the key frame's start code (RFC 6386, 9.1). */
function claimingWebp(webp: Buffer): Buffer {
  const copy = Buffer.from(webp);
  const at = copy.indexOf(Buffer.from([0x9d, 0x01, 0x2a])) + 3;
  copy.writeUInt16LE(16_383, at);
  copy.writeUInt16LE(16_383, at + 2);
  return copy;
}

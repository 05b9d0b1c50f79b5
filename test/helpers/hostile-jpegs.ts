// JPEGs that cameras do not send and people do: odd, torn, lying, loaded with metadata, made at test time from a photograph with
// faces. Markers: ITU-T T.81, table B.1.
import { randomFillSync } from "node:crypto";
import sharp, { type Sharp } from "sharp";
import { damagedBy } from "./jpeg-damage.ts";

type Make = () => Buffer | Promise<Buffer>;
export type Base = { readonly jpeg: Buffer; readonly rgb: Buffer; readonly width: number; readonly height: number };

/** The word that no output may hold: it stands in each piece of metadata that is made here. */
export const SECRET = "kilo-quebec-neighbour";
const secretBytes = (length: number): Buffer => Buffer.alloc(length, `${SECRET} `);

/** JPEG pictures by name, of this photograph. */
export function hostileJpegs(base: Base): Record<string, Make> {
  const { jpeg } = base;
  const photo = () => sharp(base.rgb, { raw: { width: base.width, height: base.height, channels: 3 } });
  const progressive = () => photo().jpeg({ progressive: true }).toBuffer();
  const cmyk = () => photo().toColourspace("cmyk").jpeg().toBuffer();
  return {
    "plain JPEG": () => jpeg,
    "grey JPEG": () => photo().greyscale().jpeg().toBuffer(),
    "progressive JPEG": progressive,
    "progressive JPEG with 1,000 scans": async () => repeatLastScan(await progressive(), 1000),
    "CMYK JPEG": cmyk,
    "CMYK JPEG without its Adobe marker": async () => withoutSegments(await cmyk(), 0xee),
    "YCCK JPEG": async () => withAdobeTransform(await cmyk(), 2),
    "JPEG that says it is RGB and is not": () => withAdobeTransform(withSegment(jpeg, 0xee, adobe()), 0),
    "arithmetic-coded JPEG": () => withFrameType(jpeg, 0xc9),
    "lossless JPEG": () => withFrameType(jpeg, 0xc3),
    "hierarchical JPEG": () => withFrameType(jpeg, 0xc5),
    "JPEG of 12 bits": () => withFrameByte(jpeg, 0, 12),
    "JPEG without components": () => withFrameByte(jpeg, 5, 0),
    "JPEG with 255 components": () => withFrameByte(jpeg, 5, 255),
    "JPEG with GPS in its EXIF": () => withSegment(jpeg, 0xe1, gpsExif()),
    "JPEG with a thumbnail of a face": async () => withSegment(jpeg, 0xe1, await thumbnailExif(photo())),
    "JPEG with a maker's note": () => withSegment(jpeg, 0xe1, exif([[0x927c, 7, 600, 40]], secretBytes(600))),
    "JPEG with an EXIF that points at itself": () =>
      withSegment(jpeg, 0xe1, exif([[0x8769, 4, 1, 8]], Buffer.alloc(0))),
    "JPEG with an odd colour profile": () => photo().withIccProfile("p3").jpeg().toBuffer(),
    "RGB JPEG with the profile of a printer": async () => withSegment(jpeg, 0xe2, await profileOf("cmyk")),
    "JPEG with noise for a profile": () => withSegment(jpeg, 0xe2, profile(randomFillSync(Buffer.alloc(9000)))),
    "JPEG with XMP": () => withSegment(jpeg, 0xe1, text("http://ns.adobe.com/xap/1.0/\0", 60_000)),
    "JPEG with IPTC": () => withSegment(jpeg, 0xed, text("Photoshop 3.0\0", 4000)),
    "JPEG with 100 comments": () => Array.from({ length: 100 }).reduce<Buffer>((on) => withComment(on), jpeg),
    "JPEG with SVG in a comment": () =>
      withSegment(jpeg, 0xfe, Buffer.from('<svg><script href="http://localhost/"/></svg>')),
    "JPEG with data behind its end": () => Buffer.concat([jpeg, secretBytes(1_000_000)]),
    "JPEG with a second one behind it (MPF)": () => Buffer.concat([withSegment(jpeg, 0xe2, text("MPF\0", 80)), jpeg]),
    "JPEG and ZIP in one": () =>
      Buffer.concat([jpeg, Buffer.from("PK\x03\x04"), secretBytes(3000), Buffer.from("PK\x05\x06"), Buffer.alloc(18)]),
    "JPEG and PHP in one": () => withSegment(jpeg, 0xfe, Buffer.from("<?php system($_GET['c']); ?>")),
    "JPEG that starts twice": () => Buffer.concat([jpeg.subarray(0, 2), jpeg]),
    "JPEG that starts again before its scan": () => insertedAt(jpeg, scanAt(jpeg), Buffer.from([0xff, 0xd8])),
    "JPEG whose Huffman table is noise": () => overwritten(jpeg, 0xc4, 3, Buffer.alloc(16, 0xff)),
    "JPEG without the Huffman tables that it was made with": () => withoutSegments(jpeg, 0xc4),
    "JPEG of an MJPEG stream, without Huffman tables": async () =>
      withoutSegments(await photo().jpeg({ optimiseCoding: false }).toBuffer(), 0xc4),
    "JPEG without quantisation tables": () => withoutSegments(jpeg, 0xdb),
    "JPEG with restarts announced that do not come": () =>
      insertedAt(jpeg, scanAt(jpeg), Buffer.from([0xff, 0xdd, 0, 4, 0, 8])),
    "JPEG with restarts that were not announced": () =>
      insertedAt(jpeg, scanAt(jpeg) + 2000, Buffer.from([0xff, 0xd0, 0xff, 0xd3])),
    "JPEG whose height comes later (DNL)": () => withFrameByte(withFrameByte(jpeg, 1, 0), 2, 0),
    "JPEG of no width": () => withFrameByte(withFrameByte(jpeg, 3, 0), 4, 0),
    "JPEG that says it is 65,535 high": () => withFrameByte(withFrameByte(jpeg, 1, 255), 2, 255),
    "JPEG that says it is twice as high": () => withFrameByte(jpeg, 1, (base.height * 2) >> 8),
    "JPEG with a segment of length 0": () => insertedAt(jpeg, 2, Buffer.from([0xff, 0xe5, 0, 0])),
    "JPEG with a segment longer than the file": () =>
      insertedAt(jpeg, 2, Buffer.from([0xff, 0xe5, 0xff, 0xff])).subarray(0, 4000),
    "JPEG without its last two bytes": () => jpeg.subarray(0, -2),
    ...Object.fromEntries(
      [0.001, 0.01, 0.25, 0.5, 0.9, 0.99].map((share) => [
        `JPEG torn at ${share * 100} %`,
        () => jpeg.subarray(0, Math.round(jpeg.length * share)),
      ]),
    ),
    "JPEG with zeros in its scan": () => damagedBy("a hole of 4 KiB", jpeg),
    "progressive JPEG with zeros in its scan": async () => damagedBy("a hole of 4 KiB", await progressive()),
    "JPEG without a packet of its scan": () => damagedBy("a lost packet", jpeg),
    "JPEG with a piece of another frame": () => damagedBy("4 KiB of another picture", jpeg),
    "JPEG with flipped bits": () => damagedBy("64 flipped bits", jpeg),
    "JPEG of noise": () =>
      sharp(randomFillSync(Buffer.alloc(640 * 480 * 3)), { raw: { width: 640, height: 480, channels: 3 } })
        .jpeg()
        .toBuffer(),
    "JPEG of one pixel": () => photo().resize(1, 1).jpeg().toBuffer(),
    "JPEG of 8 x 8": () => photo().resize(8, 8).jpeg().toBuffer(),
    "JPEG of 16,000 x 40": () => photo().resize(16_000, 40, { fit: "fill" }).jpeg().toBuffer(),
    "JPEG of 24 megapixels, on its side, in many scans": () =>
      photo()
        .resize(6000, 4000, { fit: "fill" })
        .jpeg({ progressive: true, chromaSubsampling: "4:4:4" })
        .withMetadata({ orientation: 6 })
        .toBuffer(),
    "JPEG of more than 24 megapixels": () => photo().resize(6000, 4001, { fit: "fill" }).jpeg().toBuffer(),
  };
}

/** The picture stored so that this EXIF orientation shows it upright; lossless, so that eight of them are the same pixels. */
export async function lying(base: Base, orientation: number, as: "jpeg" | "png"): Promise<Buffer> {
  const raw = (rgb: Buffer, { width, height }: { width: number; height: number }) =>
    sharp(rgb, { raw: { width, height, channels: 3 } });
  // Turned by a quarter first, then mirrored: 5 is the transpose, 7 the transverse; each undoes itself.
  const quarter =
    new Map([
      [5, 90],
      [6, 270],
      [7, 90],
      [8, 90],
      [3, 180],
    ]).get(orientation) ?? 0;
  const turned = await raw(base.rgb, base).rotate(quarter).raw().toBuffer({ resolveWithObject: true });
  const stored = raw(turned.data, turned.info);
  if (orientation === 2 || orientation === 5) stored.flop();
  if (orientation === 4 || orientation === 7) stored.flip();
  return await stored.toFormat(as).withMetadata({ orientation }).toBuffer();
}

function segmentsOf(jpeg: Buffer): { readonly marker: number; readonly at: number; readonly end: number }[] {
  const segments: { marker: number; at: number; end: number }[] = [];
  for (let at = 2; jpeg[at] === 0xff && jpeg[at + 1] !== 0xd9; ) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    segments.push({ marker: jpeg.readUInt8(at + 1), at, end });
    if (jpeg[at + 1] === 0xda) break;
    at = end;
  }
  return segments;
}

function segment(jpeg: Buffer, marker: number): { readonly at: number; readonly end: number } {
  const found = segmentsOf(jpeg).find((each) => each.marker === marker);
  if (found === undefined) throw new Error(`the JPEG has no segment ${marker.toString(16)}`);
  return found;
}

const scanAt = (jpeg: Buffer): number => segment(jpeg, 0xda).at;

/** Where the frame header's contents begin: precision, height (2), width (2), components. */
function frameAt(jpeg: Buffer): number {
  const frame = segmentsOf(jpeg).find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  if (frame === undefined) throw new Error("the JPEG has no frame");
  return frame.at + 4;
}

function insertedAt(bytes: Buffer, at: number, more: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

function withSegment(jpeg: Buffer, marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return insertedAt(jpeg, 2, Buffer.concat([head, body]));
}

const withComment = (jpeg: Buffer): Buffer => withSegment(jpeg, 0xfe, secretBytes(60_000));
const text = (head: string, bytes: number): Buffer => Buffer.concat([Buffer.from(head, "latin1"), secretBytes(bytes)]);

function withoutSegments(jpeg: Buffer, marker: number): Buffer {
  const kept = segmentsOf(jpeg).filter((each) => each.marker !== marker);
  const last = kept.at(-1)?.at ?? 2;
  return Buffer.concat([
    jpeg.subarray(0, 2),
    ...kept.slice(0, -1).map(({ at, end }) => jpeg.subarray(at, end)),
    jpeg.subarray(last),
  ]);
}

function withFrameType(jpeg: Buffer, marker: number): Buffer {
  return withFrameByte(jpeg, -3, marker);
}

function withFrameByte(jpeg: Buffer, nth: number, value: number): Buffer {
  const changed = Buffer.from(jpeg);
  changed.writeUInt8(value, frameAt(jpeg) + nth);
  return changed;
}

function overwritten(jpeg: Buffer, marker: number, skip: number, bytes: Buffer): Buffer {
  const changed = Buffer.from(jpeg);
  bytes.copy(changed, segment(jpeg, marker).at + 2 + skip);
  return changed;
}

const adobe = (): Buffer => Buffer.concat([Buffer.from("Adobe"), Buffer.from([0, 100, 0, 0, 0, 0, 1])]);

function withAdobeTransform(jpeg: Buffer, transform: number): Buffer {
  const changed = Buffer.from(jpeg);
  changed.writeUInt8(transform, segment(jpeg, 0xee).end - 1);
  return changed;
}

/** The last scan again and again before the end. */
function repeatLastScan(jpeg: Buffer, times: number): Buffer {
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(last, -2);
  return Buffer.concat([jpeg.subarray(0, last), ...Array.from({ length: times }, () => scan), jpeg.subarray(-2)]);
}

const profile = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), bytes]);

async function profileOf(space: "cmyk"): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#888" } })
    .toColourspace(space)
    .withIccProfile(space)
    .jpeg()
    .toBuffer();
  const { at } = segment(jpeg, 0xe2);
  // A profile of several segments is cut: one more thing that is wrong with it.
  return jpeg.subarray(at + 4, segment(jpeg, 0xe2).end);
}

/** EXIF of one directory, big-endian. Entries: tag, type, count, value or offset; `rest` begins at 40. */
function exif(entries: readonly (readonly [number, number, number, number])[], rest: Buffer, next = 0): Buffer {
  const tiff = Buffer.alloc(40);
  tiff.write("MM\0*", "latin1");
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(entries.length, 8);
  entries.forEach(([tag, type, count, value], i) => {
    tiff.writeUInt16BE(tag, 10 + i * 12);
    tiff.writeUInt16BE(type, 12 + i * 12);
    tiff.writeUInt32BE(count, 14 + i * 12);
    tiff.writeUInt32BE(value, 18 + i * 12);
  });
  tiff.writeUInt32BE(next, 10 + entries.length * 12);
  return Buffer.concat([Buffer.from("Exif\0\0"), tiff, rest]);
}

/** A position in words and numbers: GPS directory at 40 with the latitude's reference and 51° 30' 26". */
function gpsExif(): Buffer {
  const gps = Buffer.alloc(100);
  gps.writeUInt16BE(2, 0);
  gps.set([0, 1, 0, 2, 0, 0, 0, 2, 0x4e, 0, 0, 0], 2);
  gps.set([0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 80], 14);
  [51, 1, 30, 1, 26, 1].forEach((value, i) => gps.writeUInt32BE(value, 40 + i * 4));
  gps.write(SECRET, 70);
  return exif([[0x8825, 4, 1, 40]], gps);
}

/** The thumbnail that cameras put beside the picture: nobody paints over the face in it. */
async function thumbnailExif(photo: Sharp): Promise<Buffer> {
  const thumbnail = await photo.resize(160).jpeg({ quality: 70 }).toBuffer();
  const second = Buffer.alloc(30);
  second.writeUInt16BE(2, 0);
  second.set([0x02, 0x01, 0, 4, 0, 0, 0, 1], 2);
  second.writeUInt32BE(40 + 30, 10);
  second.set([0x02, 0x02, 0, 4, 0, 0, 0, 1], 14);
  second.writeUInt32BE(thumbnail.length, 22);
  return exif([[0x0112, 3, 1, 1 << 16]], Buffer.concat([second, thumbnail]), 40);
}

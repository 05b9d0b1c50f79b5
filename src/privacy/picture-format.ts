// What a picture's first bytes say it is, before any decoder sees it: SVG and the like would fetch and run things.

/** The three formats that are decoded, by their signatures; null for everything else. */
export function sniffFormat(bytes: Uint8Array): "jpeg" | "png" | "webp" | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16));
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return "jpeg";
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return "png";
  if (head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WEBP") return "webp";
  return null;
}

/**
 * What the bytes are instead, for a person, null if that is not known. Cameras give JPEG; each further decoder would be one more
 * that reads what strangers made, so people save such pictures anew. Signatures: https://www.iana.org/assignments/media-types
 */
export function nameRefusedFormat(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, TEXT_BYTES)).toString("latin1");
  const found = REFUSED.find(({ signature }) => signature.test(head));
  return found?.name ?? null;
}

/** An SVG may begin with a declaration, a comment and a document type. */
const TEXT_BYTES = 1024;
const REFUSED = [
  { name: "GIF", signature: /^GIF8[79]a/ },
  { name: "TIFF", signature: /^(II[*+]\0|MM\0[*+])/ },
  { name: "AVIF", signature: /^.{4}ftyp(avif|avis)/s },
  { name: "HEIC", signature: /^.{4}ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1)/s },
  { name: "JPEG 2000", signature: /^(.{4}jP {2}|\xff\x4f\xff\x51)/s },
  { name: "JPEG XL", signature: /^(\xff\n|.{4}JXL )/s },
  { name: "BMP", signature: /^BM.{12}/s },
  { name: "PDF", signature: /^%PDF-/ },
  { name: "PPM", signature: /^P[1-7][\s#]/ },
  { name: "SVG", signature: /^\s*(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)[^]*<svg|^\s*<svg/i },
] as const;

/**
 * Pixels that a WebP says it has; its decoder takes memory for all of them before anybody asks. 0 where it does not say.
 * Container: RFC 9649, 2.7; VP8: RFC 6386, 9.1; lossless: RFC 9649, 3.4.
 */
export function webpPixels(webp: Buffer): number {
  if (webp.length < 30) return 0;
  switch (webp.toString("latin1", 12, 16)) {
    case "VP8X":
      return (1 + webp.readUIntLE(24, 3)) * (1 + webp.readUIntLE(27, 3));
    case "VP8 ":
      return (webp.readUInt16LE(26) & 0x3fff) * (webp.readUInt16LE(28) & 0x3fff);
    case "VP8L": {
      const sides = webp.readUInt32LE(21);
      return (1 + (sides & 0x3fff)) * (1 + ((sides >> 14) & 0x3fff));
    }
  }
  return 0;
}

/**
 * Bytes that a PNG takes decoded all at once: an interlaced one has no rows to read one by one. 0 for all others.
 * Header: PNG specification, 11.2.2.
 */
export function interlacedBytes(png: Buffer): number {
  if (png.length < 29 || png.readUInt8(28) === 0) return 0;
  const channels = [1, 0, 3, 1, 2, 0, 4][png.readUInt8(25)] ?? 4;
  return (png.readUInt32BE(16) * png.readUInt32BE(20) * channels * png.readUInt8(24)) / 8;
}

/**
 * Whether these bytes are a JPEG of this size with nothing in it but the picture: one start and one end, a frame header,
 * tables and scans, the JFIF header at most as application data, no comment. Null if so, else what is wrong (I3).
 * Markers: ITU-T T.81, table B.1.
 */
export function faultOfBareJpeg(jpeg: Buffer, { width, height }: { width: number; height: number }): string | null {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xffd8) return "not a JPEG";
  let hasFrame = false;
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg.readUInt8(at + 1);
    const length = jpeg.readUInt16BE(at + 2);
    if (marker === 0xda) return hasFrame ? faultOfScans(jpeg, at + 2 + length) : "a scan without a frame header";
    if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) {
      if (hasFrame || at + 9 > jpeg.length) return "a broken frame header";
      if (jpeg.readUInt16BE(at + 5) !== height || jpeg.readUInt16BE(at + 7) !== width)
        return "another size than announced";
      hasFrame = true;
    } else if (marker === 0xe0) {
      if (jpeg.toString("latin1", at + 4, at + 9) !== "JFIF\0" || length > 16) return "application data";
    } else if (marker !== 0xc4 && marker !== 0xdb && marker !== 0xdd) {
      return `a segment of type ${marker.toString(16)}`;
    }
    at += 2 + length;
  }
  return "it ends before the picture";
}

/** Entropy-coded data up to the end marker; only restarts, tables and further scans may stand between. */
function faultOfScans(jpeg: Buffer, start: number): string | null {
  let at = start;
  while (at + 1 < jpeg.length) {
    at = jpeg.indexOf(0xff, at);
    if (at < 0 || at + 1 >= jpeg.length) break;
    const marker = jpeg.readUInt8(at + 1);
    if (marker === 0xd9) return at + 2 === jpeg.length ? null : "bytes after the end of the picture";
    const isStuffing = marker === 0x00 || (marker >= 0xd0 && marker <= 0xd7);
    if (isStuffing) {
      at += 2;
    } else if ((marker === 0xc4 || marker === 0xda) && at + 4 <= jpeg.length) {
      at += 2 + jpeg.readUInt16BE(at + 2);
    } else {
      return `a segment of type ${marker.toString(16)} among the scans`;
    }
  }
  return "it has no end";
}

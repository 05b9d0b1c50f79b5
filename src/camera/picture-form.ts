// What can be told of encoded bytes without decoding them: whether they are a picture at all, and whether a JPEG was cut.
import { CAMERA_LIMITS } from "./camera-limits.ts";

/** Stands at a JPEG's end and nowhere in its pixels: there FF is followed by 00 or a restart (ITU-T T.81, B.1.1.2). */
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** Whether these begin like a JPEG, PNG or WebP. What is inside, the redactor decides. */
export function isPicture(bytes: Buffer): boolean {
  const head = bytes.toString("latin1", 0, 12);
  return isJpeg(bytes) || head.startsWith("\x89PNG\r\n\x1a\n") || /^RIFF.{4}WEBP/s.test(head);
}

/** Whether a JPEG has no end near its last byte: it was cut, or the next one's beginning is in it. Of other forms false. */
export function isCutJpeg(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf(JPEG_END);
  return isJpeg(bytes) && (end < 0 || end < bytes.length - CAMERA_LIMITS.jpegPaddingBytes);
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

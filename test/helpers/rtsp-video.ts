// H.264 of a still picture as RTP packets, for an RTSP server of our own: encoded once by ffmpeg, cut up here (RFC 6184).
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Frames, each as its RTP payloads; the first is a key frame, and so is each fifth. */
export type Video = readonly (readonly Buffer[])[];

const PAYLOAD_BYTES = 1400;

/** Each picture is encoded once. */
const known = new WeakMap<Buffer, Promise<Video>>();

/** `picture`: a JPEG. */
export function encodeVideo(picture: Buffer): Promise<Video> {
  const video = known.get(picture) ?? encode(picture);
  known.set(picture, video);
  return video;
}

async function encode(picture: Buffer): Promise<Video> {
  const words = [
    "-nostdin -hide_banner -loglevel error -f image2pipe -i pipe:0 -vf loop=loop=9:size=1:start=0 -r 10",
    "-c:v libx264 -preset ultrafast -tune zerolatency -crf 16 -pix_fmt yuv420p -g 5 -bf 0",
    "-x264-params repeat-headers=1:sliced-threads=0:scenecut=0 -threads 1 -f h264 pipe:1",
  ];
  const ffmpeg = spawn(
    "ffmpeg",
    words.flatMap((line) => line.split(" ")),
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  ffmpeg.stdin.end(picture);
  const ended = once(ffmpeg, "close");
  const stream = Buffer.concat(await Array.fromAsync(ffmpeg.stdout));
  await ended;
  const video: Buffer[][] = [[]];
  for (const unit of unitsOf(stream)) {
    video.at(-1)?.push(...payloadsOf(unit));
    // One slice is one frame here; what comes before it belongs to it.
    if ([1, 5].includes((unit[0] ?? 0) & 0x1f)) video.push([]);
  }
  return video.slice(0, -1);
}

/** One packet of channel 0, interleaved (RFC 2326, 10.12). */
export function interleaved(packet: {
  readonly payload: Buffer;
  readonly sequence: number;
  readonly timestamp: number;
  readonly isLast: boolean;
}): Buffer {
  const header = Buffer.alloc(16);
  header.write("$");
  header.writeUInt16BE(12 + packet.payload.length, 2);
  header[4] = 0x80;
  header[5] = 96 | (packet.isLast ? 0x80 : 0);
  header.writeUInt16BE(packet.sequence & 0xffff, 6);
  header.writeUInt32BE(packet.timestamp >>> 0, 8);
  header.writeUInt32BE(0x4711, 12);
  return Buffer.concat([header, packet.payload]);
}

/** The NAL units of a byte stream: what stands between 00 00 01. */
function unitsOf(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let from = stream.indexOf("\0\0\x01", 0, "latin1");
  while (from >= 0) {
    const next = stream.indexOf("\0\0\x01", from + 3, "latin1");
    let end = next < 0 ? stream.length : next;
    // Four bytes may begin a unit, too: zeros before it are none of this one.
    for (; stream[end - 1] === 0; end -= 1) if (next < 0) break;
    units.push(stream.subarray(from + 3, end));
    from = next;
  }
  return units;
}

/** Whole, or in fragments (FU-A). */
function payloadsOf(unit: Buffer): Buffer[] {
  if (unit.length <= PAYLOAD_BYTES) return [unit];
  const [first = 0] = unit;
  const payloads: Buffer[] = [];
  for (let at = 1; at < unit.length; at += PAYLOAD_BYTES) {
    const isFirst = at === 1;
    const isLast = at + PAYLOAD_BYTES >= unit.length;
    const head = Buffer.from([(first & 0xe0) | 28, (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | (first & 0x1f)]);
    payloads.push(Buffer.concat([head, unit.subarray(at, at + PAYLOAD_BYTES)]));
  }
  return payloads;
}

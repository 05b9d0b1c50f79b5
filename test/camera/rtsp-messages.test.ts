// Shown: an RTSP connection is taken apart the same whatever chunks it comes in, copies no picture, and ends at what is no RTSP or
// without end; a stream's description keeps nothing but its picture.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CAMERA_LIMITS } from "../../src/camera/camera-limits.ts";
import { type RtspMessage, type RtspPiece, RtspReader, textOf, withHeaders } from "../../src/camera/rtsp-messages.ts";
import { tracksOf } from "../../src/camera/rtsp-sdp.ts";
import { LIMITS } from "../../src/core/limits.ts";

const word = fc.stringMatching(/^[a-zA-Z0-9 =;,/-]{0,30}$/).map((text) => text.trim());
const message = fc
  .record({
    startLine: fc.constantFrom("RTSP/1.0 200 OK", "RTSP/1.0 401 Unauthorized", "OPTIONS rtsp://cam/a RTSP/1.0"),
    headers: fc.array(fc.tuple(fc.stringMatching(/^X-[a-z]{1,8}$/), word), { maxLength: 5 }),
    body: fc.string({ maxLength: 200 }),
  })
  .map((part) => ({ kind: "message", message: part }) as const);
const frames = fc
  .record({ channel: fc.nat(255), payload: fc.uint8Array({ maxLength: 600 }) })
  .map(({ channel, payload }) => {
    const header = Buffer.from(["$".charCodeAt(0), channel, payload.length >> 8, payload.length & 0xff]);
    return { kind: "frames", bytes: Buffer.concat([header, payload]) } as const;
  });

/** Frames that follow each other are one run of bytes, however many pieces they came in. */
function joined(pieces: readonly RtspPiece[]): (RtspMessage | string)[] {
  const all: (RtspMessage | string)[] = [];
  let run = Buffer.alloc(0);
  const close = (): void => {
    if (run.length > 0) all.push(run.toString("hex"));
    run = Buffer.alloc(0);
  };
  for (const piece of pieces) {
    if (piece.kind === "frames") run = Buffer.concat([run, piece.bytes]);
    else {
      close();
      all.push(withHeaders(piece.message, { "Content-Length": null }));
    }
  }
  close();
  return all;
}

test("a connection is read the same whatever the chunks, and its texts are written back as they were", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(message, frames), { maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 80 })),
      (pieces, sizes) => {
        const wire = Buffer.concat(
          pieces.map((piece) => (piece.kind === "frames" ? piece.bytes : Buffer.from(textOf(piece.message)))),
        );
        const reader = new RtspReader();
        const read: RtspPiece[] = [];
        for (let at = 0; at < wire.length; ) {
          const [size = 1] = sizes.take(1);
          // Chunks are views of one memory that is zeroed afterwards, as a socket's are: what is kept of text must be copied.
          const chunk = Buffer.from(wire.subarray(at, at + size));
          for (const piece of reader.push(chunk))
            read.push(
              piece.kind === "frames"
                ? { ...piece, bytes: Buffer.from(piece.bytes) }
                : {
                    ...piece,
                    message: { ...piece.message, headers: piece.message.headers.map(([name, value]) => [name, value]) },
                  },
            );
          chunk.fill(0);
          at += size;
        }
        expect(joined(read)).toEqual(joined(pieces));
      },
    ),
  );
});

test("frames are handed on as views of what came, so that zeroing those zeroes all there is of the picture", () => {
  const text = Buffer.from("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
  const chunk = Buffer.concat([text, Buffer.from("$\0\0\x05pixel$\x01\0\x02xy", "latin1")]);
  const [, frame] = new RtspReader().push(chunk);
  expect(frame?.kind === "frames" ? frame.bytes.buffer : null).toBe(chunk.buffer);
  expect(frame?.kind === "frames" ? frame.bytes.length : 0).toBe(chunk.length - text.length);
});

test.each<[string, string | Buffer]>([
  ["bytes that are no RTSP", "\x00\x01\x02"],
  ["a page", "<html>"],
  ["HTTP", "HTTP/1.1 200 OK\r\n\r\n"],
  ["a start line without a version", "OPTIONS rtsp://cam/a\r\n\r\n"],
  ["garbage that begins with a capital", "Zzzzzz!\x00"],
  ["what follows a frame of a wrong length", Buffer.from("$\0\0\x02pixels", "latin1")],
  ["a header without a colon", "RTSP/1.0 200 OK\r\nnonsense\r\n\r\n"],
  ["a folded header", "RTSP/1.0 200 OK\r\nA: b\r\n c: d\r\n\r\n"],
  ["two lengths", "RTSP/1.0 200 OK\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n$\0\0\0"],
  ["a length that is no number", "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n"],
  ["a text without end", `RTSP/1.0 200 OK\r\nContent-Length: ${CAMERA_LIMITS.sdpBytes + 1}\r\n\r\n`],
  ["headers without end", `RTSP/1.0 200 OK\r\n${"X-More: yes\r\n".repeat(LIMITS.cameraHeaderBytes / 13)}`],
])("%s ends it, and is not repeated", (_, wire) => {
  const bytes = Buffer.from(wire);
  expect(() => new RtspReader().push(bytes)).toThrow(expect.objectContaining({ name: "RtspDamage" }));
  try {
    const reader = new RtspReader();
    for (const byte of bytes) reader.push(Buffer.from([byte]));
    expect.unreachable();
  } catch (thrown) {
    expect(String(thrown)).not.toMatch(/html|nonsense|pixels|Zzz|X-More/);
  }
});

test("of a description the first picture track is kept, line by line from a list; sound is told and dropped", () => {
  const sdp = [
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.7",
    "s=stream",
    "i=a name of somebody",
    "e=somebody@example.org",
    "t=0 0",
    "a=control:*",
    "a=pgmpu:data:application/vnd.ms.wms-hdr.asfv1;base64,AAAA",
    "m=audio 0 RTP/AVP 8",
    "a=control:sound",
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    "a=control:picture",
    "a=crypto:1 AES",
    "m=video 0 RTP/AVP 97",
    "a=control:second",
    "m=application 0 RTP/AVP 107",
    "a=control:meta",
  ];
  const { video, hasSound } = tracksOf(sdp.join("\n"));
  expect(hasSound).toBe(true);
  expect(video?.split("\r\n")).toEqual([
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.7",
    "s=stream",
    "t=0 0",
    "a=control:*",
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    "a=control:picture",
    "",
  ]);
  expect(tracksOf("v=0\r\nm=audio 0 RTP/AVP 8\r\n")).toEqual({ video: null, hasSound: true, isForeign: false });
  expect(tracksOf("rubbish")).toEqual({ video: null, hasSound: false, isForeign: false });
});

test.each([
  ["its own number for JPEG", "RTP/AVP 26", [], true],
  ["H.265", "RTP/AVP 96 97", ["a=rtpmap:96 H265/90000"], true],
  ["H.264 with the spaces of some cameras", " RTP/AVP  96 ", ["a=rtpmap: 96 h264/90000 "], true],
  ["a coding whose name only begins like one", "RTP/AVP 96", ["a=rtpmap:96 H264-X-QT/90000"], false],
  ["MPEG-4", "RTP/AVP 96", ["a=rtpmap:96 MP4V-ES/90000"], true],
  ["a transport stream, in which any codec may be", "RTP/AVP 33", ["a=rtpmap:33 MP2T/90000"], false],
  ["a transport stream that says H.264 of another number", "RTP/AVP 33 96", ["a=rtpmap:96 H264/90000"], false],
  ["a number behind a space that ffmpeg takes for none", "RTP/AVP\u00a096 33", ["a=rtpmap:96 H264/90000"], false],
  ["a coding that no camera has", "RTP/AVP 96", ["a=rtpmap:96 X-QT/90000"], false],
  ["a second name for a number that is known", "RTP/AVP 26", ["a=rtpmap:26 MP2T/90000"], true],
])("a picture in %s is told to the decoder only if it is one of those looked at", (_, track, maps, isKnown) => {
  const { video, isForeign } = tracksOf(["v=0", `m=video 0 ${track}`, ...maps, "a=control:p", ""].join("\r\n"));
  expect(video !== null).toBe(isKnown);
  expect(isForeign).toBe(!isKnown);
  expect(video ?? "").not.toMatch(/MP2T|X-QT/);
});

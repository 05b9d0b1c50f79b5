// Pictures are taken out of a multipart stream as cameras really write it, in whatever pieces it comes, and nothing of them stays behind.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundaryOf, MultipartPictures } from "../../src/camera/multipart-pictures.ts";
import { LIMITS } from "../../src/core/limits.ts";

const jpeg = (text: string): Buffer => Buffer.from(`\xff\xd8${text}\xff\xd9`, "latin1");
const A = jpeg("first\r\n--not the boundary\r\n\n");
const B = jpeg("second");
const text = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));

/** Reads `stream` in pieces of these sizes, the last size repeated. */
function read(
  stream: Buffer,
  { boundary = "cam", sizes = [stream.length] }: { boundary?: string | null; sizes?: readonly number[] } = {},
): Buffer[] {
  const reader = new MultipartPictures({ id: "gate-cam", boundary });
  const pictures: Buffer[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const size = sizes[Math.min(turn, sizes.length - 1)] ?? 1;
    pictures.push(...reader.push(Buffer.from(stream.subarray(at, at + size))));
    at += size;
  }
  return pictures;
}

const ffmpeg = (boundary: string, pictures: readonly Buffer[]): Buffer =>
  text(
    `--${boundary}\r\n`,
    ...pictures.flatMap((picture) => [
      `Content-type: image/jpeg\r\nContent-length: ${picture.length}\r\n\r\n`,
      picture,
      `\r\n--${boundary}\r\n`,
    ]),
  );

const STREAMS: Readonly<Record<string, { readonly stream: Buffer; readonly boundary?: string | null }>> = {
  "as ffmpeg writes it": { stream: ffmpeg("cam", [A, B]) },
  "with lengths only": {
    stream: text(`--cam\r\nContent-Length: ${A.length}\r\n\r\n`, A, `--cam\r\nContent-Length:${B.length}\r\n\r\n`, B),
  },
  "with boundaries only": { stream: text("--cam\r\n\r\n", A, "\r\n--cam\r\nX-Time: 1\r\n\r\n", B, "\r\n--cam--\r\n") },
  "with the dashes in the header's boundary": { boundary: "--cam", stream: ffmpeg("cam", [A, B]) },
  "with two dashes more than announced": { boundary: "--cam", stream: ffmpeg("--cam", [A, B]) },
  "without dashes": { stream: text("cam\r\n\r\n", A, "\r\ncam\r\n\r\n", B, "\r\ncam\r\n") },
  "with LF alone": { stream: text("--cam\nContent-Type: image/jpeg\n\n", A, "\n--cam\n\n", B, "\n--cam\n") },
  "without a boundary in the header": { boundary: null, stream: ffmpeg("whatever", [A, B]) },
  "without the first boundary": {
    stream: text(
      "Content-Type: image/jpeg\r\n\r\n",
      A,
      "\r\n--cam\r\nContent-Type: image/jpeg\r\n\r\n",
      B,
      "\r\n--cam",
    ),
  },
  "after a preamble, with parts that are no pictures": {
    stream: text(
      "\r\nhello\r\n--cam\r\nContent-Type: text/xml\r\n\r\n<motion/>\r\n--cam\r\n\r\n\r\n--cam\r\nContent-Type: image/jpeg\r\n\r\n",
      A,
      "\r\n--cam\r\nContent-Length: 0\r\n\r\n\r\n--cam\r\n\r\n",
      B,
      "\r\n--cam\r\n",
    ),
  },
};

describe("a stream", () => {
  test.each(Object.entries(STREAMS))(
    "%s gives its pictures, in whatever pieces it comes",
    (_, { stream, boundary }) => {
      const more = boundary === undefined ? {} : { boundary };
      expect(read(stream, more)).toEqual([A, B]);
      const sizes = fc.array(fc.integer({ min: 1, max: stream.length }), { minLength: 1 });
      fc.assert(
        fc.property(sizes, (sizes) => {
          expect(read(stream, { ...more, sizes })).toEqual([A, B]);
        }),
      );
    },
  );

  test("a picture with a length is given at its last byte, before the next boundary", () => {
    const [head, end] = [text(`--cam\r\nContent-Length: ${A.length}\r\n\r\n`), A.subarray(-1)];
    const reader = new MultipartPictures({ id: "gate-cam", boundary: "cam" });
    expect(reader.push(text(head, A.subarray(0, -1)))).toEqual([]);
    expect(reader.push(Buffer.from(end))).toEqual([A]);
  });

  test("any pictures come out as they went in, however they were cut", () => {
    const picture = fc
      .uint8Array({ minLength: 0, maxLength: 300 })
      .map((bytes) => jpeg(Buffer.from(bytes).toString("latin1")));
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 5 }), sizes, (pictures, sizes) => {
        expect(read(ffmpeg("cam", pictures), { sizes })).toEqual(pictures);
      }),
    );
  });
});

test("a picture that the camera fills up to a sector is whole", () => {
  const padded = text(A, Buffer.alloc(500));
  expect(read(ffmpeg("cam", [padded]))).toEqual([padded]);
});

test("no byte of a picture stays in what was pushed, and two pictures share no memory", () => {
  const stream = ffmpeg("cam", [A, B]);
  const reader = new MultipartPictures({ id: "gate-cam", boundary: "cam" });
  const [first, second] = reader.push(stream);
  expect(stream.every((byte) => byte === 0)).toBe(true);
  expect(first?.buffer).not.toBe(second?.buffer);
  expect(first?.buffer.byteLength).toBe(A.length);
});

test("the boundary is read from the header, with and without quotes", () => {
  expect(boundaryOf('multipart/x-mixed-replace; boundary="a b"')).toBe("a b");
  expect(boundaryOf("multipart/x-mixed-replace;BOUNDARY=--myboundary; x=y")).toBe("--myboundary");
  expect(boundaryOf("multipart/x-mixed-replace")).toBeNull();
});

describe("what is refused", () => {
  const refused = { code: "PICTURE_REFUSED" };
  const NONE = Buffer.alloc(0);
  test.each<[string, Buffer, string]>([
    ["a length that is none", text("--cam\r\nContent-Length: -5\r\n\r\n"), "no number"],
    [
      "a length beyond the bound, at once",
      text(`--cam\r\nContent-Length: ${LIMITS.frameBytes + 1}\r\n\r\n`),
      "larger than",
    ],
    ["headers without end", text("--cam\r\n", "X: y\r\n".repeat(LIMITS.cameraHeaderBytes)), "no picture"],
    ["one endless line", Buffer.alloc(LIMITS.cameraHeaderBytes + 1, "x"), "no picture"],
    ["a web page", text("<html>\r\n".repeat(LIMITS.cameraHeaderBytes)), "no picture"],
    ["a length that cuts the picture", text("--cam\r\nContent-Length: 8\r\n\r\n", A), "does not fit"],
    [
      "a length that reaches into the next part",
      text(`--cam\r\nContent-Length: 5000\r\n\r\n`, A, "\r\n--cam\r\n\r\n\xff\xd8", Buffer.alloc(6000)),
      "does not fit",
    ],
  ])("%s", (_, stream, why) => {
    for (const sizes of [[stream.length], [1]]) {
      const reader = (): Buffer[] => read(stream, { sizes });
      expect(reader).toThrow(expect.objectContaining({ ...refused, message: expect.stringContaining(why) }));
    }
  });

  test("a part without end, at the bound", () => {
    const reader = new MultipartPictures({ id: "gate-cam", boundary: "cam" });
    reader.push(text("--cam\r\n\r\n"));
    const pushAll = (): void => {
      for (let sent = 0; sent <= 2 * LIMITS.frameBytes; sent += 1 << 20) reader.push(Buffer.alloc(1 << 20, "x"));
    };
    expect(pushAll).toThrow(expect.objectContaining({ ...refused, message: expect.stringContaining("larger than") }));
  });

  test("parts with neither length nor boundary", () => {
    expect(() => read(text("Content-Type: image/jpeg\r\n\r\n", A), { boundary: null })).toThrow(
      "neither a length nor a boundary",
    );
    expect(read(NONE)).toEqual([]);
  });
});

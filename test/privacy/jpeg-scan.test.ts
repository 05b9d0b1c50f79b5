// Shown: no sound JPEG is refused, whoever wrote it, and what is wrong with a damaged one is said; how often damage is seen
// stands in jpeg-damage.test.ts. Forms that sharp and ffmpeg do not write are written here, and sharp confirms that they are sound.
import { execFileSync } from "node:child_process";
import sharp, { type JpegOptions, type Sharp } from "sharp";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { faultOfJpeg } from "../../src/privacy/jpeg-scan.ts";
import { EntropySegment } from "../../src/privacy/jpeg-segment.ts";
import { decodePicture, PictureRefused } from "../../src/privacy/picture.ts";
import { damages, dataAt } from "../helpers/jpeg-damage.ts";
import { type JpegForm, writeJpeg } from "../helpers/jpeg-writer.ts";
import { seededRandom } from "../helpers/random.ts";
import { lacksFfmpeg } from "../helpers/rtsp-server.ts";
import { type SampleName, samplePhotograph } from "../helpers/sample-photographs.ts";

vi.setConfig({ testTimeout: 120_000 });

const SAMPLES = ["sample1", "sample2", "sample3", "sample4", "sample5", "sample6"] as const;
const photographs = new Map<SampleName, Buffer>();
for (const name of SAMPLES) photographs.set(name, await samplePhotograph(name));
const photograph = (name: SampleName, width: number): Sharp => sharp(photographs.get(name)).resize(width);
const faultOf = (jpeg: Buffer): string | null => faultOfJpeg(jpeg, { pixelsMax: LIMITS.framePixels });
const SAYS = "the JPEG is damaged inside: ";

describe("sound:", () => {
  test.each(SAMPLES)("%s as it came", (name) => {
    expect(faultOf(photographs.get(name) ?? Buffer.alloc(0))).toBeNull();
  });

  const SETTINGS: readonly JpegOptions[] = [1, 30, 80, 95, 100].flatMap((quality) =>
    (["4:2:0", "4:4:4"] as const).flatMap((chromaSubsampling) => [
      { quality, chromaSubsampling, optimiseCoding: false },
      { quality, chromaSubsampling, optimiseCoding: true },
      { quality, chromaSubsampling, progressive: true },
      { quality, chromaSubsampling, mozjpeg: true },
      { quality, chromaSubsampling, overshootDeringing: true },
    ]),
  );
  test.each(SETTINGS)("by sharp with %j", async (settings) => {
    for (const name of ["sample1", "sample5"] as const)
      expect(faultOf(await photograph(name, 333).jpeg(settings).toBuffer()), name).toBeNull();
  });

  const LOOKS: Record<string, (photo: Sharp) => Sharp> = {
    grey: (photo) => photo.greyscale(),
    "in CMYK": (photo) => photo.toColourspace("cmyk"),
    "black and white alone": (photo) => photo.threshold(128),
    "with colours at their ends": (photo) => photo.linear(8, -500),
    "at night": (photo) => photo.linear(0.05, 0),
    "of one colour": (photo) => photo.linear(0, 200),
  };
  test.each(Object.entries(LOOKS))("%s", async (_name, look) => {
    for (const progressive of [false, true])
      for (const quality of [20, 100]) {
        const jpeg = await look(photograph("sample5", 333)).jpeg({ quality, progressive }).toBuffer();
        expect(faultOf(jpeg)).toBeNull();
      }
  });

  const colours: JpegForm["sampling"] = [
    [2, 2],
    [1, 1],
    [1, 1],
  ];
  const FORMS: Record<string, Partial<JpegForm>> = {
    "of sampling 4:1:1": {
      sampling: [
        [4, 1],
        [1, 1],
        [1, 1],
      ],
    },
    "of sampling 4:4:0, extended": {
      sampling: [
        [1, 2],
        [1, 1],
        [1, 1],
      ],
      isExtended: true,
    },
    "of four components": {
      sampling: [
        [1, 1],
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    },
    "grey, with factors that mean nothing": { sampling: [[2, 2]] },
    "with a restart marker behind each MCU": { restartEvery: 1 },
    "with a restart marker behind each row": { restartEvery: 10 },
    "with one restart marker more at the end": { restartEvery: 7, hasLastRestart: true },
    "with a scan for each component": { isApart: true },
    "with a scan for each component, and restart markers": { isApart: true, restartEvery: 3 },
    "padded with zeros": { padding: 0, restartEvery: 4 },
    "filled up to words with zeros": { filler: [0, 0, 0] },
    "with some bytes of anything behind its data, as of some webcams": { filler: [1, 0x5a, 7, 0x80, 3, 9, 0x11, 2, 4] },
    "with fill bytes before markers": { filler: [0xff, 0xff], restartEvery: 4 },
  };
  test.each(Object.entries(FORMS))("%s", async (_name, form) => {
    const jpeg = writeJpeg({ width: 150, height: 101, sampling: colours, ...form });
    await sharp(jpeg, { failOn: "warning" }).raw().toBuffer();
    expect(faultOf(jpeg)).toBeNull();
  });

  const MORE = { yuvj420p: "-q:v 5 -threads 4 -slices 4", yuvj422p: "-q:v 2", yuvj444p: "-q:v 31" } as const;
  test.skipIf(lacksFfmpeg)("by ffmpeg, of all qualities and samplings, with and without restart markers", async () => {
    expect(byFfmpeg(MORE.yuvj420p).includes(Buffer.from([0xff, 0xd1])), "restart markers").toBe(true);
    for (const huffman of ["default", "optimal"])
      for (const format of ["yuvj420p", "yuvj422p", "yuvj444p"] as const)
        expect(faultOf(byFfmpeg(`${MORE[format]} -huffman ${huffman} -pix_fmt ${format}`))).toBeNull();
  });

  test.skipIf(lacksFfmpeg)(
    "without Huffman tables, as in MJPEG streams, where the standard ones are meant",
    async () => {
      const whole = byFfmpeg("-q:v 3 -huffman default -pix_fmt yuvj422p");
      const without = withoutTables(whole);
      expect(without.length).toBeLessThan(whole.length - 300);
      expect((await decodePicture(without)).rgb.equals((await decodePicture(whole)).rgb)).toBe(true);
      expect(faultOf(damages(whole)["a hole of 512 zeros"]?.(without, spotIn(without)) ?? without)).toContain(SAYS);
    },
  );

  test("with data behind its end, and with a thumbnail before its beginning", async () => {
    const jpeg = await photograph("sample1", 320).jpeg().toBuffer();
    expect(faultOf(Buffer.concat([jpeg, Buffer.alloc(5000, 0xff), jpeg]))).toBeNull();
    const thumbnail = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), jpeg.subarray(0, 9000)]);
    thumbnail.writeUInt16BE(9002, 2);
    expect(faultOf(Buffer.concat([jpeg.subarray(0, 2), thumbnail, jpeg.subarray(2)]))).toBeNull();
  });
});

describe("refused, and said why:", () => {
  const colours = {
    width: 150,
    height: 101,
    sampling: [
      [2, 2],
      [1, 1],
      [1, 1],
    ],
  } as const;
  const FAULTS: Record<string, { jpeg: () => Buffer; fault: string }> = {
    "an MCU too many": {
      jpeg: () => writeJpeg({ ...colours, surplus: 40 }),
      fault: "a part holds more data than it says",
    },
    "more than fills a word": {
      jpeg: () => writeJpeg({ ...colours, filler: Array.from({ length: 17 }, () => 1) }),
      fault: "a part holds more data than it says",
    },
    "an MCU too few": { jpeg: () => writeJpeg({ ...colours, surplus: -1 }), fault: "" },
    "padding of mixed bits": {
      jpeg: () => withMixedPadding(),
      fault: "a part does not end where its data does",
    },
    "a restart marker out of order": {
      jpeg: () => replaced(writeJpeg({ ...colours, restartEvery: 7 }), [0xff, 0xd1], [0xff, 0xd2]),
      fault: "a restart marker is not where it should be",
    },
    "a part between restart markers that is not there": {
      jpeg: () => withoutPart(writeJpeg({ ...colours, restartEvery: 7 })),
      fault: "a restart marker is not where it should be",
    },
    "a scan that is not there": {
      jpeg: () => withoutScan(writeJpeg({ ...colours, isApart: true })),
      fault: "a part of the picture is not there",
    },
    "no end": { jpeg: () => writeJpeg(colours).subarray(0, -2), fault: "it ends too early" },
  };
  test.each(Object.entries(FAULTS))("%s", async (_name, { jpeg, fault }) => {
    expect(faultOf(jpeg())).toContain(SAYS + fault);
    await expect(decodePicture(jpeg())).rejects.toThrow(PictureRefused);
  });

  test("an arithmetic JPEG, in which damage would stay unseen", () => {
    const jpeg = replaced(writeJpeg(colours), [0xff, 0xc0], [0xff, 0xc9]);
    expect(faultOf(jpeg)).toBe("an arithmetic, lossless or hierarchical JPEG is not read");
  });

  test("numbers that no samples give", async () => {
    // Larger steps: the same numbers now mean black and white beyond black and white.
    const jpeg = await photograph("sample5", 320).threshold(128).jpeg({ quality: 50 }).toBuffer();
    const table = jpeg.indexOf(Buffer.from([0xff, 0xdb])) + 5;
    const [brightness, coefficients] = [Buffer.from(jpeg), Buffer.from(jpeg)];
    brightness.writeUInt8(jpeg.readUInt8(table) * 4, table);
    expect(faultOf(brightness)).toBe(`${SAYS}the brightness leaves the range of samples`);
    coefficients.fill(255, table + 1, table + 64);
    expect(faultOf(coefficients)).toBe(`${SAYS}a coefficient is larger than samples allow`);
  });
});

test("the data that was looked at is zeroed (I1)", () => {
  let bytes: Buffer = Buffer.alloc(0);
  {
    using segment = new EntropySegment(100);
    segment.take(Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd9]), 0);
    bytes = segment.bytes;
    expect([...bytes.subarray(0, 4)]).toEqual([1, 2, 0xff, 3]);
  }
  expect(bytes.every((each) => each === 0)).toBe(true);
});

function spotIn(jpeg: Buffer): { readonly start: number; readonly random: () => number } {
  return { start: dataAt(jpeg), random: seededRandom(1) };
}

function byFfmpeg(settings: string): Buffer {
  const before = "-v error -f image2pipe -c:v mjpeg -i pipe:0 -vf scale=654:362 -frames:v 1 -c:v mjpeg";
  const args = [...before.split(" "), ...settings.split(" "), "-f", "image2pipe", "pipe:1"];
  return execFileSync("ffmpeg", args, { input: photographs.get("sample1") ?? Buffer.alloc(0), maxBuffer: 10_000_000 });
}

function replaced(jpeg: Buffer, what: readonly number[], by: readonly number[]): Buffer {
  const copy = Buffer.from(jpeg);
  Buffer.from(by).copy(copy, copy.indexOf(Buffer.from(what)));
  return copy;
}

function withoutTables(jpeg: Buffer): Buffer {
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc4]));
  const rest = Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(at + 2 + jpeg.readUInt16BE(at + 2))]);
  return rest.includes(Buffer.from([0xff, 0xc4])) ? withoutTables(rest) : rest;
}

/** What stands between the first two restart markers, and the second of them. */
function withoutPart(jpeg: Buffer): Buffer {
  const [first, second] = [jpeg.indexOf(Buffer.from([0xff, 0xd0])), jpeg.indexOf(Buffer.from([0xff, 0xd1]))];
  return Buffer.concat([jpeg.subarray(0, first + 2), jpeg.subarray(second + 2)]);
}

function withoutScan(jpeg: Buffer): Buffer {
  return Buffer.concat([jpeg.subarray(0, jpeg.lastIndexOf(Buffer.from([0xff, 0xda]))), Buffer.from([0xff, 0xd9])]);
}

/** The padding of ones behind a block's last code, which is zeros, spoiled: of the first size that leaves two bits of it. */
function withMixedPadding(): Buffer {
  for (let width = 16; width < 64; width++) {
    const jpeg = writeJpeg({ width, height: 16, sampling: [[1, 1]] });
    const last = jpeg.readUInt8(jpeg.length - 3);
    if ((last & 3) !== 3) continue;
    jpeg.writeUInt8(last & 0xfe, jpeg.length - 3);
    return jpeg;
  }
  throw new Error("no form leaves room for padding");
}

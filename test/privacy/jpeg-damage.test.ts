// Shown: damage inside a picture's data, of which decoders say nothing, is seen, by its kind as often as is said here; and nothing
// that is done to a JPEG makes the walk through it fail in another way.
import sharp from "sharp";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { faultOfJpeg } from "../../src/privacy/jpeg-scan.ts";
import { decodePicture, PictureRefused } from "../../src/privacy/picture.ts";
import { damages, dataAt } from "../helpers/jpeg-damage.ts";
import { writeJpeg } from "../helpers/jpeg-writer.ts";
import { seededRandom } from "../helpers/random.ts";
import { type SampleName, samplePhotograph } from "../helpers/sample-photographs.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Scans of a progressive JPEG have tables of their own, in which zeros mean nothing much. */
const PROGRESSIVE_FLOORS: Record<string, number> = { "a hole of 64 zeros": 0.75 };

/** Shares that are seen at least, on 60 of each; what is measured is 2 to 10 points higher. One flipped bit often changes a shade alone. */
const FLOORS: Record<string, number> = {
  "a hole of 64 zeros": 1,
  "a hole of 512 zeros": 0.95,
  "a hole of 4 KiB": 0.98,
  "a hole of 64 KiB": 0.98,
  "a lost packet": 0.95,
  "4 KiB that are missing": 0.98,
  "1 to 64 bytes that are missing": 0.75,
  "512 bytes of noise": 0.98,
  "4 KiB of another picture": 0.98,
  "64 flipped bits": 0.98,
  "8 flipped bits": 0.75,
  "1 flipped bit": 0.15,
};

const photograph = async (name: SampleName, width: number) => sharp(await samplePhotograph(name)).resize(width);
const faultOf = (jpeg: Buffer): string | null => faultOfJpeg(jpeg, { pixelsMax: LIMITS.framePixels });

describe.each([
  { name: "of standard tables", settings: { optimiseCoding: false }, floors: FLOORS },
  { name: "of tables made for it, 4:4:4", settings: { quality: 92 }, floors: FLOORS },
  { name: "progressive", settings: { progressive: true }, floors: { ...FLOORS, ...PROGRESSIVE_FLOORS } },
])("damage in a photograph, $name, is seen as often as is said:", async ({ settings, floors }) => {
  const jpeg = await (await photograph("sample5", 640)).jpeg(settings).toBuffer();
  const other = await (await photograph("sample2", 640)).jpeg(settings).toBuffer();
  test.each(Object.entries(damages(other)))("%s", (name, damage) => {
    const random = seededRandom(20_261_121);
    const spot = { start: dataAt(jpeg), random };
    let [seen, made] = [0, 0];
    while (made < 60) {
      const damaged = damage(jpeg, spot);
      if (damaged.equals(jpeg)) continue;
      made++;
      if (faultOf(damaged) !== null) seen++;
    }
    expect(seen / made, `${seen} of ${made}, seed 20261121`).toBeGreaterThanOrEqual(floors[name] ?? 1);
  });
});

test("each flipped bit in the data of a PNG is seen, by its checksums", async () => {
  const png = await (await photograph("sample1", 200)).png().toBuffer();
  const from = png.indexOf("IDAT") + 4;
  const random = seededRandom(3);
  for (let nth = 0; nth < 40; nth++) {
    const copy = Buffer.from(png);
    const at = from + Math.floor(random() * (png.readUInt32BE(from - 8) + 4));
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
    await expect(decodePicture(copy), `byte ${at}`).rejects.toThrow(PictureRefused);
  }
});

test("whatever is done to a JPEG ends in a sentence or in nothing, never in another error", async () => {
  const bases = [
    await (await photograph("sample1", 160)).jpeg().toBuffer(),
    await (await photograph("sample1", 160)).jpeg({ progressive: true }).toBuffer(),
    writeJpeg({
      width: 99,
      height: 50,
      sampling: [
        [2, 1],
        [1, 1],
        [1, 1],
      ],
      restartEvery: 2,
    }),
  ];
  const random = seededRandom(99);
  for (const base of bases)
    for (let nth = 0; nth < 1000; nth++) {
      const copy = Buffer.from(base);
      for (let i = 0; i < 3; i++)
        copy[2 + Math.floor(random() * (base.length - 2) ** random())] = Math.floor(random() * 256);
      const fault = faultOf(copy.subarray(0, nth % 3 === 0 ? Math.floor(random() * copy.length) : copy.length));
      expect(fault === null || /^(the|an?|an .*) JPEG .{5,80}$/.test(fault), `${fault}`).toBe(true);
    }
});

describe("what a progressive JPEG's scans cannot be:", () => {
  /** Two blocks of grey: a scan of their brightness, then scans of their coefficients, each by one symbol whose code is 0. */
  const tiny = (...scans: readonly { symbol: number; bits: number; data: number }[]): Buffer =>
    Buffer.from(
      [
        [0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...Array.from({ length: 64 }, () => 8)],
        [0xff, 0xc2, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0],
        oneCode(0x00, 0),
        [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0b00111111],
        scans.flatMap(({ symbol, bits, data }) =>
          oneCode(0x10, symbol).concat([0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, bits, data]),
        ),
        [0xff, 0xd9],
      ].flat(),
    );
  const oneCode = (table: number, symbol: number): number[] => {
    return [0xff, 0xc4, 0, 20, table, 1, ...Array.from({ length: 15 }, () => 0), symbol];
  };
  /** Skips two blocks, as the next bit is 0. */
  const nothing = { symbol: 0x10, bits: 0x01, data: 0b00111111 };

  test("more blocks skipped than there are, coefficients and corrections that are too large", async () => {
    await sharp(tiny(nothing), { failOn: "warning" }).raw().toBuffer();
    expect(faultOf(tiny(nothing))).toBeNull();
    const SAYS = "the JPEG is damaged inside: ";
    expect(faultOf(tiny({ ...nothing, data: 0b01111111 }))).toBe(`${SAYS}a part holds fewer blocks than it says`);
    const large = { symbol: 0x0a, bits: 0x04, data: 0 };
    expect(faultOf(tiny(large))).toBe(`${SAYS}a coefficient is larger than samples allow`);
    const correction = { symbol: 0x02, bits: 0x10, data: 0 };
    expect(faultOf(tiny(nothing, correction))).toBe(`${SAYS}a correction is larger than one`);
  });

  test("brought twice, or with bytes missing where each bit stands for one coefficient", async () => {
    const jpeg = await (await photograph("sample1", 320)).jpeg({ progressive: true }).toBuffer();
    const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
    const twice = Buffer.concat([jpeg.subarray(0, -2), jpeg.subarray(last)]);
    expect(faultOf(twice)).toBe("the JPEG is damaged inside: its scans are out of order");
    // The header of the scan that brings the last bit of each brightness: three components, place 0, bits 1 to 0.
    const bits = jpeg.indexOf(Buffer.from([0, 0, 0x10])) + 3;
    const short = Buffer.concat([jpeg.subarray(0, bits), jpeg.subarray(bits + 20)]);
    expect(faultOf(short)).toBe("the JPEG is damaged inside: a part holds less data than it says");
  });
});

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

/** Shares that are seen at least, on 60 of each; what is measured is 2 to 10 points higher. One flipped bit often changes a shade alone. */
const FLOORS: Record<string, number> = {
  "a hole of 64 zeros": 0.9,
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
  { name: "of standard tables", settings: { optimiseCoding: false } },
  { name: "of tables made for it, 4:4:4", settings: { quality: 92 } },
  { name: "progressive", settings: { progressive: true } },
])("damage in a photograph, $name, is seen as often as is said:", async ({ settings }) => {
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
    expect(seen / made, `${seen} of ${made}, seed 20261121`).toBeGreaterThanOrEqual(FLOORS[name] ?? 1);
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

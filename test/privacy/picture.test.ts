// Shown: which pictures are decoded and how, and that everything else is refused early, by value, in words for a person.
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { decodePicture, encodeJpeg, PictureRefused } from "../../src/privacy/picture.ts";
import { faultOfBareJpeg, sniffFormat } from "../../src/privacy/picture-format.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";

const red = (width = 64, height = 48): Sharp =>
  sharp({ create: { width, height, channels: 3, background: "#c81e1e" } });

describe("decoded to upright sRGB of three channels:", () => {
  const PICTURES = {
    JPEG: () => red().jpeg({ quality: 95 }).toBuffer(),
    PNG: () => red().png().toBuffer(),
    WebP: () => red().webp({ quality: 95 }).toBuffer(),
    "PNG of 16 bits": () => red().toColourspace("rgb16").png().toBuffer(),
    "PNG with a palette": () => red().png({ palette: true }).toBuffer(),
    "JPEG in CMYK": () => red().toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer(),
    "PNG with alpha": () => red().ensureAlpha(1).png().toBuffer(),
  };

  test.each(Object.entries(PICTURES))("%s", async (_name, encode) => {
    const picture = await decodePicture(await encode());
    expect([picture.width, picture.height, picture.rgb.length]).toEqual([64, 48, 64 * 48 * 3]);
    const [r = 0, g = 0, b = 0] = picture.rgb.subarray(64 * 24 * 3);
    expect(Math.abs(r - 200) + Math.abs(g - 30) + Math.abs(b - 30)).toBeLessThan(60);
  });

  test("grey in one channel", async () => {
    const grey = await sharp(await samplePhotograph("sample1"))
      .resize(64, 48)
      .greyscale()
      .jpeg()
      .toBuffer();
    const picture = await decodePicture(grey);
    expect(picture.rgb.length).toBe(64 * 48 * 3);
  });

  test("an animation as its first frame", async () => {
    const frames = Buffer.concat([Buffer.alloc(64 * 48 * 3, 200), Buffer.alloc(64 * 48 * 3, 20)]);
    const animation = await sharp(frames, { raw: { width: 64, height: 96, channels: 3, pageHeight: 48 } })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer();
    const picture = await decodePicture(animation);
    expect(picture).toMatchObject({ width: 64, height: 48 });
    expect(picture.rgb[0]).toBeGreaterThan(150);
  });

  test("what is transparent shows nothing of what it hid", async () => {
    const hidden = await red().ensureAlpha(0).png().toBuffer();
    expect([...(await decodePicture(hidden)).rgb.subarray(0, 3)]).toEqual([128, 128, 128]);
  });

  test("a picture on its side, by its EXIF tag", async () => {
    const lying = await red().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decodePicture(lying)).toMatchObject({ width: 48, height: 64 });
  });
});

describe("refused:", () => {
  const REFUSED = {
    "an SVG": async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>'),
    "an SVG behind an XML declaration": async () => Buffer.from('<?xml version="1.0"?><svg width="64" height="64"/>'),
    "a GIF": () => red().gif().toBuffer(),
    "a TIFF": () => red().tiff().toBuffer(),
    "an AVIF": () => red().avif().toBuffer(),
    nothing: async () => Buffer.alloc(0),
    "a JPEG's signature alone": async () => Buffer.from([0xff, 0xd8, 0xff]),
    "half a JPEG": async () => (await samplePhotograph("sample1")).subarray(0, 100_000),
    "half a PNG": async () => {
      const png = await sharp(await samplePhotograph("sample1"))
        .resize(200)
        .png()
        .toBuffer();
      return png.subarray(0, png.length / 2);
    },
    "half a WebP": async () => {
      const webp = await sharp(await samplePhotograph("sample1"))
        .resize(200)
        .webp()
        .toBuffer();
      return webp.subarray(0, webp.length / 2);
    },
    "more than 24 megapixels": () => red(6001, 4000).png().toBuffer(),
    "a line of pixels": () => red(4000, 8).png().toBuffer(),
  };

  test.each(Object.entries(REFUSED))("%s", async (_name, encode) => {
    await expect(decodePicture(await encode())).rejects.toThrow(PictureRefused);
  });

  test("damage within a JPEG is refused or is damage in the picture that is judged, and never another kind of error", async () => {
    const jpeg = await samplePhotograph("sample1");
    for (const at of [3, 20, 200, 700, 5000]) {
      const broken = Buffer.from(jpeg).fill(0xff, at, at + 40);
      const size = await decodePicture(broken).then(({ width, height }) => `${width} x ${height}`, nameOf);
      expect(["PictureRefused", "1920 x 1280"]).toContain(size);
    }
  });
});

test("formats are told by their first bytes", async () => {
  expect(sniffFormat(await red().jpeg().toBuffer())).toBe("jpeg");
  expect(sniffFormat(await red().png().toBuffer())).toBe("png");
  expect(sniffFormat(await red().webp().toBuffer())).toBe("webp");
  expect(sniffFormat(await red().gif().toBuffer())).toBeNull();
});

describe("a bare JPEG", () => {
  const size = { width: 64, height: 48 };

  test("is what we encode, also progressive", async () => {
    const picture = await decodePicture(await red().png().toBuffer());
    expect(faultOfBareJpeg(await encodeJpeg(picture), size)).toBeNull();
    expect(faultOfBareJpeg(await red().jpeg({ progressive: true }).toBuffer(), size)).toBeNull();
  });

  test("is nothing with metadata, a comment, another size, another format, bytes behind its end, or no end", async () => {
    const jpeg = await red().jpeg().toBuffer();
    const comment = Buffer.concat([
      jpeg.subarray(0, 2),
      Buffer.from([0xff, 0xfe, 0, 6]),
      Buffer.from("name"),
      jpeg.subarray(2),
    ]);
    const exif = await red()
      .withExif({ IFD0: { Copyright: "somebody" } })
      .jpeg()
      .toBuffer();
    const icc = await red().withIccProfile("p3").jpeg().toBuffer();
    for (const bad of [
      comment,
      exif,
      icc,
      await red(64, 49).jpeg().toBuffer(),
      await red().png().toBuffer(),
      Buffer.concat([jpeg, Buffer.from("tail")]),
      Buffer.concat([jpeg, jpeg]),
      jpeg.subarray(0, jpeg.length - 2),
      jpeg.subarray(0, 30),
      Buffer.alloc(0),
    ]) {
      expect(faultOfBareJpeg(bad, size)).not.toBeNull();
    }
  });
});

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : String(thrown);
}

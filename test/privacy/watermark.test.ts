// Shown: the search for leaked pixels finds them where they are, so that its silence elsewhere means something.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { seededRandom } from "../helpers/random.ts";
import { type SampleName, samplePhotograph } from "../helpers/sample-photographs.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { leaksIn, leaksInDirectory, makeWatermarkedJpeg } from "../helpers/watermark.ts";

const { jpeg, needles } = await makeWatermarkedJpeg();

test("a piece of 1.1 KiB of the source is found wherever it was cut, as bytes, and a longer one in hex and base64", () => {
  const random = seededRandom(11);
  for (let round = 0; round < 50; round += 1) {
    const at = 2000 + Math.floor(random() * (jpeg.length - 60_000));
    expect(leaksIn(jpeg.subarray(at, at + 1100), needles), `at ${at}`).not.toEqual([]);
    const piece = jpeg.subarray(at, at + 40_000);
    expect(leaksIn(Buffer.from(piece.toString("hex")), needles)).not.toEqual([]);
    expect(leaksIn(Buffer.from(piece.toString("base64")), needles)).not.toEqual([]);
  }
});

test("decoded pixels of the watermark are found as RGB, as BGR and as one plane", async () => {
  const pixels = await sharp(jpeg).raw().toBuffer();
  const red = await sharp(jpeg).extractChannel("red").raw().toBuffer();
  expect(leaksIn(pixels, needles).some((name) => name.includes("RGB"))).toBe(true);
  expect(leaksIn(red, needles).some((name) => name.includes("red plane"))).toBe(true);
  for (let at = 0; at < pixels.length; at += 3) pixels.subarray(at, at + 3).reverse();
  expect(leaksIn(pixels, needles).some((name) => name.includes("BGR"))).toBe(true);
});

test("another picture of the same encoder holds none", async () => {
  const encode = async (name: SampleName) =>
    await sharp(await samplePhotograph(name))
      .jpeg({ quality: 90, chromaSubsampling: "4:4:4" })
      .toBuffer();
  for (const name of ["sample1", "sample2", "sample5"] as const)
    expect(leaksIn(await encode(name), needles)).toEqual([]);
});

test("files below a folder are searched, and the failure says which and what", async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, "deep", "er"), { recursive: true });
  await writeFile(join(folder.path, "clean.log"), "nothing");
  expect(await leaksInDirectory(folder.path, needles)).toEqual([]);
  await writeFile(join(folder.path, "deep", "er", "core"), jpeg.subarray(5000, 9000));
  const leaks = await leaksInDirectory(folder.path, needles);
  expect(leaks[0]).toMatch(/deep\/er\/core: source JPEG at \d+/);
});

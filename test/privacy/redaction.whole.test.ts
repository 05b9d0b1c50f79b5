// Shown: one picture through decode, judge, mask, detect, paint, encode and the second look, in this process. What cannot be
// judged is withheld or, if the policy says so, reduced to 16 x 12 cells; "empty" needs evidence (promise 3, I2, I3).
import sharp, { type Region } from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import type { Detector, Face } from "../../src/privacy/detector.ts";
import { uncoveredFaces } from "../../src/privacy/look-again.ts";
import { faultOfBareJpeg } from "../../src/privacy/picture-format.ts";
import type { Redaction, RedactRequest } from "../../src/privacy/redactor-protocol.ts";
import { openRedactHere } from "../helpers/redact-here.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";

const here = await openRedactHere();
afterAll(() => here[Symbol.asyncDispose]());
const real = here.detector;

type Image = Extract<Redaction, { kind: "image" }>;

async function redact(
  encoded: Buffer,
  ask: Partial<RedactRequest> = {},
  detector: Detector = real,
): Promise<Redaction> {
  return await here.redact(encoded, { checkCanary: true, ...ask }, detector);
}

async function redacted(...args: Parameters<typeof redact>): Promise<Image> {
  const redaction = await redact(...args);
  if (redaction.kind !== "image") throw new Error(`${redaction.why}: ${redaction.detail}`);
  return redaction;
}

/** The real detector, but what it says of the full picture is changed first; canary and second look stay its own. */
function changed(change: (faces: readonly Face[]) => Face[]): Detector {
  let looks = 0;
  return {
    ...real,
    detect: async (picture, look) => {
      looks += 1;
      const faces = await real.detect(picture, look);
      return looks === 1 ? change(faces) : faces;
    },
  };
}

describe("could not tell", () => {
  const frames = {
    "too dark": async () =>
      await sharp(await samplePhotograph("sample5"))
        .linear(0.04, 0)
        .jpeg()
        .toBuffer(),
    "too blurred": async () =>
      await sharp(await samplePhotograph("sample5"))
        .blur(20)
        .jpeg()
        .toBuffer(),
    "the lens may be covered": async () =>
      await sharp({ create: { width: 1280, height: 720, channels: 3, background: "#6a6560" } })
        .jpeg()
        .toBuffer(),
  };

  test.each(Object.entries(frames))("%s: withheld, with a reason for a person", async (why, frame) => {
    const redaction = await redact(await frame());
    expect(redaction).toMatchObject({ kind: "withheld", why: "unsure" });
    expect(redaction.detail).toContain(why);
  });

  test.each(Object.entries(frames))("%s: 16 x 12 cells if the policy says mosaic", async (why, frame) => {
    const redaction = await redacted(await frame(), { whenUnsure: "mosaic" });
    expect(redaction).toMatchObject({ outcome: "mosaic", boxes: [[0, 0, redaction.width, redaction.height, 1]] });
    expect(redaction.detail).toContain(why);
  });

  test("a scene in which the canary cannot be seen, by a detector that sees it elsewhere, is in doubt, not empty", async () => {
    let looks = 0;
    // Sees nothing in the scene but everything on plain grey (640 wide), as when fog or glare hides what is there.
    const fogged: Detector = {
      ...real,
      detect: (picture, look) => {
        looks += 1;
        return picture.width === 640 ? real.detect(picture, look) : Promise.resolve([]);
      },
    };
    const redaction = await redact(await samplePhotograph("sample1"), {}, fogged);
    expect(redaction).toMatchObject({ kind: "withheld", why: "unsure", canary: false });
    expect(looks).toBeGreaterThan(3);
  });

  test("a face that is still found after painting, round after round, withholds the picture", async () => {
    let looks = 0;
    const haunted: Detector = {
      ...real,
      detect: (_picture, { longSides }) => {
        looks += 1;
        const isSecondLook = !longSides.includes(1280);
        const x = isSecondLook ? (looks * 90) % 400 : 1000;
        return Promise.resolve([{ x, y: 20, width: 30, height: 40, score: 0.9 }]);
      },
    };
    const redaction = await redact(await samplePhotograph("sample1"), { checkCanary: false }, haunted);
    expect(redaction).toMatchObject({
      kind: "withheld",
      why: "unsure",
      detail: "faces are still found after painting",
    });
  });
});

describe("the second look", () => {
  test("paints a face that the first look had missed", async () => {
    const detector = changed((faces) => faces.slice(1));
    const redaction = await redacted(await samplePhotograph("sample6"), { checkCanary: false }, detector);
    expect(redaction.boxes.length).toBeGreaterThanOrEqual(4);
    expect(await facesLeft(redaction)).toEqual([]);
  });

  test("catches paint that went elsewhere than the face", async () => {
    const detector = changed((faces) => faces.map((face) => ({ ...face, x: face.x / 4, y: 0 })));
    const redaction = await redacted(await samplePhotograph("sample6"), { checkCanary: false }, detector);
    expect(await facesLeft(redaction)).toEqual([]);
  });
});

describe("an image", () => {
  test("without faces is empty, with the canary as evidence", async () => {
    const redaction = await redacted(await stairway());
    expect(redaction).toMatchObject({ outcome: "empty", boxes: [], canary: true });
  });

  test.each([1, 0.2])("without faces, %f as bright, proves by itself that it could be seen", async (brightness) => {
    const picture = await sharp(await stairway())
      .linear(brightness, 0)
      .jpeg()
      .toBuffer();
    expect(await redacted(picture, { checkCanary: false })).toMatchObject({ outcome: "empty", canary: true });
  });

  test("is not made of silence: a detector that went blind since its last canary is found out", async () => {
    const blind: Detector = { ...real, detect: () => Promise.resolve([]) };
    const redaction = await redact(await samplePhotograph("sample6"), { checkCanary: false }, blind);
    expect(redaction).toMatchObject({ kind: "withheld", why: "canary-missed", canary: false });
  });

  test("has no metadata, whatever the frame carried", async () => {
    const tagged = await sharp(await samplePhotograph("sample1"))
      .withExif({ IFD0: { Make: "ACME", Copyright: "somebody" }, IFD3: { GPSLatitude: "51/1 30/1 3230/100" } })
      .withIccProfile("p3")
      .toBuffer();
    const redaction = await redacted(tagged);
    expect(faultOfBareJpeg(redaction.jpeg, redaction)).toBeNull();
    const { exif, icc, xmp, iptc } = await sharp(redaction.jpeg).metadata();
    expect({ exif, icc, xmp, iptc }).toEqual({ exif: undefined, icc: undefined, xmp: undefined, iptc: undefined });
  });

  test("is masked where the policy says, before anybody looks for faces, and upright", async () => {
    // Stored lying on its side with the tag that says so, as a phone does; masks are fractions of the upright picture.
    const lying = await sharp(await samplePhotograph("sample6"))
      .rotate(90)
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toBuffer();
    const masks = [
      [
        [0, 0],
        [0.3, 0],
        [0.3, 1],
        [0, 1],
      ],
    ] as const;
    const redaction = await redacted(lying, { masks: masks.map((polygon) => polygon.map(([x, y]) => [x, y])) });
    expect(redaction).toMatchObject({ width: 1920, height: 1537 });
    expect(redaction.boxes, "the face behind the mask is not looked for").toHaveLength(3);
    const shades = await shadesIn(redaction.jpeg, { left: 0, top: 0, width: 570, height: 1537 });
    expect(shades.every((value) => Math.abs(value - 48) < 4)).toBe(true);
  });

  test("of level strict is filled with one shade where faces were", async () => {
    const redaction = await redacted(await samplePhotograph("sample6"), { level: "strict" });
    const [x = 0, y = 0, width = 0, height = 0] = redaction.boxes[0] ?? [];
    const inside = { left: x + 16, top: y + 16, width: width - 32, height: height - 32 };
    const shades = await shadesIn(redaction.jpeg, inside);
    expect(Math.max(...shades) - Math.min(...shades)).toBeLessThan(4);
  });
});

test("the frame's bytes are zeroed in the child, also when they cannot be decoded", async () => {
  const [good, bad] = [await samplePhotograph("sample1"), Buffer.from("\u00ff\u00d8\u00ff no picture", "latin1")];
  await redact(good);
  await redact(bad);
  for (const frame of [good, bad]) expect(frame.every((byte) => byte === 0)).toBe(true);
});

test("a box that is none is an error, not a missing face", async () => {
  for (const bad of [{ x: Number.NaN }, { width: Number.POSITIVE_INFINITY }, { height: 0 }, { score: Number.NaN }]) {
    const detector = changed((faces) => faces.map((face) => ({ ...face, ...bad })));
    await expect(redact(await samplePhotograph("sample1"), {}, detector)).rejects.toThrow(/box/);
  }
});

/** Faces that the real detector is sure of in the finished picture, outside what was painted. */
async function facesLeft(redaction: Image): Promise<Face[]> {
  const painted = redaction.boxes.map(([x, y, width, height]) => ({ x, y, width, height }));
  const picture = { rgb: Buffer.alloc(0), width: redaction.width, height: redaction.height };
  return await uncoveredFaces(redaction.jpeg, { picture, painted, detector: real });
}

/** A part of a photograph in which nobody is. */
async function stairway(): Promise<Buffer> {
  const part = { left: 0, top: 40, width: 480, height: 640 };
  return await sharp(await samplePhotograph("sample5"))
    .extract(part)
    .jpeg()
    .toBuffer();
}

/** All values of red, green and blue that occur there. */
async function shadesIn(jpeg: Buffer, part: Region): Promise<number[]> {
  return [...new Set(await sharp(jpeg).extract(part).raw().toBuffer())];
}

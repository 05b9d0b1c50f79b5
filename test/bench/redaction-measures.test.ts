// Shown: the measurement counts what it says, on painted regions drawn by hand; truth files are read in both formats, and what
// is wrong in them is named.
import { describe, expect, test } from "vitest";
import { mapOf, middleCovered, paintedOutside, ScoreSheet, type TrueFace } from "./redaction-measures.ts";
import { readTruth } from "./redaction-truth.ts";

const size = { width: 400, height: 300 };
const box = { x: 100, y: 100, width: 40, height: 40 };
const face: TrueFace = { ...box, tags: { light: "day" }, isIgnored: false };

describe("covered", () => {
  // The middle 60 % of a square of 40 is a square of 31.
  test.each([
    ["the box itself", [box], 1],
    ["its middle alone", [{ x: 104, y: 104, width: 32, height: 32 }], 1],
    ["its left half", [{ x: 100, y: 100, width: 20, height: 40 }], 0.5],
    [
      "two halves",
      [
        { ...box, width: 20 },
        { x: 120, y: 100, width: 20, height: 40 },
      ],
      1,
    ],
    ["nothing", [], 0],
    ["another place", [{ x: 200, y: 200, width: 50, height: 50 }], 0],
  ])("by %s", (_, regions, share) => {
    expect(middleCovered(face, mapOf(regions, size), size)).toBeCloseTo(share, 1);
  });

  test("a face behind the edge of the picture is not judged, one across it by what is there", () => {
    const map = mapOf([{ x: 0, y: 0, width: 30, height: 30 }], size);
    expect(middleCovered({ ...face, x: -50 }, map, size)).toBeNull();
    expect(middleCovered({ ...face, x: -20, y: -20 }, map, size)).toBe(1);
  });

  test("a face of one pixel is judged by that pixel", () => {
    expect(middleCovered({ x: 10, y: 10, width: 1, height: 1 }, mapOf([], size), size)).toBe(0);
  });
});

test("what is painted outside allowed boxes is counted in pixels", () => {
  const map = mapOf([{ x: 0, y: 0, width: 20, height: 10 }], size);
  expect(paintedOutside(map, [{ x: 10, y: 0, width: 100, height: 100 }], size)).toEqual({
    outside: 400 * 300 - 100 * 100,
    over: 100,
  });
});

describe("a sheet of scores", () => {
  test("sorts faces by height and tag, and keeps those of withheld pictures apart", () => {
    const sheet = new ScoreSheet();
    sheet.add([face, { ...face, x: 300, height: 12, width: 10 }], { size, regions: [box] });
    sheet.add([face], null);
    const { height, light } = sheet.result().faces;
    expect(height?.["32-64 px"]).toEqual({ faces: 1, found: 1, covered: 1, withheld: 1 });
    expect(height?.["< 16 px"]).toEqual({ faces: 1, found: 0, covered: 0, withheld: 0 });
    expect(height?.["all >= 16 px"]).toEqual({ faces: 1, found: 1, covered: 1, withheld: 1 });
    expect(light?.["day"]).toEqual({ faces: 2, found: 1, covered: 1, withheld: 1 });
  });

  test("a region that hides a face without lying on it has covered it and not found it", () => {
    const sheet = new ScoreSheet();
    sheet.add([face], { size, regions: [{ x: 0, y: 0, width: 400, height: 300 }] });
    expect(sheet.result().faces["height"]?.["32-64 px"]).toMatchObject({ found: 0, covered: 1 });
  });

  test("tells over-blur of pictures with and without faces apart; what is ignored is no over-blur", () => {
    const sheet = new ScoreSheet();
    sheet.add([{ ...face, isIgnored: true }], { size, regions: [box] });
    sheet.add([], { size, regions: [{ x: 0, y: 0, width: 40, height: 300 }] });
    const { overBlur, ignored } = sheet.result();
    expect(overBlur).toEqual({ withFaces: 0, withoutFaces: 0.1 });
    expect(ignored).toBe(1);
  });
});

describe("truth", () => {
  test("as JSON lines: a face may have its own light and pose, else the picture's", () => {
    const { pictures, mistakes } = readTruth(
      [
        '{"file":"a.jpg","faces":[[1,2,3,4],{"box":[5,6,7,8],"pose":"sideways","ignore":true}],"light":"night","more":1}',
        "",
        '{"file":"b.jpg","faces":[]}',
      ].join("\n"),
    );
    expect(mistakes).toEqual([]);
    expect(pictures).toEqual([
      {
        file: "a.jpg",
        faces: [
          { x: 1, y: 2, width: 3, height: 4, tags: { light: "night" }, isIgnored: false },
          { x: 5, y: 6, width: 7, height: 8, tags: { light: "night", pose: "sideways" }, isIgnored: true },
        ],
      },
      { file: "b.jpg", faces: [] },
    ]);
  });

  test("as WIDER FACE writes it: attributes become tags, invalid and empty boxes are ignored, no face has a line of zeros", () => {
    const { pictures, mistakes } = readTruth(
      [
        "0--Parade/a.jpg",
        "2",
        "449 330 122 149 0 0 1 0 2 1 ",
        "10 20 30 40 1 0 0 1 0 0 ",
        "0--Parade/b.jpg",
        "0",
        "0 0 0 0 0 0 0 0 0 0 ",
        "c.jpg",
        "1",
        "5 5 0 9 0 0 0 0 0 0",
      ].join("\r\n"),
    );
    expect(mistakes).toEqual([]);
    expect(pictures.map(({ file, faces }) => [file, faces.map(({ isIgnored }) => isIgnored)])).toEqual([
      ["0--Parade/a.jpg", [false, true]],
      ["0--Parade/b.jpg", []],
      ["c.jpg", [true]],
    ]);
    expect(pictures[0]?.faces[0]?.tags).toEqual({
      light: "extreme",
      pose: "atypical",
      occlusion: "mostly covered",
      blur: "clear",
    });
  });

  test.each([
    ["{", /^line 1: /],
    ['{"file":"a.jpg"}', /^line 1: faces/],
    ['{"file":"a.jpg","faces":[[1,2,3]]}', /^line 1: faces\.0/],
    ['{"file":"a.jpg","faces":[[1,2,-3,4]]}', /^line 1: faces\.0/],
    ['{"file":"a.jpg","faces":[]}\n{"file":"a.jpg","faces":[]}', /a\.jpg stands there twice/],
    ["a.jpg\nmany", /^line 2: the number of faces of a\.jpg/],
    ["a.jpg\n2\n1 2 3 4 0 0 0 0 0 0", /^line 4: not a face of a\.jpg/],
    ["a.jpg\n1\n1 2 3", /^line 3: not a face/],
    ["\u0000\u0001", /^line 1: neither JSON nor/],
  ])("a mistake is named with its line: %j", (text, named) => {
    expect(readTruth(text).mistakes[0]).toMatch(named);
  });

  test("a file of another kind is a bounded list of mistakes", () => {
    const { pictures, mistakes } = readTruth("nothing\n".repeat(5000));
    expect(pictures).toEqual([]);
    expect(mistakes).toHaveLength(21);
  });
});

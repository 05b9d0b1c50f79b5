// Shown: at the levels thorough and strict, faces that lie on their side are found, which at normal are often missed; and little
// more is painted of a picture whose faces are upright.
import { afterAll, expect, test } from "vitest";
import type { Detector, Level } from "../../src/privacy/detector.ts";
import { ScoreSheet } from "../bench/redaction-measures.ts";
import { openRedactHere } from "../helpers/redact-here.ts";
import { makeFrame } from "./quality-frames.ts";
import { RECIPES } from "./quality-recipes.ts";

const here = await openRedactHere();
afterAll(() => here[Symbol.asyncDispose]());
const { detector } = here;

/** Shares from 0 to 1 of one frame at one level. */
async function measure(
  name: string,
  level: Level,
  by: Detector = detector,
): Promise<{ covered: number; overBlur: number; searched: unknown }> {
  const recipe = RECIPES.find((each) => each.name === name);
  if (recipe === undefined) throw new Error(`no recipe ${name}`);
  const { png, faces } = await makeFrame(recipe);
  const redaction = await here.redact(png, { level }, by);
  if (redaction.kind !== "image") throw new Error(`withheld: ${redaction.why}, ${redaction.detail}`);
  const regions = redaction.boxes.map(([x, y, width, height]) => ({ x, y, width, height }));
  const sheet = new ScoreSheet();
  const tagged = faces.map((face) => ({ ...face, tags: { all: "all" }, isIgnored: face.ignore }));
  sheet.add(tagged, { size: recipe, regions });
  const result = sheet.result();
  const { faces: count = 0, covered = 0 } = result.faces["all"]?.["all"] ?? {};
  return { covered: covered / count, overBlur: result.overBlur.withFaces ?? 0, searched: redaction.searched };
}

test.each([
  [75, "strict"],
  [90, "thorough"],
] as const)(
  "faces turned by %i° are found at %s, and many of them not at normal",
  { timeout: 120_000 },
  async (degrees, level) => {
    const { covered, searched } = await measure(`turned-${degrees}`, level);
    expect(covered).toBeGreaterThan(0.94);
    expect(searched).toMatchObject({ turned: { longSide: 1280, threshold: 0.25 } });
    const normal = await measure(`turned-${degrees}`, "normal");
    expect(normal.covered).toBeLessThan(covered - 0.1);
    expect(normal.searched).toMatchObject({ turned: null });
  },
);

test("where faces are upright no more than a hundredth is painted besides", { timeout: 120_000 }, async () => {
  const { turned, ...tuning } = detector.tuning;
  expect(turned).toBeDefined();
  const { overBlur } = await measure("crowd-24", "thorough");
  const without = await measure("crowd-24", "thorough", { ...detector, tuning });
  expect(overBlur - without.overBlur).toBeLessThan(0.01);
});

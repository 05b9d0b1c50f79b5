// Shown: on frames made of photographs, with faces of 12 to 60 px, in crowds, turned, covered, dark and hazy, no face is missed
// that the measured prototype of the detector found, and no more is painted. In test/run a part of the frames, all in the soak.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Box } from "../../src/privacy/detector.ts";
import { allowedAround, isCovered, mapOf, paintedOutside } from "../bench/redaction-measures.ts";
import { openRedactHere } from "../helpers/redact-here.ts";
import { type Frame, makeFrame } from "./quality-frames.ts";
import { canMake, RECIPES, type Recipe } from "./quality-recipes.ts";

const Find = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);
const { frames } = z
  .object({ frames: z.record(z.string(), z.object({ pixels: z.string(), boxes: z.array(Find) })) })
  .parse(JSON.parse(await readFile(new URL("fixtures/prototype-finds.json", import.meta.url), "utf8")));

/**
 * Of the area outside the true faces and what the prototype paints by day: spread tones and the second look find a little
 * more, and lifted noise looks like faces too.
 */
const MORE_PAINTED_MAX = { byDay: 0.015, otherwise: 0.025 } as const;
/** Where the second look paints more for a reason that is known. */
const MORE_PAINTED_HERE: Readonly<Record<string, number>> = {
  // At a long side of 256 the corner of a turned photograph looks like a face as high as half the frame (0.31 from 0.3).
  "turned-60": 0.12,
};
/** Where another processor's rounding makes other pixels, finds this faint may come and go. */
const FAINT = 0.05;

const here = await openRedactHere();
afterAll(() => here[Symbol.asyncDispose]());

const chosen = RECIPES.filter((recipe) => recipe.isQuick || process.env["SOAK"] !== undefined);
// Skipped aloud where Debian's python3-skimage, which has some of the photographs, is not installed.
describe.each(chosen)("$name", (recipe) => {
  test.skipIf(!canMake(recipe))(
    "each face that the prototype finds is painted over, and little else",
    { timeout: 120_000 },
    async () => {
      const frame = await makeFrame(recipe);
      const painted = mapOf(await paintedIn(frame), recipe);
      const prototype = findsOf(recipe.name, frame);
      const missed = prototype.filter((find) => isCovered(find, painted, recipe) === false);
      if (recipe.byDay === null) {
        expect(missed, "missed").toEqual([]);
        const more = shareOutside(painted, [...frame.faces, ...prototype], recipe);
        expect(more, "painted more").toBeLessThan(MORE_PAINTED_HERE[recipe.name] ?? MORE_PAINTED_MAX.byDay);
        return;
      }
      // The prototype does not spread tones: what it takes for faces in the dark and is none is nothing to be found.
      expect(
        missed.filter((find) => frame.faces.some((face) => hasMiddleIn(find, face))),
        "missed",
      ).toEqual([]);
      const most = (await paintedByDay(recipe.byDay, recipe, frame)) + MORE_PAINTED_MAX.otherwise;
      expect(shareOutside(painted, frame.faces, recipe), "painted more").toBeLessThan(most);
    },
  );
});

function hasMiddleIn(find: Box, face: Box): boolean {
  const [x, y] = [find.x + find.width / 2, find.y + find.height / 2];
  return x >= face.x && x < face.x + face.width && y >= face.y && y < face.y + face.height;
}

/** In the dark and in haze the prototype sees little; what it paints of the same scene by day is what may be painted. */
async function paintedByDay(name: string, recipe: Recipe, { faces }: Frame): Promise<number> {
  const day = await makeFrame({ ...recipe, dark: null, haze: null });
  const regions = findsOf(name, day).flatMap((find) => allowedAround(find, recipe) ?? []);
  return shareOutside(mapOf(regions, recipe), faces, recipe);
}

/** The painted share of what lies outside these boxes and what may be painted around them. */
function shareOutside(painted: Uint8Array, boxes: readonly Box[], recipe: Recipe): number {
  const allowed = boxes.flatMap((each) => allowedAround(each, recipe) ?? []);
  const { over, outside } = paintedOutside(painted, allowed, recipe);
  return over / outside;
}

async function paintedIn({ png }: Frame) {
  const redaction = await here.redact(Buffer.from(png));
  if (redaction.kind !== "image") throw new Error(`withheld: ${redaction.why}, ${redaction.detail}`);
  return redaction.boxes.map(([x, y, width, height]) => ({ x, y, width, height }));
}

function findsOf(name: string, { rgb }: Frame): Box[] {
  const recorded = frames[name];
  if (recorded === undefined) throw new Error(`no finds of the prototype for ${name}`);
  const isSame = createHash("sha256").update(rgb).digest("hex").startsWith(recorded.pixels);
  return recorded.boxes
    .filter(([, , , , score]) => isSame || score > FAINT)
    .map(([x, y, width, height]) => ({ x, y, width, height }));
}

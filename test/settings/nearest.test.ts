// Shown here: a slip is answered with the word that was meant, and a stranger with none.
import { expect, test } from "vitest";
import { nearest } from "../../src/settings/nearest.ts";

const KNOWN = ["listen", "limits", "mode", "timeBucketS", "dataDir"];

test.each([
  ["lissten", "listen"],
  ["litsen", "listen"],
  ["limit", "limits"],
  ["mod", "mode"],
  ["time_bucket_s", "timeBucketS"],
  ["datadir", "dataDir"],
  ["colour", null],
  ["x", null],
  ["", null],
])("%s is meant as %s", (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

test("a word of a million letters is answered at once", () => {
  expect(nearest("listen".repeat(200_000), KNOWN)).toBeNull();
});

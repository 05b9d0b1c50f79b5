// Shown: what a durable write promises beside the power cut (test/journeys/durable-write.test.ts): writers of one target.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDurably } from "../../src/core/durable-file.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("writers of one target at the same moment all succeed, and the file is whole", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "picture");
  const bytes = Buffer.alloc(300_000, "a");
  await Promise.all(Array.from({ length: 8 }, () => writeDurably(path, bytes)));
  expect((await readFile(path)).equals(bytes)).toBe(true);
  expect(await readdir(directory.path)).toEqual(["picture"]);
});

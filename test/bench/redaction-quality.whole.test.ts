// Shown: `npm run bench -- redaction` measures a folder of pictures with the real redactor, and whatever is wrong with the
// folder, the pictures or the truth is named and counted, never a crash.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { expect, test } from "vitest";
import { z } from "zod";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const bench = join(import.meta.dirname, "main.ts");

function measure(...args: readonly string[]): ReturnType<typeof call> {
  return call("redaction", ...args);
}

async function call(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bench, ...args]);
    return { code: 0, out: stdout, err: stderr };
  } catch (cause) {
    const { code, stdout, stderr } = z
      .object({ code: z.number(), stdout: z.string(), stderr: z.string() })
      .parse(cause);
    return { code, out: stdout, err: stderr };
  }
}

test("a folder with two pictures and all kinds of mistakes", { timeout: 60_000 }, async () => {
  await using directory = await tempDir();
  const images = join(directory.path, "pictures");
  await mkdir(join(images, "folder.jpg"), { recursive: true });
  const small = await sharp(await samplePhotograph("sample6"))
    .resize(640)
    .jpeg()
    .toBuffer();
  await writeFile(join(images, "people.jpg"), small);
  await writeFile(join(images, "torn.jpg"), small.subarray(0, 3000));
  const grey = sharp({ create: { width: 640, height: 360, channels: 3, background: "#808080" } });
  await writeFile(join(images, "covered.png"), await grey.png().toBuffer());
  const truth = join(directory.path, "truth.jsonl");
  // The four faces of sample6, at a third of their size, and one where there is none.
  const faces = [[88, 170, 58, 77], [230, 120, 43, 83], [398, 113, 50, 77], { box: [500, 100, 58, 80], pose: "left" }];
  await writeFile(
    truth,
    [
      { file: "people.jpg", faces: [...faces, [10, 10, 20, 20]], light: "day" },
      { file: "covered.png", faces: [[100, 100, 50, 50]] },
      { file: "torn.jpg", faces: [] },
      { file: "missing.jpg", faces: [] },
      { file: "folder.jpg", faces: [] },
      { file: "no-faces-key.jpg" },
    ]
      .map((line) => JSON.stringify(line))
      .join("\n"),
  );
  const { code, out } = await measure("--images", images, "--truth", truth, "--json");
  const report: unknown = JSON.parse(out);
  expect(code).toBe(0);
  expect(report).toMatchObject({
    level: "normal",
    pictures: 5,
    outcomes: { redacted: 1, empty: 0, unsure: 2 },
    unread: ["missing.jpg: it is missing", "folder.jpg: it is a folder, not a file"],
    longSidePx: { least: 640, median: 640, most: 640 },
    faces: {
      height: {
        "16-32 px": { faces: 1, found: 0, covered: 0, withheld: 0 },
        "32-64 px": { faces: 0, withheld: 1 },
        "> 64 px": { faces: 4, found: 4, covered: 4, withheld: 0 },
      },
      light: { day: { faces: 5, covered: 4 } },
      pose: { left: { faces: 1, covered: 1 } },
    },
    overBlur: { withFaces: expect.any(Number), withoutFaces: null },
    ms: { detect: { medianMs: expect.any(Number), p95Ms: expect.any(Number) } },
    childPeakBytes: expect.any(Number),
    modelSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    machine: { node: process.version },
  });
  const { unsure, mistakes } = z
    .object({ unsure: z.record(z.string(), z.number()), mistakes: z.array(z.string()) })
    .parse(report);
  expect(Object.keys(unsure).map((why) => why.split(":")[0])).toEqual(["unsure", "picture-refused"]);
  expect(mistakes).toEqual([expect.stringMatching(/^line 6: faces/)]);
});

test("where nothing can be measured the exit code is 1, and a person reads why", { timeout: 60_000 }, async () => {
  await using directory = await tempDir();
  const truth = join(directory.path, "wider.txt");
  await writeFile(truth, "0--Parade/a.jpg\n1\n449 330 122 149 0 0 0 0 0 0\n");
  const { code, out } = await measure("--images", directory.path, "--truth", truth, "--level", "strict");
  expect(code).toBe(1);
  expect(out).toContain("1 pictures at level strict: 0 redacted, 0 empty, 0 withheld, 1 unreadable");
  expect(out).toContain("unreadable: 0--Parade/a.jpg: it is missing");
});

test.each([
  [["--images", "x"], /--images and --truth go together/],
  [["--images", "x", "--truth", "/nowhere/truth"], /there is no such file/],
  [["--images", "x", "--truth", "/tmp"], /it is a folder/],
  [["--images", "x", "--truth", bench], /names no picture[\s\S]*line 1: neither JSON/],
  [["--level", "best"], /--level is one of normal/],
  [["--limit", "0"], /--limit is a number/],
  [["--what"], /Unknown option '--what'/],
])("wrong usage is told: %j", async (args, why) => {
  const { code, err } = await measure(...args);
  expect(code).toBe(2);
  expect(err).toMatch(why);
  expect(err).toContain("usage: npm run bench -- redaction");
});

test("a bench that there is not is refused, and does not run them all", async () => {
  expect(await call("redactions")).toMatchObject({ code: 2, err: expect.stringContaining("no bench redactions") });
});

// Shown: `hedgerow redact` as a person calls it: what it writes, prints and refuses. One line a picture, nothing is written
// for what was withheld, and no input is ever written over.
import { copyFile, link, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { addRedact } from "../../src/cli/redact.ts";
import { modelDirectory, samplePhotograph } from "../helpers/sample-photographs.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const Line = z.strictObject({
  file: z.string(),
  out: z.string().nullable(),
  outcome: z.enum(["redacted", "empty", "unsure"]),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  boxes: z.array(z.tuple([z.int(), z.int(), z.int(), z.int(), z.number()])),
  width: z.int().nullable(),
  height: z.int().nullable(),
  ms: z.record(z.string(), z.number()),
});

afterEach(() => {
  process.exitCode = 0;
});

/** The lines of the answer and the exit code that a picture in doubt sets. */
async function redact(...args: string[]): Promise<{ lines: string[]; exitCode: typeof process.exitCode }> {
  const lines: string[] = [];
  process.exitCode = 0;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addRedact(program, (line) => void lines.push(line));
  await program.parseAsync(["redact", ...args], { from: "user" });
  return { lines, exitCode: process.exitCode };
}

async function redactJson(
  ...args: string[]
): Promise<{ answers: z.infer<typeof Line>[]; exitCode: typeof process.exitCode }> {
  const { lines, exitCode } = await redact(...args, "--json");
  return { answers: lines.map((line) => Line.parse(JSON.parse(line))), exitCode };
}

test("a folder of pictures: one JSON line each, results of the same name, what is torn or no picture writes no file", async () => {
  await using at = await tempDir();
  const [pictures, out] = [join(at.path, "in"), join(at.path, "out", "deep")];
  await mkdir(pictures);
  const photograph = await samplePhotograph("sample6");
  await writeFile(join(pictures, "a.jpg"), photograph);
  await writeFile(join(pictures, "b.png"), await sharp(photograph).resize(640).png().toBuffer());
  await writeFile(join(pictures, "torn.jpeg"), photograph.subarray(0, 90_000));
  await writeFile(join(pictures, "drawing.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>');
  await writeFile(join(pictures, "notes.txt"), "not a picture");
  const { answers, exitCode } = await redactJson(pictures, "--out", out);
  expect(answers.map(({ file, outcome, reason }) => [file.slice(pictures.length + 1), outcome, reason])).toEqual([
    ["a.jpg", "redacted", null],
    ["b.png", "redacted", null],
    ["drawing.svg", "unsure", "picture-refused"],
    ["torn.jpeg", "unsure", "picture-refused"],
  ]);
  expect(answers[0]).toMatchObject({ out: join(out, "a.jpg"), width: 1920, height: 1537 });
  expect(answers[0]?.boxes).toHaveLength(4);
  expect(answers[0]?.ms["total"]).toBeGreaterThan(0);
  expect((await readdir(out)).toSorted((a, b) => a.localeCompare(b))).toEqual(["a.jpg", "b.jpg"]);
  expect(await sharp(join(out, "b.jpg")).metadata()).toMatchObject({ format: "jpeg", width: 640 });
  expect(exitCode).toBe(1);
});

test("without doubt the exit code is 0, and people read one sentence a picture", async () => {
  await using at = await tempDir();
  const { lines, exitCode } = await redact(join(modelDirectory, "demo", "sample1.jpg"), "--out", at.path);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/sample1\.jpg: [4-6] regions painted over → .*sample1\.jpg \(\d+ ms\)/);
  expect(exitCode).toBe(0);
});

test("two inputs of one name both get a result", async () => {
  await using at = await tempDir();
  for (const folder of ["x", "y"]) {
    await mkdir(join(at.path, folder));
    await copyFile(join(modelDirectory, "demo", "sample2.jpg"), join(at.path, folder, "gate.jpg"));
  }
  const out = join(at.path, "out");
  const { answers } = await redactJson(join(at.path, "x", "gate.jpg"), join(at.path, "y"), "--out", out);
  expect(answers.map((answer) => answer.out)).toEqual([join(out, "gate.jpg"), join(out, "gate-2.jpg")]);
  expect(await readdir(out)).toHaveLength(2);
});

test("an input is never written over, not even through a link, and then nothing at all is written", async () => {
  await using at = await tempDir();
  const original = join(at.path, "gate.jpg");
  await copyFile(join(modelDirectory, "demo", "sample2.jpg"), original);
  const before = await readFile(original);
  await expect(redact(at.path, "--out", at.path)).rejects.toMatchObject({ code: "USAGE" });
  await mkdir(join(at.path, "out"));
  await link(original, join(at.path, "out", "gate.jpg"));
  await expect(redact(original, "--out", join(at.path, "out"))).rejects.toMatchObject({ code: "USAGE" });
  expect((await readFile(original)).equals(before)).toBe(true);
});

test("a folder that holds files of the same names is refused, and they stay as they are", async () => {
  await using at = await tempDir();
  const older = join(at.path, "sample1.jpg");
  await writeFile(older, "something of somebody else");
  await expect(redact(join(modelDirectory, "demo", "sample1.jpg"), "--out", at.path)).rejects.toMatchObject({
    code: "USAGE",
  });
  expect(await readFile(older, "utf8")).toBe("something of somebody else");
});

test("wrong usage is said before anything is done", async () => {
  await using at = await tempDir();
  const picture = join(modelDirectory, "demo", "sample1.jpg");
  const out = ["--out", join(at.path, "out")];
  const usage = { code: "USAGE" };
  await expect(redact(join(at.path, "gone.jpg"), ...out)).rejects.toMatchObject(usage);
  await expect(redact(at.path, ...out), "an empty folder").rejects.toMatchObject(usage);
  await expect(redact(picture, ...out, "--camera", "gate")).rejects.toMatchObject(usage);
  await expect(redact(picture, ...out, "--policy", "policy.yaml")).rejects.toMatchObject(usage);
  await expect(redact(picture)).rejects.toMatchObject({ code: "commander.missingMandatoryOptionValue" });
  await expect(redact(picture, ...out, "--level", "sloppy")).rejects.toMatchObject({
    code: "commander.invalidArgument",
  });
  await expect(stat(join(at.path, "out"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a policy's masks, level and what to do when unsure are obeyed", async () => {
  await using at = await tempDir();
  const policy = join(at.path, "policy.yaml");
  await writeFile(
    policy,
    `version: 1
controller: { name: Elm Street, contact: privacy@elm.example }
cameras:
  gate-cam:
    purpose: { en: See whether the gate is open }
    until: 2999-01-01
    masks: [ { name: window, polygon: [[0,0],[1,0],[1,0.1],[0,0.1]] } ]
    redact: { level: strict, whenUnsure: mosaic }
`,
  );
  const pictures = join(at.path, "in");
  await mkdir(pictures);
  await copyFile(join(modelDirectory, "demo", "sample6.jpg"), join(pictures, "day.jpg"));
  await writeFile(
    join(pictures, "night.jpg"),
    await sharp(join(pictures, "day.jpg")).linear(0.03, 0).jpeg().toBuffer(),
  );
  const out = join(at.path, "out");
  const { answers, exitCode } = await redactJson(pictures, "--out", out, "--policy", policy, "--camera", "gate-cam");
  expect(answers.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ["redacted", null],
    ["unsure", "unsure"],
  ]);
  expect(answers[1]?.boxes).toEqual([[0, 0, 1920, 1537, 1]]);
  expect(exitCode, "a mosaic was in doubt all the same").toBe(1);
  const masked = await sharp(join(out, "day.jpg"))
    .extract({ left: 0, top: 0, width: 1920, height: 144 })
    .raw()
    .toBuffer();
  expect(masked.every((value) => Math.abs(value - 48) < 6)).toBe(true);
  await expect(redact(pictures, "--out", out, "--policy", policy, "--camera", "other")).rejects.toMatchObject({
    code: "USAGE",
  });
});

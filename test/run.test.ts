// Shown: the whole test command says what is missing, and its closing line never says "0 failed" when something failed.
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tallyOf } from "./helpers/closing-line.ts";
import { tempDir } from "./helpers/temp-dir.ts";

test("an npm that is too old is named with its remedy before anything is installed", async () => {
  await using directory = await tempDir();
  const npm = join(directory.path, "npm");
  await writeFile(npm, "#!/bin/sh\necho 9.2.0\n");
  await chmod(npm, 0o755);
  // A copy, so that the reports of a test/run that is under way are left alone.
  const run = join(directory.path, "test/run");
  await mkdir(join(directory.path, "test"));
  await copyFile(join(import.meta.dirname, "run"), run);
  const { code, stdout } = await execute(run, { PATH: `${directory.path}:/usr/bin:/bin` });
  expect(stdout).toContain("npm install --global npm@11");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed");
  expect(code).toBe(1);
});

test("every set of vitest.config.ts is a stage of test/run, so that no test is run by nobody", async () => {
  const config = await readFile(join(import.meta.dirname, "../vitest.config.ts"), "utf8");
  const run = await readFile(join(import.meta.dirname, "run"), "utf8");
  const sets = Array.from(config.matchAll(/\bname: "(\w+)"/g), (match) => match[1]);
  expect(sets).toContain("unit");
  expect(Array.from(run.matchAll(/^ {2}(?:tests|beside) (\w+) \d+$/gm), (match) => match[1])).toEqual(sets);
});

test("passed, failed and skipped tests of a report are counted", async () => {
  await using directory = await tempDir();
  const report = await reportIn(directory.path, [
    { name: "a.test.ts", status: "passed", assertionResults: [result("one", "passed"), result("two", "skipped")] },
    { name: "b.test.ts", status: "failed", assertionResults: [result("three", "failed"), result("four", "passed")] },
  ]);
  expect(tallyOf(`unit:1:${report}`)).toEqual({ passed: 2, failed: ["three"], skipped: ["two"] });
});

test("a file that did not load is a failure", async () => {
  await using directory = await tempDir();
  const report = await reportIn(directory.path, [{ name: "a.test.ts", status: "failed", assertionResults: [] }]);
  expect(tallyOf(`unit:1:${report}`).failed).toEqual(["a.test.ts did not load"]);
});

test("an exit code other than 0 is a failure although every test passed", async () => {
  await using directory = await tempDir();
  const tests = [{ name: "a.test.ts", status: "passed", assertionResults: [result("one", "passed")] }];
  const report = await reportIn(directory.path, tests);
  expect(tallyOf(`unit:1:${report}`)).toEqual({ passed: 1, failed: ["unit (exit code 1)"], skipped: [] });
});

test("a stage that ended without its report is a failure", () => {
  expect(tallyOf("journeys:124:/nowhere/journeys.json").failed).toHaveLength(1);
  expect(tallyOf("check:2").failed).toEqual(["check (exit code 2)"]);
  expect(tallyOf("check:0").failed).toEqual([]);
});

function result(fullName: string, status: string): { fullName: string; status: string } {
  return { fullName, status };
}

function execute(file: string, env: NodeJS.ProcessEnv): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(file, { env, timeout: 10_000 }, (error, stdout) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout });
    });
  });
}

async function reportIn(directory: string, testResults: readonly unknown[]): Promise<string> {
  const path = join(directory, "report.json");
  await writeFile(path, JSON.stringify({ testResults }));
  return path;
}

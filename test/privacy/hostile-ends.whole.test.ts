// Shown: the real child ended by what hostile pictures do to decoders, a segmentation fault, a hang, no memory: one picture is
// withheld, and the next one is looked at by a new child.
import { execFileSync, spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { openTestRedactor, type TestRedactor } from "../helpers/test-redactor.ts";

vi.setConfig({ testTimeout: 180_000 });

async function openReady(limits: { redactMs: number }): Promise<TestRedactor & { readonly pid: number }> {
  const house = await openTestRedactor({ limits });
  expect(await house.redact(await samplePhotograph("sample1"))).toMatchObject({ kind: "image" });
  const pid = house.redactor.childPid;
  if (pid === undefined) throw new Error("the redactor has no child");
  return { ...house, pid };
}

async function expectNextByAnother(house: TestRedactor & { readonly pid: number }): Promise<void> {
  expect(await house.redact(await samplePhotograph("sample1"))).toMatchObject({ kind: "image" });
  expect(house.redactor.childPid).not.toBe(house.pid);
  expect(house.board.get("redactor.failed")).toBe(1);
}

test("a segmentation fault in the middle of a picture, which leaves no core file", async () => {
  await using house = await openReady({ redactMs: 120_000 });
  const before = await readdir(process.cwd());
  const asked = house.redact(await samplePhotograph("sample5"), { whenUnsure: "mosaic" });
  setImmediate(() => process.kill(house.pid, "SIGSEGV"));
  expect(await asked).toMatchObject({ kind: "withheld", why: "detector-failed" });
  const cores = (await readdir(process.cwd())).filter((name) => name.startsWith("core") && !before.includes(name));
  expect(cores).toEqual([]);
  await expectNextByAnother(house);
});

test("a child that stands still", async () => {
  await using house = await openReady({ redactMs: 10_000 });
  process.kill(house.pid, "SIGSTOP");
  const verdict = await house.redact(await samplePhotograph("sample5"), { whenUnsure: "mosaic" });
  expect(verdict).toMatchObject({ kind: "withheld", why: "detector-timeout" });
  await expectNextByAnother(house);
});

const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
test.skipIf(!hasPrlimit)("memory that ends in the middle of a picture", async () => {
  await using house = await openReady({ redactMs: 120_000 });
  // What it has by now is all that it gets.
  execFileSync("prlimit", ["--pid", String(house.pid), "--data=16777216"]);
  const verdict = await house.redact(await samplePhotograph("sample5"), { whenUnsure: "mosaic" });
  expect(verdict).toMatchObject({ kind: "withheld", why: "detector-failed" });
  await expectNextByAnother(house);
});

// Shown: each hostile picture has its defined outcome (helpers/hostile-outcomes.ts), in one and the same child, within its
// memory, whole or in tiles; no output holds metadata or a piece of the original; nothing of any lies on the disk afterwards.
import { writeFile } from "node:fs/promises";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { Verdict } from "../../src/privacy/redactor.ts";
import { faultOfBareJpeg } from "../../src/privacy/picture-format.ts";
import { lying, SECRET } from "../helpers/hostile-jpegs.ts";
import { HOSTILE_OUTCOMES } from "../helpers/hostile-outcomes.ts";
import { hostilePictures } from "../helpers/hostile-pictures.ts";
import { peakBytesOf } from "../helpers/process-memory.ts";
import { imageOf, openTestRedactor } from "../helpers/test-redactor.ts";
import { leaksIn, type Needle, piecesOf } from "../helpers/watermark.ts";
import { leaksInChangedFiles } from "../helpers/changed-files.ts";

// Bounds are of memory; how long a picture takes on a busy machine is another question.
vi.setConfig({ testTimeout: 180_000 });
const MIB = 1024 ** 2;
const startedMs = Date.now();
const { base, needles, pictures } = await hostilePictures();
const table = Object.entries(HOSTILE_OUTCOMES).flatMap(([outcome, names]) =>
  names.map((name): [string, string] => [name, outcome]),
);

test("the table names each picture once, and there are more than 65", () => {
  expect(table.map(([name]) => name).toSorted()).toEqual([...pictures.keys()].toSorted());
  expect(pictures.size).toBeGreaterThan(65);
});

describe.each([
  { lowMemory: "no", bytesMax: 650 * MIB },
  { lowMemory: "yes", bytesMax: 400 * MIB },
] as const)("with lowMemory $lowMemory", async ({ lowMemory, bytesMax }) => {
  const house = await openTestRedactor({ lowMemory, limits: { redactMs: 120_000 } });
  afterAll(() => house[Symbol.asyncDispose]());
  await house.redact(Buffer.from(base.jpeg));
  const pid = house.redactor.childPid;
  const peaks: string[] = [];

  // With tiles every third in test/run, all in the soak; without, all.
  const isBrief = lowMemory === "yes" && process.env["SOAK"] === undefined;
  const looked = table.filter((_, nth) => !isBrief || nth % 3 === 0);
  test.each(looked)("%s: %s", async (name, outcome) => {
    const bytes = await (pictures.get(name)?.() ?? Promise.reject(new Error("no such picture")));
    // The peak of this picture alone (proc(5), clear_refs).
    await writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => undefined);
    const verdict = await house.redact(Buffer.from(bytes));
    const peakBytes = await peakBytesOf(pid);
    peaks.push(`${Math.round(peakBytes / MIB)} MiB, ${Math.round(verdict.ms["total"] ?? 0)} ms: ${name}`);
    expect(outcomeOf(verdict), verdict.kind === "withheld" ? verdict.detail : name).toBe(outcome);
    expect(house.redactor.childPid, "the same child").toBe(pid);
    expect(peakBytes).toBeLessThan(bytesMax);
    expectNothingOf(bytes, verdict);
  });

  afterAll(() => {
    const largest = peaks.toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10)).slice(0, 5);
    console.log(`lowMemory ${lowMemory}, most memory of ${peaks.length}:\n${largest.join("\n")}`);
  });

  test("orientations 1 to 8 of the same pixels give the same picture", async () => {
    const shown = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (nth) => imageOf(await house.redact(await lying(base, nth, "png")))),
    );
    expect(shown[0]).toMatchObject({ width: base.width, height: base.height });
    expect(new Set(shown.map(({ sha256 }) => sha256)).size).toBe(1);
  });
});

test("nothing of any of them lies in a file that was written since, nor in shared memory", async () => {
  const places = [process.cwd(), "/tmp", "/var/tmp", "/dev/shm", process.env["TMPDIR"] ?? "/tmp"];
  for (const place of new Set(places))
    expect(await leaksInChangedFiles(place, { sinceMs: startedMs, needles }), place).toEqual([]);
});

function outcomeOf(verdict: Verdict): string {
  return verdict.kind === "image" ? verdict.image.content.outcome : verdict.why;
}

/** Neither metadata nor pieces of the original, be they bytes or pixels. */
function expectNothingOf(original: Buffer, verdict: Verdict): void {
  const told: Needle[] = [...needles, ...piecesOf(original), { name: "metadata", bytes: Buffer.from(SECRET) }];
  expect(leaksIn(Buffer.from(JSON.stringify(verdict)), told)).toEqual([]);
  if (verdict.kind === "withheld") return;
  const { jpeg, width, height } = verdict.image.content;
  expect(faultOfBareJpeg(jpeg, { width, height })).toBeNull();
  expect(leaksIn(jpeg, told)).toEqual([]);
}

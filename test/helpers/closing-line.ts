// The end of test/run: sums the reports of all stages into one closing line, and names what failed and what was skipped.
import { readFileSync } from "node:fs";
import { z } from "zod";

/** The part of vitest's JSON report that is counted. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

type Tally = { readonly passed: number; readonly failed: readonly string[]; readonly skipped: readonly string[] };

/**
 * A stage is written `name:exit code` or `name:exit code:report.json`. A stage that failed in another way than by a failed
 * test (a type error, a file that did not load, a time limit) counts as one failure, so that "0 failed" is never wrong.
 */
export function tallyOf(stage: string): Tally {
  const [name = "", code = "", report] = stage.split(":");
  const tally = report === undefined ? { passed: 0, failed: [], skipped: [] } : read(report);
  if (tally === null) return { passed: 0, failed: [`${name} ended without a report (exit code ${code})`], skipped: [] };
  if (code === "0" || tally.failed.length > 0) return tally;
  return { ...tally, failed: [`${name} (exit code ${code})`] };
}

function read(path: string): Tally | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const files = Report.parse(JSON.parse(text)).testResults;
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: (status: string) => boolean): string[] =>
    tests.filter((test) => status(test.status)).map(({ fullName }) => fullName);
  const unloaded = files.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  return {
    passed: named((status) => status === "passed").length,
    failed: [...named((status) => status === "failed"), ...unloaded.map((file) => `${file.name} did not load`)],
    skipped: named((status) => status !== "passed" && status !== "failed"),
  };
}

if (import.meta.main) {
  const tallies = process.argv.slice(2).map(tallyOf);
  const failed = tallies.flatMap((tally) => tally.failed);
  const skipped = tallies.flatMap((tally) => tally.skipped);
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  for (const name of skipped) console.log(`skipped: ${name}`);
  for (const name of failed) console.log(`failed: ${name}`);
  console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`);
  process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
}

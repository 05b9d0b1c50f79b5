// Shown: over random jumps of the clock, power cuts and first settings nothing is erased before its hours have passed, unless
// its age is unknown, and nothing lives longer than its hours of running time (promises 1 and 7).
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool } from "../helpers/test-spool.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Nobody has set this clock. */
const YEAR_1970_MS = 5000;
/** A bucket of the policy, and what of house time may be lost with a power cut. */
const slackMs = 6 * 60_000;

const append = (spool: Spool, { clock }: ReturnType<typeof fakeTime>): Promise<void> =>
  spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock })) }] });

type Act =
  | { readonly kind: "pass" | "set"; readonly hours: number }
  | { readonly kind: "append" }
  | { readonly kind: "off"; readonly hours: number; readonly boots: "right" | "1970" }
  | { readonly kind: "learn" };

const hours = (max: number) => fc.double({ min: 0.02, max, noNaN: true });
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: "append" } as const) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), hours: hours(200) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("set" as const),
        hours: fc.double({ min: -900, max: 900, noNaN: true }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("off" as const),
        hours: hours(400),
        boots: fc.constantFrom("right" as const, "1970" as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "learn" } as const) },
  ),
  { maxLength: 25 },
);

test("over random jumps, power cuts and first settings no hour comes early, and none later than by running time", async () => {
  const lifeMs = 30 * DAY_MS;
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const numRuns = Number(process.env["RUNS"] ?? 30);
  await fc.assert(
    fc.asyncProperty(acts, async (script) => {
      await using directory = await tempDir();
      const real = { ms: Date.UTC(2026, 10, 1), runningMs: 0, wrongMs: 0 };
      let time = fakeTime(real.ms);
      let spool = await openTestSpool(directory.path, { clock: time.clock });
      /** Of each entry: its making in true and in running time, and whether a clock that was off by itself made its age unknown. */
      const made = new Map<number, { trueMs: number; runningMs: number; isVague: boolean }>();
      const gone = new Set<number>();
      let next = 1;
      let isClockUnknown = false;
      const look = async (): Promise<void> => {
        const due = spool.expired(await spool.timeSettled(), 1000);
        for (const sequence of due) {
          const entry = made.get(sequence);
          if (entry === undefined || gone.has(sequence)) continue;
          gone.add(sequence);
          if (!entry.isVague) expect(real.ms - entry.trueMs).toBeGreaterThanOrEqual(lifeMs - slackMs);
        }
        for (const [sequence, entry] of made)
          if (!gone.has(sequence)) expect(real.runningMs - entry.runningMs).toBeLessThan(lifeMs + slackMs);
      };
      for (const act of script) {
        switch (act.kind) {
          case "append":
            await append(spool, time);
            made.set(next++, { trueMs: real.ms, runningMs: real.runningMs, isVague: false });
            break;
          case "pass": {
            const ms = Math.round(act.hours * HOUR_MS);
            time.pass(ms);
            real.ms += ms;
            real.runningMs += ms;
            break;
          }
          case "set":
            time.set(Math.round(act.hours * HOUR_MS));
            break;
          case "learn":
            time.set(real.ms - time.clock.nowMs());
            time.believe(true);
            isClockUnknown = false;
            break;
          case "off": {
            await spool[Symbol.asyncDispose]();
            // A clock that was wrong when the power went says nothing of how long it was away.
            const wasRight = time.clock.nowMs() === real.ms;
            real.ms += Math.round(act.hours * HOUR_MS);
            if (!wasRight || isClockUnknown) for (const [n, entry] of made) made.set(n, { ...entry, isVague: true });
            isClockUnknown = act.boots === "1970";
            time = isClockUnknown ? fakeTime(YEAR_1970_MS, false) : fakeTime(real.ms);
            spool = await openTestSpool(directory.path, { clock: time.clock });
            break;
          }
        }
        await look();
      }
      await spool[Symbol.asyncDispose]();
    }),
    { numRuns, seed },
  );
}, 60_000);

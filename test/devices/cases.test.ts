// What each family's messages mean: every case goes through `hedgerow explain --lines --json`, the door a user has.
// Cases lie in cases/*.json; their identifiers are made up.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { explainInput } from "../../src/cli/explain.ts";

const Case = z.strictObject({
  claim: z.string(),
  profile: z.string().optional(),
  lines: z.array(
    z.strictObject({
      topic: z.string(),
      payload: z.string(),
      afterMs: z.number().optional(),
      retained: z.boolean().optional(),
      outcome: z.enum(["readings", "ignored", "dropped"]).default("readings"),
      reason: z.string().nullable().default(null),
      device: z.string().optional(),
      readings: z.record(z.string(), z.unknown()).default({}),
      /** Times that the device said and that were believed; without, they are the gateway's. */
      at: z.array(z.iso.datetime()).default([]),
      removed: z.array(z.string()).optional(),
    }),
  ),
});
const Answer = z.object({
  outcome: z.string(),
  reason: z.string().nullable(),
  device: z.string().nullable(),
  readings: z.array(z.object({ kind: z.string(), value: z.unknown(), at: z.string() })),
  removed: z.array(z.string()),
});

const startedAtMs = Date.now() - 60_000;
const folder = new URL("cases/", import.meta.url);

for (const file of readdirSync(folder)) {
  describe(file, () => {
    for (const { claim, profile, lines } of z
      .array(Case)
      .parse(JSON.parse(readFileSync(new URL(file, folder), "utf8")))) {
      test(claim, async () => {
        const answers = await explained(
          lines.map(({ topic, payload, afterMs, retained }) => JSON.stringify({ topic, payload, afterMs, retained })),
          profile,
        );
        expect(answers).toHaveLength(lines.length);
        for (const [index, expected] of lines.entries()) {
          const answer = Answer.parse(answers[index]);
          const readings = Object.fromEntries(answer.readings.map(({ kind, value }) => [kind, value]));
          const { outcome, reason } = answer;
          expect({ outcome, reason, readings }, expected.payload).toEqual({
            outcome: expected.outcome,
            reason: expected.reason,
            readings: expected.readings,
          });
          expect(answer.readings).toHaveLength(Object.keys(readings).length);
          const said = new Set(answer.readings.map(({ at }) => at).filter((at) => Date.parse(at) < startedAtMs));
          expect([...said].toSorted(), expected.payload).toEqual(expected.at);
          if (expected.device !== undefined) expect(answer.device).toBe(expected.device);
          expect(answer.removed).toEqual(expect.arrayContaining(expected.removed ?? []));
        }
      });
    }
  });
}

async function explained(lines: readonly string[], profile: string | undefined): Promise<unknown[]> {
  const printed: unknown[] = [];
  await explainInput({
    options: { lines: true, json: true, ...(profile !== undefined && { profile }) },
    input: (async function* () {
      yield Buffer.from(lines.join("\n"));
    })(),
    print: (line) => void printed.push(JSON.parse(line)),
    startMs: Date.UTC(2027, 0, 1),
  });
  return printed;
}

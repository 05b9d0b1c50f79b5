// Shown: a camera's schedule that would never take the picture it promises is a warning, with its place.
import { expect, test } from "vitest";
import { KIT, POLICY, said } from "../helpers/settings-folder.ts";

const policy = `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01 } }\n`;
const warningsOf = async (between: string, at: string): Promise<readonly string[]> => {
  const schedule = `schedule: { between: [${between}], at: [${at}] }`;
  const camera = `{ id: gate, zone: path, source: { kind: file, path: still.jpg }, ${schedule} }`;
  const { warnings } = await said({ kit: `${KIT}cameras: [${camera}]\n`, policy });
  return warnings.filter((each) => each.includes("takes no picture at"));
};

test.each([
  ["'22:00', '06:00'", "'12:00', '23:00'", "12:00"],
  ["'22:00', '06:00'", "'06:00'", "06:00"],
  ["'08:00', '18:00'", "'07:59', '08:00'", "07:59"],
])("between %s at %s is never at %s", async (between, at, never) => {
  expect(await warningsOf(between, at)).toEqual([
    expect.stringMatching(new RegExp(`^kit\\.yaml:\\d+:\\d+ camera gate takes no picture at ${never}, since it looks`)),
  ]);
});

test.each([
  ["'22:00', '06:00'", "'22:00', '05:59', '00:00'"],
  ["'08:00', '08:00'", "'07:00'"],
  ["sunset, sunrise", "'12:00'"],
])("between %s at %s may be", async (between, at) => {
  expect(await warningsOf(between, at)).toEqual([]);
});

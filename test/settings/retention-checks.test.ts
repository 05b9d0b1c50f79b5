// Shown: hours that the policy promises and the house would cut are a warning, each at its place.
import { expect, test } from "vitest";
import { KIT, POLICY, said } from "../helpers/settings-folder.ts";

const CAMERA = "{ id: gate, zone: path, source: { kind: file, path: still.jpg } }";
const warningsOf = async (events: string, camera: string): Promise<readonly string[]> => {
  const { mistakes, warnings } = await said({
    policy: `${POLICY}events: { ${events} }\ncameras: { gate: { purpose: { en: Look }, until: 2999-01-01, ${camera} } }\n`,
    kit: `${KIT}cameras: [${CAMERA}]\n`,
  });
  expect(mistakes).toEqual([]);
  return warnings.filter((each) => each.includes("is kept for longer"));
};

test("what is longer than anything is kept is told, with what it means", async () => {
  const events = "retentionHours: 721, retentionHoursOf: { motion: 8760, light.level: 24 }";
  expect(await warningsOf(events, "retentionHours: 1000")).toEqual([
    expect.stringMatching(/^policy\.yaml:3:\d+ nothing is kept for longer than 720 hours, so 721 means 720/),
    expect.stringMatching(/^policy\.yaml:3:\d+ .* so 8760 means 720/),
    expect.stringMatching(/^policy\.yaml:4:\d+ .* so 1000 means 720/),
  ]);
});

test("thirty days may be", async () => {
  expect(await warningsOf("retentionHours: 720, retentionHoursOf: { house: 720 }", "retentionHours: 720")).toEqual([]);
});

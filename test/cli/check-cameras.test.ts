// Shown: `hedgerow check` counts as allowed the cameras that the policy names and whose last day has not passed.
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCheck } from "../../src/cli/check.ts";
import { KIT, POLICY, settingsFolder } from "../helpers/settings-folder.ts";

test("a camera whose last day has passed is not counted as allowed", async () => {
  const entry = (until: string) => `{ purpose: { en: Look }, until: ${until} }`;
  const camera = (id: string) => `{ id: ${id}, zone: path, source: { kind: file, path: still.jpg } }`;
  await using folder = await settingsFolder({
    policy: `${POLICY}cameras: { gate: ${entry("2999-01-01")}, ended: ${entry("2020-01-01")} }\n`,
    kit: `${KIT}cameras: [${["gate", "ended", "unnamed"].map(camera).join(", ")}]\n`,
  });
  const printed: string[] = [];
  const program = new Command();
  addCheck(program, (line) => void printed.push(line));
  await program.parseAsync(["check", "--config", folder.file], { from: "user" });
  expect(printed.join("\n")).toContain("1 of 3 cameras allowed");
});

// Shown: `hedgerow run` does not start with a policy in which a camera, or the whole house, lacks what makes its work lawful; it says
// where and what to write, and makes nothing on the disk. A house that is opened anew outlasts a command that took its lock.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addRun } from "../../src/cli/run.ts";
import { openAgain } from "../../src/reopening.ts";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { KIT, settingsFolder } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const KIT_WITH_CAMERA = `${KIT}cameras: [{ id: gate, zone: path, source: { kind: file, path: still.jpg } }]\n`;
const CONTROLLER = "controller: { name: Elm Street, contact: privacy@elm.example }";

const policyOf = (camera: string, controller = CONTROLLER): string =>
  `version: 1\n${controller}\ncameras:\n  gate: { ${camera} }\n`;

test.each([
  [
    "a camera without purpose",
    policyOf("until: 2999-01-01"),
    "policy.yaml:4:3 cameras.gate.purpose is missing; write why it looks, by language, such as { en: See",
  ],
  [
    "a camera whose purpose says nothing",
    policyOf("purpose: {}, until: 2999-01-01"),
    "policy.yaml:4:20 camera gate has no purpose in a language of the policy (en), and a camera without a purpose",
  ],
  [
    "a camera without end date",
    policyOf("purpose: { en: Look }"),
    "policy.yaml:4:3 cameras.gate.until is missing; write the last day on which it may see, such as 2027-06-30",
  ],
  [
    "a camera whose end date is no day",
    policyOf("purpose: { en: Look }, until: 2027-02-30"),
    'policy.yaml:4:41 cameras.gate.until "2027-02-30" is not valid: write a day that exists, such as 2027-06-30',
  ],
  [
    "nobody who answers for the data",
    policyOf("purpose: { en: Look }, until: 2999-01-01", "languages: [en]"),
    "policy.yaml:1:1 controller is missing; write who answers for the data, such as { name: Elm Street Association",
  ],
  [
    "nobody to object to",
    policyOf("purpose: { en: Look }, until: 2999-01-01", "controller: { name: Elm Street, contact: '' }"),
    "policy.yaml:2:42 controller.contact must have a length in letters of at least 1",
  ],
  [
    "no policy at all",
    null,
    "the policy policy.yaml does not exist; write it (see config/policy.example.yaml), for without a policy nothing",
  ],
])("run refuses %s, with the place and the remedy", async (_, policy, sentence) => {
  await using folder = await settingsFolder({ policy, kit: KIT_WITH_CAMERA });
  const program = new Command().exitOverride();
  addRun(program);
  const run = program.parseAsync(["run", "--config", folder.file], { from: "user" });
  const thrown: unknown = await run.catch((cause: unknown) => cause);
  expect(thrown).toMatchObject({ code: policy === null ? "POLICY_MISSING" : "CONFIG_INVALID" });
  expect(thrown instanceof Error && thrown.message.replaceAll(`${folder.path}/`, "")).toContain(sentence);
  expect(existsSync(join(folder.path, "data"))).toBe(false);
});

test("a house that is opened anew waits for the command that took its lock meanwhile", async () => {
  await using directory = await tempDir();
  const command = await lockDataDir(directory.path);
  let tries = 0;
  const open = async () => {
    tries += 1;
    if (tries === 2) await command[Symbol.asyncDispose]();
    return await lockDataDir(directory.path);
  };
  await using _lock = await openAgain(open, new AbortController().signal);
  expect(tries).toBe(2);
});

test("it waits for nothing else, and not beyond the stop", async () => {
  const refusing = (code: "CONFIG_INVALID" | "PORT_IN_USE") => async () => {
    throw new GatewayError(code, "no");
  };
  const never = new AbortController().signal;
  await expect(openAgain(refusing("CONFIG_INVALID"), never)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await expect(openAgain(refusing("PORT_IN_USE"), AbortSignal.abort())).rejects.toMatchObject({ code: "PORT_IN_USE" });
});

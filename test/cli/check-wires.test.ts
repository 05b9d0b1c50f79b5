// Shown: `hedgerow check` says which wired sensors cannot be heard on this machine; the kit may be right all the same.
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCheck } from "../../src/cli/check.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";

async function check(kit: string, ...args: string[]): Promise<string[]> {
  await using folder = await settingsFolder({ kit });
  const printed: string[] = [];
  const program = new Command();
  addCheck(program, (line) => void printed.push(line));
  await program.parseAsync(["check", "--config", folder.file, ...args], { from: "user" });
  return printed;
}

// No machine has this chip, whatever else it has.
const KIT = "devices: [{ id: gate-pir, profile: gpio/pir, chip: no-such-chip, pin: 17, zone: gate }]\n";
const SENTENCE =
  /wired sensor gate-pir will not be heard here: (this machine has no GPIO|there is no GPIO chip no-such-chip)/;

test("a wired sensor whose chip is not here is warned of, and counted", async () => {
  const printed = await check(KIT);
  expect(printed.join("\n")).toMatch(new RegExp(`warning: ${SENTENCE.source}`));
  expect(printed.at(-1)).toBe("all good, with 1 warning");
});

test("in JSON it is a sentence of its own list", async () => {
  const [answer = ""] = await check(KIT, "--json");
  expect(JSON.parse(answer)).toMatchObject({ ok: true, unwired: [expect.stringMatching(SENTENCE)] });
});

test("a kit without wired sensors is not looked for on pins", async () => {
  const [answer = ""] = await check("devices: []\n", "--json");
  expect(JSON.parse(answer)).toMatchObject({ ok: true, unwired: [] });
});

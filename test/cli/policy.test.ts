// Shown: `hedgerow policy show` and `diff` as a person calls them, and what they say of files that are not there or not right.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addPolicy } from "../../src/cli/policy.ts";
import { POLICY, settingsFolder } from "../helpers/settings-folder.ts";

const CAMERA = "cameras: { gate: { purpose: { en: Look, es: Mirar }, until: 2999-01-01 } }\n";

async function call(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addPolicy(program, (line) => void lines.push(line));
  await program.parseAsync(["policy", ...args], { from: "user" });
  return lines.join("\n");
}

/** `older` and `newer` are paths of files with these texts. */
async function twoPolicies(older: string, newer: string) {
  const folder = await settingsFolder({ policy: older, others: { "newer.yaml": newer } });
  return { ...folder, older: join(folder.path, "policy.yaml"), newer: join(folder.path, "newer.yaml") };
}

test("diff says what is tighter, looser and changed, and when each holds", async () => {
  await using at = await twoPolicies(
    `${POLICY}events: { motion: { mode: each } }\nchanges: { noticeHours: 72 }\n`,
    `${POLICY}languages: [en, es]\n${CAMERA}changes: { noticeHours: 72 }\n`,
  );
  expect(await call("diff", at.older, at.newer)).toBe(`Tighter, holds at once:
  Movement is not told any more.
  Sensors that notice movement do not tell how bright it is any more.
Looser, holds after a notice of 3 days, or when two stewards approve it:
  Camera gate may look. It did not before.
Changed, holds at once:
  The sign and the page are now in these languages: English and Spanish`);
  expect(await call("diff", at.older, at.older)).toBe("Nothing changes.");
  await using without = await twoPolicies(
    `${POLICY}changes: { noticeHours: 0 }\n`,
    `${POLICY}${CAMERA}changes: { noticeHours: 0 }\n`,
  );
  expect(await call("diff", without.older, without.newer)).toMatch(/^Looser, holds at once:\n/);
});

test("diff speaks the language that is asked for, and JSON", async () => {
  await using at = await twoPolicies(POLICY, `${POLICY}${CAMERA}`);
  expect(await call("diff", at.older, at.newer, "--language", "de")).toContain("gate");
  expect(JSON.parse(await call("diff", at.older, at.newer, "--json"))).toEqual({
    before: expect.stringMatching(/^[0-9a-f]{64}$/),
    now: expect.stringMatching(/^[0-9a-f]{64}$/),
    noticeHours: 24,
    changes: [
      {
        effect: "looser",
        key: "change.camera-new",
        values: { camera: "gate" },
        cameraId: "gate",
        text: "Camera gate may look. It did not before.",
      },
    ],
  });
});

test("what a file's author wrote cannot act on the terminal", async () => {
  await using at = await twoPolicies(POLICY, POLICY.replace("Elm Street", '"Elm\\e]0;x\\a\\nStreet"'));
  const said = await call("diff", at.older, at.newer);
  expect(said).toContain("Elm ]0;x  Street");
  const isAlive = /(?!\n)\p{Cc}/u;
  expect(said).not.toMatch(isAlive);
  expect(await call("show", "--policy", at.newer)).toMatch(/^Elm ]0;x {2}Street, /);
  expect(await call("show", "--policy", at.newer)).not.toMatch(isAlive);
});

test("show says the policy that gateway.yaml names, with its place no finer than the gateway knows it", async () => {
  await using folder = await settingsFolder({
    gateway: "gateway: { id: elm-street, cell: u09t }\nplatform: []\n",
    policy: `${POLICY}events: { motion: { mode: counts } }\n`,
  });
  const said = await call("show", "--config", folder.file);
  expect(said).toMatch(/^Elm Street, privacy@elm\.example\npolicy [0-9a-f]{64}\n\nWhat is noticed\n {2}Of movement,/);
  expect(said).toContain("  The place is told as an area about 39 km wide.\n");
  expect(JSON.parse(await call("show", "--config", folder.file, "--json"))).toMatchObject({
    controller: { name: "Elm Street", contact: "privacy@elm.example" },
    languages: ["en"],
    noticed: { title: "What is noticed" },
  });
});

test("show says a policy alone, each camera with its purpose in that language", async () => {
  await using folder = await settingsFolder({ gateway: null, policy: `${POLICY}${CAMERA}` });
  const file = join(folder.path, "policy.yaml");
  expect(await call("show", "--policy", file)).toContain("\n  gate: Look\n    It may look until 1 January 2999.\n");
  expect(await call("show", "--policy", file, "--language", "es")).toContain("\n  gate: Mirar\n");
});

test("a language without words, a missing file and a bad one are refused, each with a remedy", async () => {
  await using folder = await settingsFolder();
  const [policy, bad] = [join(folder.path, "policy.yaml"), join(folder.path, "bad.yaml")];
  await writeFile(bad, `${POLICY}events: { timeBuckets: 1 }\n`);
  await expect(call("show", "--policy", policy, "--language", "tlh")).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("uk"),
  });
  await expect(call("diff", policy, join(folder.path, "gone.yaml"))).rejects.toMatchObject({ code: "POLICY_MISSING" });
  await expect(call("show", "--policy", folder.path)).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
  await expect(call("diff", bad, policy)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("bad.yaml:3:11 events.timeBuckets is not known; did you mean timeBucketS?"),
  });
});

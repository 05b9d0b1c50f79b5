// Shown: `hedgerow check` calls it a mistake where the gateway would not start for its pictures' key, and says what to do.
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, expect, test } from "vitest";
import { addCheck } from "../../src/cli/check.ts";
import { KIT, POLICY, settingsFolder } from "../helpers/settings-folder.ts";

afterEach(() => {
  process.exitCode = undefined;
});

/** What check prints where the key's file holds `key` (null: there is none), and its exit code. */
async function check({ keyFile, key = null, mode = 0o600 }: { keyFile: string; key?: string | null; mode?: number }) {
  await using folder = await settingsFolder({
    gateway: `gateway: { id: elm-street }\nspool: { pictureKeyFile: ${keyFile} }\n`,
    policy: `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01 } }\n`,
    kit: `${KIT}cameras: [{ id: gate, zone: path, source: { kind: file, path: still.jpg } }]\n`,
    others: key === null ? {} : { [keyFile]: key },
  });
  if (key !== null) await chmod(join(folder.path, keyFile), mode);
  const lines: string[] = [];
  for (const more of [[], ["--json"]]) {
    const program = new Command();
    addCheck(program, (line) => void lines.push(line));
    await program.parseAsync(["check", "--config", folder.file, ...more], { from: "user" });
  }
  const answer: unknown = JSON.parse(lines.pop() ?? "");
  return { text: lines.join("\n"), answer, exitCode: process.exitCode };
}

test.each([
  ["too short", { keyFile: "pictures.key", key: "short" }, /it holds 5 bytes instead of 32[^]*Restore the file/],
  ["a folder", { keyFile: "." }, /it is no file/],
  ["in a folder that is not there", { keyFile: "away/pictures.key" }, /there is no folder [^]*plugged in and mounted/],
  ["open to others", { keyFile: "pictures.key", key: "k".repeat(32), mode: 0o644 }, /other users[^]*chmod 600/],
])("a key that is %s", async (_, site, said) => {
  const { text, answer, exitCode } = await check(site);
  expect(text).toMatch(/^mistake: /m);
  expect(text).toMatch(said);
  expect(text).not.toContain("all good");
  expect(answer).toMatchObject({ ok: false, mistakes: [], pictureKey: expect.arrayContaining([expect.any(String)]) });
  expect(exitCode).toBe(1);
});

test.each([
  ["is there", { keyFile: "pictures.key", key: "k".repeat(32) }],
  ["is yet to be made", { keyFile: "pictures.key" }],
  ["is yet to be made in the data's folder, which is not there yet", { keyFile: "data/pictures.key" }],
])("a key that %s is no mistake", async (_, site) => {
  const { text, answer, exitCode } = await check(site);
  expect(text).not.toContain("mistake");
  expect(answer).toMatchObject({ ok: true });
  expect(exitCode).toBeUndefined();
});

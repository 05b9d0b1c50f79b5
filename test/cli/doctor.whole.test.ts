// Shown: `hedgerow doctor` as a person calls it, with the real face finder: without settings, with broken ones, with a dead
// host, beside a gateway; its exit code, and that it leaves nothing behind.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { GATEWAY, settingsFolder } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

/** The real face finder, three times as slow as on an idle machine. */
const SLOW = { timeout: 60_000 };

const ROOT = new URL("../..", import.meta.url).pathname;
const Answer = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({ group: z.string(), state: z.string(), text: z.string(), remedy: z.string().nullable() }),
  ),
});

async function doctor(cwd: string, ...args: string[]): Promise<{ code: number | string; text: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | string; text: string }>();
  execFile(
    join(ROOT, "node_modules/.bin/node"),
    [join(ROOT, "src/main.ts"), "doctor", ...args],
    { cwd, env: { PATH: process.env["PATH"] } },
    (error, stdout, stderr) => resolve({ code: error?.code ?? 0, text: stdout + stderr }),
  );
  return await promise;
}

test("without settings the machine is looked at, and the face finder destroys a face", SLOW, async () => {
  await using directory = await tempDir();
  const { code, text } = await doctor(directory.path);
  expect(text).toMatch(/note +there is no .*gateway\.yaml .*, so only the machine is looked at/);
  expect(text).toMatch(/ok +the face finder works: in a photograph with faces it painted over \d+ places, in \d+ ms/);
  expect(text).not.toMatch(/^ports$/m);
  expect(code).toBe(/^ {2}trouble/m.test(text) ? 1 : 0);
});

test("with broken settings it says which command names the mistakes, and looks at the machine", SLOW, async () => {
  await using folder = await settingsFolder({ gateway: "gateway: { id: elm-street, tinezone: UTC }\n" });
  const { code, text } = await doctor(folder.path);
  expect(text).toMatch(/trouble +.*gateway\.yaml has a mistake, so only the machine is looked at\n +→ hedgerow check/);
  expect(text).toMatch(/^redaction$/m);
  expect(code).toBe(1);
});

test("a platform that is away is trouble; nothing is made or changed on the way", SLOW, async () => {
  await using folder = await settingsFolder({
    gateway: GATEWAY.replace("https://platform.example", "http://127.0.0.1:9"),
  });
  const { code, text } = await doctor(folder.path, "--json");
  const { ok, findings } = Answer.parse(JSON.parse(text));
  const troubles = findings.filter(({ state }) => state === "trouble").map((each) => `${each.group}: ${each.text}`);
  expect(troubles).toContain("platform: platform main: cannot be reached (ECONNREFUSED)");
  expect([ok, code]).toEqual([false, 1]);
  expect((await readdir(folder.path)).toSorted()).toEqual(["gateway.yaml", "kit.yaml", "policy.yaml"]);
});

test("wrong usage is exit code 2", async () => {
  await using directory = await tempDir();
  expect(await doctor(directory.path, "--nothing")).toMatchObject({ code: 2 });
});

// Shown here: a secret is read whole or refused with the reason, and the refusal never holds it.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readSecret } from "../../src/settings/secrets.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("white space around a secret does not belong to it", async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, "s"), "\uFEFF  pass word\r\n\n");
  expect(await readSecret(join(folder.path, "s"))).toBe("pass word");
});

test.each([
  ["absent", null, "there is no such file"],
  ["empty", "", "it is empty"],
  ["only white space", " \n\t", "it is empty"],
  ["binary", Buffer.from([0xc3, 0x28, 0x41]), "it is not a text in UTF-8"],
  ["with a zero byte", "hunter2\0", "it is not a text in UTF-8"],
  ["huge", "hunter2".repeat(100_000), "it has 700000 bytes, and 524288 are the most"],
])("a secret that is %s is refused", async (_, bytes, why) => {
  await using folder = await tempDir();
  const path = join(folder.path, "s");
  if (bytes !== null) await writeFile(path, bytes);
  const thrown: unknown = await readSecret(path).catch((cause: unknown) => cause);
  expect(thrown).toMatchObject({ code: "SECRET_UNREADABLE", message: `the secret in ${path} cannot be read: ${why}` });
});

test("a folder or a pipe in a secret's place does not hold the program up", async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, "d"));
  await promisify(execFile)("mkfifo", [join(folder.path, "p")]);
  await expect(readSecret(join(folder.path, "d"))).rejects.toThrow("it is a folder, not a file");
  await expect(readSecret(join(folder.path, "p"))).rejects.toThrow("it is not a regular file");
});

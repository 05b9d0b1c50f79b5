// Shown: `hedgerow redact --policy --camera` looks with the policy's own model, as the gateway does, and with no other.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Command } from "commander";
import { afterEach, expect, test } from "vitest";
import { addRedact } from "../../src/cli/redact.ts";
import { YUNET_CARD, writeModel, yunetOfSsd2 } from "../helpers/own-models.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { POLICY } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

afterEach(() => {
  process.exitCode = 0;
});

/** What the command answers of one photograph under a policy whose camera `gate` names this model, and what it wrote. */
async function redactWith(model: Buffer, by: { sha256?: string } = {}): Promise<{ answer: unknown; files: string[] }> {
  await using at = await tempDir();
  await mkdir(join(at.path, "in"));
  const written = await writeModel(at.path, model, YUNET_CARD);
  const named = `model: { file: ${basename(written.file)}, sha256: ${by.sha256 ?? written.sha256} }`;
  const gate = `gate: { purpose: { en: Look }, until: 2999-01-01, redact: { ${named}, whenUnsure: mosaic } }`;
  await writeFile(join(at.path, "policy.yaml"), `${POLICY}cameras: { ${gate} }\n`);
  await writeFile(join(at.path, "in", "street.jpg"), await samplePhotograph("sample6"));
  process.exitCode = 0;
  const lines: string[] = [];
  const program = new Command().exitOverride();
  addRedact(program, (line) => void lines.push(line));
  const policy = ["--policy", join(at.path, "policy.yaml"), "--camera", "gate"];
  const out = join(at.path, "out");
  await program.parseAsync(["redact", join(at.path, "in"), "--out", out, ...policy, "--json"], { from: "user" });
  return { answer: JSON.parse(lines[0] ?? ""), files: await readdir(out) };
}

test("the faces that the policy's model finds are painted over", async () => {
  const { answer, files } = await redactWith(await yunetOfSsd2());
  expect(answer).toMatchObject({
    outcome: "redacted",
    boxes: [{ length: 5 }, { length: 5 }, { length: 5 }, { length: 5 }],
  });
  expect(files).toEqual(["street.jpg"]);
  expect(process.exitCode).toBe(0);
});

test("with another file than the policy names there is no picture, not even a mosaic", async () => {
  const { answer, files } = await redactWith(await yunetOfSsd2(), { sha256: "ab".repeat(32) });
  expect(answer).toMatchObject({ outcome: "unsure", reason: "model-changed", out: null });
  expect(files).toEqual([]);
  expect(process.exitCode).toBe(1);
});

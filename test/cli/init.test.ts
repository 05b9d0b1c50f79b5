// Shown: `hedgerow init` writes a configuration that passes the check and tells nothing yet, and never writes over anything.
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addInit } from "../../src/cli/init.ts";
import { languageTags } from "../../src/languages/say.ts";
import { settlePolicy } from "../../src/policy/standing.ts";
import { TO_BE_NAMED } from "../../src/settings/first-files.ts";
import { inspectSettings } from "../../src/settings/load.ts";
import { tempDir } from "../helpers/temp-dir.ts";

async function init(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const program = new Command().exitOverride();
  addInit(program, (line) => void lines.push(line));
  await program.parseAsync(["init", ...args], { from: "user" });
  return lines.join("\n");
}

test("what is written passes the check, and says what is left to do, above all to agree", async () => {
  await using directory = await tempDir();
  const file = join(directory.path, "etc/gateway.yaml");
  const policy = join(directory.path, "etc/policy.yaml");
  const said: unknown = JSON.parse(await init("--config", file, "--data-dir", "/var/lib/hedgerow", "--json"));
  expect(said).toEqual({ config: file, policy, written: [file, policy] });
  const { settings, mistakes, warnings } = await inspectSettings(file, { spoken: languageTags() });
  expect(mistakes).toEqual([]);
  expect(warnings.map(({ text }) => text)).toEqual([
    expect.stringContaining("add devices"),
    expect.stringContaining("events wait in the buffer"),
    expect.stringContaining("nobody has agreed to this policy"),
  ]);
  expect(settings?.gateway.gateway).toMatchObject({
    id: expect.stringMatching(/^hedgerow-[0-9a-f]{6}$/),
    dataDir: "/var/lib/hedgerow",
    timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  expect(settings?.gateway.status).toMatchObject({ host: "0.0.0.0", port: 8080 });
  expect(settings?.policy.controller).toEqual({ name: TO_BE_NAMED, contact: TO_BE_NAMED });
  expect(settings?.kit).toMatchObject({ devices: [], cameras: [] });
  expect((await stat(file)).mode & 0o027, "nobody else writes it, strangers do not read it").toBe(0);
});

test("the first policy tells nothing of motion and light and lets no camera look", async () => {
  await using directory = await tempDir();
  const file = join(directory.path, "gateway.yaml");
  await init("--config", file);
  const { settings } = await inspectSettings(file);
  if (settings === null) throw new Error("the settings cannot be read");
  const { policy } = settlePolicy({
    file: { policy: settings.policy, sha256: "a".repeat(64) },
    last: null,
    notice: null,
    stewards: [],
  });
  expect([policy.events.motion.mode, policy.events.light, policy.cameras]).toEqual(["none", false, {}]);
});

test("two gateways get two names, and a name of one's own is taken as it is", async () => {
  await using directory = await tempDir();
  const idOf = async (name: string, ...args: string[]) => {
    const file = join(directory.path, name, "gateway.yaml");
    await init("--config", file, ...args);
    return (await inspectSettings(file)).settings?.gateway.gateway.id;
  };
  expect(await idOf("one")).not.toBe(await idOf("other"));
  expect(await idOf("third", "--id", "elm-street")).toBe("elm-street");
});

test("what is there stays as it is, and what is missing is written where gateway.yaml says", async () => {
  await using directory = await tempDir();
  const file = join(directory.path, "gateway.yaml");
  await writeFile(file, "gateway: { id: old }\npolicy: ./rules.yaml\n");
  const said = await init("--config", file);
  expect(await readFile(file, "utf8")).toBe("gateway: { id: old }\npolicy: ./rules.yaml\n");
  expect(said).toContain(`kept as it is: ${file}\nwritten: ${join(directory.path, "rules.yaml")}\n`);
  await writeFile(join(directory.path, "rules.yaml"), "# ours\n");
  expect(JSON.parse(await init("--config", file, "--json"))).toMatchObject({ written: [] });
  expect(await readFile(join(directory.path, "rules.yaml"), "utf8")).toBe("# ours\n");
});

test.each(["", "Elm Street", "-x", "a".repeat(64)])("no gateway is called %j, and nothing is written", async (id) => {
  await using directory = await tempDir();
  const file = join(directory.path, "gateway.yaml");
  await expect(init("--config", file, "--id", id)).rejects.toMatchObject({ code: "USAGE" });
  await expect(stat(file)).rejects.toThrow("ENOENT");
});

// Shown here: accounts at the command line, with a gateway that runs and without one; no passphrase is kept or said twice.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addUser } from "../../src/cli/user.ts";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { verifyPassphrase } from "../../src/registry/passphrase.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { type CommandLine, commandLine } from "../helpers/command-line.ts";
import { commandsThatNote } from "../helpers/commands-that-note.ts";

const MADE = /^(?:[abcdefghjkmnpqrstvwxyz]{4}-){3}[abcdefghjkmnpqrstvwxyz]{4}$/;

async function running(at: CommandLine, asked: unknown[]): Promise<AsyncDisposable> {
  const dataDir = join(at.path, "data");
  await makePrivateDirectory(dataDir);
  const commands = commandsThatNote(asked);
  return openLocalSocket({ dataDir, commands, log: silentLog }, new AbortController().signal);
}

/** The command with something on its standard input; its lines. */
async function withInput(at: CommandLine, input: string, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addUser(program, (line) => void lines.push(line), false, Readable.from([input.slice(0, 5), input.slice(5)]));
  await program.parseAsync([...args, "--config", at.file], { from: "user" });
  return lines.join("\n");
}

test("while the gateway runs, each command acts through it", async () => {
  await using at = await commandLine();
  const asked: unknown[] = [];
  await using _gateway = await running(at, asked);
  expect(await at.call("user", "add", "maria", "--role", "steward")).toContain("passphrase  made   (shown only now)");
  await at.call("user", "reset", "maria");
  const own = ["user", "reset", "maria", "--passphrase-stdin"];
  expect(await withInput(at, "a green hedge in May\nand more\n", ...own)).not.toContain("hedge");
  await at.call("user", "remove", "maria");
  expect(await at.json("user", "list")).toEqual([]);
  expect(asked).toEqual([
    { user: "maria", role: "steward" },
    { user: "maria" },
    { user: "maria", passphrase: "a green hedge in May" },
    { user: "maria" },
  ]);
});

test("without a gateway the same commands change the registry, which keeps only hashes", async () => {
  await using at = await commandLine();
  const accounts = async () => JSON.parse(await readFile(join(at.path, "data/registry.json"), "utf8")).accounts;
  const made = await at.json("user", "add", "maria", "--role", "steward");
  expect(made).toEqual({ user: "maria", role: "steward", passphrase: expect.stringMatching(MADE) });
  const { passphrase } = JSON.parse(JSON.stringify(made));
  const [first] = await accounts();
  expect(await verifyPassphrase(passphrase, first.passphraseHash)).toBe(true);
  expect(await readFile(join(at.path, "data/registry.json"), "utf8")).not.toContain(passphrase);

  const words = await withInput(at, "a green hedge in May\r\n", "user", "reset", "maria", "--passphrase-stdin");
  expect(words).toBe("user        maria\nrole        steward");
  const [second] = await accounts();
  expect(await verifyPassphrase("a green hedge in May", second.passphraseHash)).toBe(true);

  await at.call("user", "add", "vera", "--role", "volunteer");
  expect(await at.call("user", "list")).toMatch(
    /^user +role +since\nmaria +steward +\d{4}-.*\nvera +volunteer +\d{4}-/,
  );
  expect(await at.json("user", "remove", "vera")).toEqual({ user: "vera", done: "remove" });
  expect(await accounts()).toEqual([second]);
});

test("the last steward cannot be removed, whoever else there is", async () => {
  await using at = await commandLine();
  await at.call("user", "add", "maria", "--role", "steward");
  await at.call("user", "add", "vera", "--role", "volunteer");
  await expect(at.call("user", "remove", "maria")).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("the last steward"),
  });
  await at.call("user", "add", "omar", "--role", "steward");
  await at.call("user", "remove", "maria");
  expect(await at.json("user", "list")).toMatchObject([{ user: "vera" }, { user: "omar" }]);
});

test("ill names, names that are there, nobody, and roles that there are not are refused", async () => {
  await using at = await commandLine();
  await withInput(at, "a green hedge in May\n", "user", "add", "maria", "--role", "steward", "--passphrase-stdin");
  for (const [code, ...args] of [
    ["ALREADY_EXISTS", "add", "maria", "--role", "volunteer"],
    ["USAGE", "add", "Maria S", "--role", "volunteer"],
    ["USAGE", "add", "a\u001b[31m", "--role", "volunteer"],
    ["USAGE", "add", "a".repeat(64), "--role", "volunteer"],
    ["NOT_FOUND", "reset", "nobody"],
    ["NOT_FOUND", "remove", "nobody"],
    ["commander.invalidArgument", "add", "omar", "--role", "king"],
    ["commander.missingMandatoryOptionValue", "add", "omar"],
  ])
    await expect(withInput(at, "", "user", ...args), args.join(" ")).rejects.toMatchObject({ code });
  expect(await at.json("user", "list")).toHaveLength(1);
});

test.each([
  ["too short", "short\n"],
  ["one letter", "aaaaaaaaaaaaaaaa\n"],
  ["endless", `${"abcdefgh".repeat(100)}\n`],
  ["empty", "\n"],
  ["not there", ""],
])("a passphrase that is %s is refused, and not said back", async (_, input) => {
  await using at = await commandLine();
  const adding = withInput(at, input, "user", "add", "maria", "--role", "steward", "--passphrase-stdin");
  const refusal: unknown = await adding.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(refusal).toMatchObject({ code: "USAGE" });
  if (input.trim() !== "") expect(String(refusal)).not.toContain(input.trim());
  expect(await at.json("user", "list")).toEqual([]);
});

test("hedgerow user has --help on each of its commands", async () => {
  await using at = await commandLine();
  for (const command of ["list", "add", "reset", "remove"])
    await expect(at.call("user", command, "--help")).rejects.toMatchObject({ code: "commander.helpDisplayed" });
});

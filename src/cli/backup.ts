// `hedgerow backup FILE`: what a new card needs to go on as this gateway: keys, kit, accounts, policy; never what was sensed.
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { PASSPHRASE_MISTAKES, passphraseMistake } from "../registry/passphrase.ts";
import { loadSettings } from "../settings/load.ts";
import { gather } from "./backup-contents.ts";
import { sealed } from "./backup-file.ts";
import { callerPath, CONFIG_OPTION, configFile } from "./config-file.ts";
import type { Print } from "./print.ts";
import { passphraseIn, TERMINAL, type Terminal, typed } from "./typed-words.ts";

type Options = {
  readonly config?: string;
  readonly passphraseFile?: string;
  readonly plain?: true;
  readonly force?: true;
  readonly json?: true;
};

/** Adds the command to the program. `print` takes the answer. */
export function addBackup(program: Command, print: Print = console.log, terminal: Terminal = TERMINAL): void {
  program
    .command("backup <file>")
    .description(
      "write keys, kit, accounts and policy into one file, closed with a passphrase; also while the gateway runs",
    )
    .option("--passphrase-file <file>", "take the passphrase from the first line of a file instead of asking for it")
    .option("--plain", "without a passphrase: whoever has the file can speak to the platform in this gateway's name")
    .option("--force", "write over a file that is there")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .addHelpText("after", "\nNo picture and no event is in it. Keep it, and the passphrase, in two places.")
    .action(async (file: string, options: Options) => {
      const settings = await loadSettings(await configFile(options.config));
      const path = callerPath(file);
      await checkTarget(path, options);
      const passphrase = await chosen(options, terminal);
      const contents = await asOwnerOf(settings.gateway.gateway.dataDir, () => gather(settings, systemClock.nowMs()));
      const bytes = await sealed(JSON.stringify(contents), passphrase);
      await writeDurably(path, bytes, 0o600).catch((cause: unknown) => {
        throw new GatewayError("DATA_DIR_UNUSABLE", `the backup cannot be written to ${path}: ${messageOf(cause)}`, {
          hint: "Is there room, and may you write there?",
          cause,
        });
      });
      const files = contents.data.length + contents.settings.length;
      if (options.json === true)
        return print(JSON.stringify({ file: path, bytes: bytes.length, files, isClosed: passphrase !== null }));
      print(`${path}: ${files} files of ${contents.gateway}, ${bytes.length} bytes.`);
      print(
        passphrase === null
          ? "It is open: whoever has it can speak to the platform in this gateway's name. Lock it away."
          : "Without its passphrase nobody can read it, and nobody can give you another. Write it down, apart from the file.",
      );
    });
}

async function checkTarget(path: string, { force }: Options): Promise<void> {
  if (force === true) return;
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new GatewayError("ALREADY_EXISTS", `there is a file ${path} already`, {
      hint: "Choose another name, or write over it with --force.",
    });
}

/** Twice where it is typed: a slip would close the backup for ever. */
async function chosen({ plain, passphraseFile }: Options, terminal: Terminal): Promise<string | null> {
  if (plain === true) return null;
  const [words = "", again = words] =
    passphraseFile === undefined
      ? await typed(["Passphrase for the backup: ", "Once more: "], terminal)
      : [await passphraseIn(callerPath(passphraseFile))];
  const mistake = passphraseMistake(words);
  if (mistake !== null) throw new GatewayError("USAGE", PASSPHRASE_MISTAKES[mistake]);
  if (again !== words) throw new GatewayError("USAGE", "the two passphrases differ; nothing was written");
  return words;
}

/**
 * Started by root, it reads as the user who owns the data, so that SQLite leaves no file behind that the gateway may not open;
 * the backup itself is written as root again, into a folder of root's.
 */
async function asOwnerOf<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const owner = process.geteuid?.() === 0 ? await stat(dataDir).catch(absent) : null;
  if (owner === null || owner.uid === 0) return await work();
  const gid = process.getegid?.() ?? 0;
  process.setegid?.(owner.gid);
  process.seteuid?.(owner.uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(gid);
  }
}

function absent(cause: unknown): null {
  if (systemCodeOf(cause) === "ENOENT") return null;
  throw cause;
}

// `hedgerow restore FILE`: a backup back onto a card, so that it goes on as the same gateway.
import { chown, mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { systemClock } from "../core/clock.ts";
import { openDataDir } from "../core/data-dir-lock.ts";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { openLog } from "../core/log.ts";
import { readSmallFile } from "../core/small-file.ts";
import { REGISTRY_VERSION } from "../registry/schema.ts";
import { loadSettings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";
import { type BackupFile, Contents } from "./backup-contents.ts";
import { isClosed, unsealed } from "./backup-file.ts";
import { BACKUP_LIMITS } from "./backup-limits.ts";
import { callerPath, CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf } from "./kit-access.ts";
import type { Print } from "./print.ts";
import { bytesOf, foundIn, keepStanding, putBack, setAside } from "./restoring.ts";
import { passphraseIn, TERMINAL, type Terminal, typed } from "./typed-words.ts";

type Options = {
  readonly config?: string;
  readonly passphraseFile?: string;
  readonly force?: true;
  readonly json?: true;
};

/** Adds the command to the program. `print` takes the answer. */
export function addRestore(program: Command, print: Print = console.log, terminal: Terminal = TERMINAL): void {
  program
    .command("restore <file>")
    .description("put a backup back: into an empty data directory, and settings that are not there yet")
    .option("--passphrase-file <file>", "take the passphrase from the first line of a file instead of asking for it")
    .option("--force", "set aside the gateway and the settings that are there; its pictures are deleted")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (file: string, options: Options) => {
      const contents = await contentsOf(callerPath(file), options, terminal);
      const config = await configFile(options.config);
      const nowMs = systemClock.nowMs();
      await refuseRunning(config);
      const left = await settingsBack(config, contents, options);
      const settings = await loadSettings(config);
      const { dataDir, id } = settings.gateway.gateway;
      if (id !== contents.gateway)
        throw new GatewayError("USAGE", `the backup is of the gateway ${contents.gateway}, and ${config} is of ${id}`, {
          hint: "With --force the settings of the backup take the place of those that are there.",
        });
      await becomeOwnerOf(dataDir);
      await using _lock = await openDataDir(dataDir);
      const found = await foundIn(dataDir);
      if (found.length > 0 && options.force !== true)
        throw new GatewayError("ALREADY_EXISTS", `a gateway lives in ${dataDir} already (${found.join(", ")})`, {
          hint: "Restore into an empty directory, or set it aside with --force: its pictures are deleted then.",
        });
      const aside = found.length > 0 ? await setAside(dataDir, nowMs) : null;
      const sequence = await putBack(dataDir, contents, nowMs);
      await keepStanding(settings, contents, openLog({ level: "warn", fd: 2 }));
      const { gateway, madeAt } = contents;
      if (options.json === true) return print(JSON.stringify({ gateway, madeAt, dataDir, sequence, aside, left }));
      print(`${gateway} is as it was on ${madeAt}, in ${dataDir}.`);
      for (const name of left) print(`${name} stays as it is here; the backup has another one (--force takes that).`);
      if (aside !== null)
        print(
          `What was there is in ${aside}, without its pictures. Nothing in it expires by itself: delete it when you can.`,
        );
      print(`Its events are counted on from ${sequence}. What it had not sent since the backup is lost.`);
      print("Next: start it (sudo systemctl start hedgerow), then look at the page.");
    });
}

async function contentsOf(path: string, { passphraseFile }: Options, terminal: Terminal): Promise<Contents> {
  const file = await readSmallFile(path, { bytesMax: BACKUP_LIMITS.bytes });
  if (file.kind !== "bytes") throw unusable(`${path}: ${file.kind === "absent" ? "there is no such file" : file.why}`);
  const passphrase = !isClosed(file.bytes)
    ? null
    : passphraseFile === undefined
      ? ((await typed(["Passphrase of the backup: "], terminal))[0] ?? "")
      : await passphraseIn(callerPath(passphraseFile));
  const contents = checked(await unsealed(file.bytes, passphrase));
  const registry = contents.data.find(({ path: name }) => name === "registry.json");
  if (registry !== undefined && versionIn(bytesOf(registry).toString("utf8")) > REGISTRY_VERSION) throw newer();
  return contents;
}

/** Throws SPOOL_NEWER, BACKUP_UNUSABLE. */
function checked(text: string): Contents {
  if (versionIn(text) > 1) throw newer();
  const parsed = Contents.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw unusable(`what is in it is not as it should be (${z.prettifyError(parsed.error).split("\n")[0] ?? ""})`);
}

/** 0 where it says none. */
function versionIn(text: string): number {
  try {
    return z.object({ version: z.number() }).parse(JSON.parse(text)).version;
  } catch (cause) {
    throw unusable(`what is in it cannot be read (${messageOf(cause)})`);
  }
}

/** By the settings that are there; with none there, none runs by them. Throws DATA_DIR_LOCKED. */
async function refuseRunning(config: string): Promise<void> {
  if (!(await isThere(config))) return;
  const settings = await loadSettings(config).catch(() => null); // said where they are needed
  if (settings === null || (await callGateway(settings.gateway.gateway.dataDir, "listBridges", {})) === null) return;
  throw new GatewayError("DATA_DIR_LOCKED", "the gateway runs", {
    hint: "Stop it (sudo systemctl stop hedgerow), restore, and start it again.",
  });
}

/** Those that are there stay, unless --force: then they are kept beside. Gives the names of those that stay and differ. */
async function settingsBack(config: string, { settings }: Contents, { force }: Options): Promise<string[]> {
  const folder = dirname(config);
  const left: string[] = [];
  for (const [index, file] of settings.entries()) {
    // gateway.yaml comes first; it may be called otherwise here.
    const name = index === 0 ? basename(config) : file.path;
    const path = join(folder, name);
    const here = await readSmallFile(path, { bytesMax: BACKUP_LIMITS.fileBytes });
    if (here.kind === "bytes" && here.bytes.equals(bytesOf(file))) continue;
    if (here.kind !== "absent" && force !== true) {
      left.push(name);
      continue;
    }
    await orUnwritable(path, async () => {
      if (here.kind === "bytes") await writeOwned(`${path}.before-restore`, here.bytes, here.mode);
      await writeOwned(path, bytesOf(file), file.mode);
    });
  }
  return left;
}

/** Started by root it belongs to whom the folder's gateway belongs, as the other settings do. */
async function writeOwned(path: string, bytes: Buffer, mode: BackupFile["mode"]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await writeDurably(path, bytes, mode);
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(path));
  await chown(path, uid, gid);
}

async function orUnwritable(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new GatewayError("CONFIG_UNWRITABLE", `${path} cannot be written: ${messageOf(cause)}`, {
      hint: "Is there room, and may you write there? Use sudo: sudo hedgerow, and the rest as before.",
      cause,
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function newer(): GatewayError {
  return new GatewayError("SPOOL_NEWER", "this backup was made by a newer Hedgerow");
}

function unusable(why: string): GatewayError {
  return new GatewayError("BACKUP_UNUSABLE", `this backup cannot be used: ${why}`);
}

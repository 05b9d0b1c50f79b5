// A gateway that has run, a new card, and the two commands between them as a person calls them.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Command } from "commander";
import { addBackup } from "../../src/cli/backup.ts";
import { addRestore } from "../../src/cli/restore.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { luxEvent } from "./disclosure.ts";
import { settingsFolder } from "./settings-folder.ts";
import { tempDir } from "./temp-dir.ts";
import { openTestLedger } from "./test-ledger.ts";
import { openTestSpool } from "./test-spool.ts";

export const WORDS = "three hedges and a gate";

/** A gateway that has run: keys, a registry, a ledger with lines, events that wait, a picture. Its secrets lie beside its settings. */
export async function oldHouse(others: Readonly<Record<string, string>> = {}) {
  const folder = await settingsFolder({ others: { passphrase: `${WORDS}\n`, ...others } });
  const settings = await loadSettings(folder.file);
  const dataDir = join(folder.path, "data");
  await mkdir(dataDir, { mode: 0o700 });
  const key = await openGatewayKey(dataDir);
  await (await openRegistry({ dataDir, kit: settings.kit, log: silentLog }))[Symbol.asyncDispose]();
  await openPseudonyms({ dataDir, rhythm: "never", timezone: "UTC" });
  {
    await using ledger = await openTestLedger(dataDir, { key, gatewayId: "elm-street" });
    ledger.notePolicy("ab".repeat(32));
    await using spool = await openTestSpool(dataDir);
    for (const lux of [1, 2, 3]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  }
  await writeFile(join(dataDir, "images", "ab.jpg"), "WATERMARK of a picture");
  return { ...folder, dataDir, key, at: (name: string) => join(folder.path, name) };
}

/** `typed`: what a person types; without it nobody sits there. Gives what was printed; rejects as the command throws. */
export async function call(
  args: readonly string[],
  { config, typed }: { config: string; typed?: readonly string[] },
): Promise<string> {
  const lines: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  const input = new PassThrough();
  for (const line of typed ?? []) input.write(`${line}\n`);
  const terminal = { input, output: new PassThrough().resume(), isTerminal: typed !== undefined };
  for (const add of [addBackup, addRestore]) add(program, (line) => void lines.push(line), terminal);
  await program.parseAsync([...args, "--config", config], { from: "user" });
  return lines.join("\n");
}

/** A new card: an empty folder whose settings are not there yet. */
export async function newCard() {
  const directory = await tempDir();
  const config = join(directory.path, "gateway.yaml");
  return {
    ...directory,
    config,
    dataDir: join(directory.path, "data"),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

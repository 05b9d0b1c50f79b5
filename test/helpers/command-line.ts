// The commands about the kit as a person calls them, on a folder of settings of their own.
import { Command } from "commander";
import { addBridge } from "../../src/cli/bridge.ts";
import { addCheck } from "../../src/cli/check.ts";
import { addDevice } from "../../src/cli/device.ts";
import { addKey } from "../../src/cli/key.ts";
import { addKit } from "../../src/cli/kit.ts";
import { addNotices } from "../../src/cli/notices.ts";
import { addSpool } from "../../src/cli/spool.ts";
import { addStatus } from "../../src/cli/status.ts";
import { addToken } from "../../src/cli/token.ts";
import { addUser } from "../../src/cli/user.ts";
import { settingsFolder } from "./settings-folder.ts";

export type CommandLine = Awaited<ReturnType<typeof settingsFolder>> & {
  /** What the command prints; rejects as it throws. */
  call(...args: string[]): Promise<string>;
  /** The same with --json, read. */
  json(...args: string[]): Promise<unknown>;
};

/** `isTerminal`: the answers are read on one. */
export async function commandLine(
  files: Parameters<typeof settingsFolder>[0] = {},
  { isTerminal = false } = {},
): Promise<CommandLine> {
  const folder = await settingsFolder(files);
  const call = (...args: string[]): Promise<string> => callHere(folder.file, args, { isTerminal });
  return { ...folder, call, json: async (...args) => JSON.parse(await call(...args, "--json")) };
}

/** What a command prints that is called in this process; rejects as it throws. A program of its own costs half a second. */
export async function callHere(file: string, args: readonly string[], { isTerminal = false } = {}): Promise<string> {
  const lines: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeOut: (text) => void lines.push(text) });
  for (const add of [
    addBridge,
    addCheck,
    addDevice,
    addKey,
    addKit,
    addNotices,
    addSpool,
    addStatus,
    addToken,
    addUser,
  ])
    add(program, (line) => void lines.push(line), isTerminal);
  await program.parseAsync([...args, "--config", file], { from: "user" });
  return lines.join("\n");
}

// `hedgerow ledger`: what the house did, line by line; as a file to give away; and checked, by anybody.
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { GatewayError, messageOf } from "../core/errors.ts";
import { type GatewayKey, openGatewayKey } from "../core/gateway-key.ts";
import type { Book, LedgerRow } from "../ledger/ledger-book.ts";
import { exportLines } from "../ledger/ledger-export.ts";
import { openBookToRead } from "../ledger/ledger-file.ts";
import { isLineKind, LINE_KINDS, type LineKind } from "../ledger/ledger-line.ts";
import { loadSettings } from "../settings/load.ts";
import { callerPath, CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf } from "./kit-access.ts";
import { addVerify } from "./ledger-verify.ts";
import { type Print, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type ShowOptions = Options & { readonly kind?: string; readonly limit: string };

/** Fields that a person does not read: they are there for programs. */
const LEFT_OUT: ReadonlySet<string> = new Set(["version", "kind", "previous", "keyId", "signature", "settings"]);
const WORDS_CHARS = 100;

/** Adds the command to the program. `print` takes the answer. */
export function addLedger(program: Command, print: Print = console.log): void {
  const ledger = program.command("ledger").description("what the house did, in one chain of lines");
  ledger
    .command("show")
    .description("the newest lines with what they say, also what stays in the house; the newest first")
    .option("--kind <kind>", `one of ${LINE_KINDS.join(", ")}`)
    .option("--limit <count>", "how many", "20")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON, a line for each")
    .action(async ({ config, json, kind, limit }: ShowOptions) => {
      const rows = await withBook(config, ({ book }) => book.newest(kindOf(kind), countOf(limit)));
      if (json === true) for (const row of rows) print(JSON.stringify(shown(row)));
      else printTable([["line", "day", "kind", "what it says"], ...rows.map(cells)], print);
    });
  ledger
    .command("export")
    .description("the whole ledger as JSON lines, for anybody to check; what is private stays out")
    .argument("[file]", "where to; otherwise standard output")
    .option(...CONFIG_OPTION)
    .action(async (file: string | undefined, { config }: Options) => {
      await withBook(config, async ({ book, key, gatewayId }) => {
        const { number } = book.tip();
        const lines = exportLines(book, { after: 0, upTo: number }, { key, gatewayId });
        if (file === undefined) for (const line of lines) print(line.slice(0, -1));
        else await writeLines(callerPath(file), lines);
      });
    });
  addVerify(ledger, { print, withBook });
}

type Opened = { readonly book: Book; readonly key: GatewayKey; readonly gatewayId: string };
export type WithBook = <T>(config: string | undefined, use: (opened: Opened) => T | Promise<T>) => Promise<T>;

/** The gateway's own, whether it runs or not. Throws NOT_FOUND where there is none yet. */
const withBook: WithBook = async (config, use) => {
  const { dataDir, id: gatewayId } = (await loadSettings(await configFile(config))).gateway.gateway;
  await becomeOwnerOf(dataDir);
  const book = openBookToRead(dataDir);
  if (book === null)
    throw new GatewayError("NOT_FOUND", `there is no ledger in ${dataDir} yet`, {
      hint: "The gateway makes it when it first runs.",
    });
  try {
    return await use({ book, key: await openGatewayKey(dataDir), gatewayId });
  } finally {
    book.database.close();
  }
};

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(lines), createWriteStream(path));
  } catch (cause) {
    throw new GatewayError("USAGE", `cannot write ${path}: ${messageOf(cause)}`, {
      hint: "Name a file in a folder where you may write.",
      cause,
    });
  }
}

function kindOf(kind: string | undefined): LineKind | null {
  if (kind === undefined) return null;
  if (isLineKind(kind)) return kind;
  throw new GatewayError("USAGE", `there are no lines of the kind ${JSON.stringify(kind)}`, {
    hint: `Kinds are ${LINE_KINDS.join(", ")}.`,
  });
}

function countOf(limit: string): number {
  if (/^[1-9]\d{0,6}$/.test(limit)) return Number(limit);
  throw new GatewayError("USAGE", `--limit ${limit} is no number of lines`);
}

/** `says`: null where it is no longer kept. */
function shown({ line: { number, day, kind, digest, previous }, body }: LedgerRow): object {
  return { number, day, kind, says: body === null ? null : JSON.parse(body), digest, previous };
}

function cells({ line: { number, day, kind }, body }: LedgerRow): string[] {
  return [String(number), day ?? "unknown", kind, body === null ? "(no longer kept)" : inWords(JSON.parse(body))];
}

function inWords(says: object): string {
  const words = Object.entries(says)
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
  return words.length > WORDS_CHARS ? `${words.slice(0, WORDS_CHARS)}…` : words;
}

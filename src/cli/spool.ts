// `hedgerow spool …`: the buffer between privacy and the platforms: how full it is, whether it is sound, what it holds.
import { type Command, InvalidArgumentError } from "commander";
import { GatewayError } from "../core/errors.ts";
import { listDamaged, listDead, listWaiting } from "../spool/listing.ts";
import { readSpool } from "../spool/read-only.ts";
import { SPOOL_LIMITS } from "../spool/spool-limits.ts";
import { CONFIG_OPTION } from "./config-file.ts";
import { type Print, printTable } from "./print.ts";
import { repair, requeue } from "./spool-mending.ts";
import { type Options, settingsOf } from "./spool-settings.ts";
import { showStats } from "./spool-stats.ts";
import { verify } from "./spool-verify.ts";

type ListOptions = Options & {
  readonly dead?: true;
  readonly damaged?: true;
  readonly sink?: string;
  readonly newest?: true;
  readonly limit: number;
};

/** Adds the command to the program. `print` takes the answer. */
export function addSpool(program: Command, print: Print = console.log): void {
  const spool = program.command("spool").description("the buffer on disk: how full, whether sound, what waits in it");
  const command = (name: string, description: string) =>
    spool
      .command(name)
      .description(description)
      .option(...CONFIG_OPTION)
      .option("--json", "answer as JSON");
  command("stats", "how much it holds, for how long there is room, and what became of each sink's events").action(
    async (options: Options) => showStats(options, print),
  );
  command("verify", "look all of it through; changes nothing, and works while the gateway runs").action(
    async (options: Options) => verify(options, print),
  );
  command("repair", "save what can be read, set aside what is damaged; the gateway has to be stopped").action(
    async (options: Options) => repair(options, print),
  );
  command("list", "the events that wait, the oldest first")
    .option("--dead", "what platforms rejected for good, with the reason")
    .option("--damaged", "what was found damaged and set aside")
    .option("--sink <id>", "of this sink only")
    .option("--newest", "the newest first")
    .option("--limit <number>", "how many at most", countOf, SPOOL_LIMITS.listed)
    .action(async (options: ListOptions) => list(options, print));
  command("requeue", "give rejected events to their platform once more, with the same ids")
    .argument("[id...]", "ids, as `hedgerow spool list --dead` shows them")
    .option("--sink <id>", "all that this sink rejected")
    .option("--all", "all that any sink rejected")
    .action(async (ids: string[], options: Options & { sink?: string; all?: true }) => requeue(ids, options, print));
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a number from 1 to 999999.");
}

async function list(options: ListOptions, print: Print): Promise<void> {
  if (options.dead === true && options.damaged === true)
    throw new GatewayError("USAGE", "--dead and --damaged are two lists: name one of them");
  const { dataDir, sinkIds } = await settingsOf(options);
  const { sink, limit } = options;
  const ask = { sinkId: sink, isNewest: options.newest === true, limit };
  if (sink !== undefined && !sinkIds.includes(sink))
    throw new GatewayError("NOT_FOUND", `gateway.yaml names no sink ${JSON.stringify(sink)}`, {
      hint: `Its sinks are: ${sinkIds.join(", ") || "none"}.`,
    });
  const say = <T>(rows: readonly T[], head: readonly string[], none: string, cells: (row: T) => readonly string[]) => {
    if (options.json === true) print(JSON.stringify(rows));
    else if (rows.length === 0) print(none);
    else printTable([head, ...rows.map(cells)], print);
  };
  if (options.dead === true) {
    const head = ["id", "sink", "type", "rejected", "why"];
    return say(
      readSpool(dataDir, (database) => listDead(database, ask)),
      head,
      "No platform has rejected anything that is still kept.",
      (row) => [row.id, row.sink, shortType(row.type), row.at, row.why],
    );
  }
  if (options.damaged === true) {
    const head = ["number", "sequence", "what", "found"];
    return say(
      readSpool(dataDir, (database) => listDamaged(database, ask)),
      head,
      "Nothing damaged was set aside.",
      (row) => [String(row.number), row.sequence === null ? "" : String(row.sequence), row.what, row.at],
    );
  }
  const head = ["id", "type", "picture", "waits for"];
  say(
    readSpool(dataDir, (database) => listWaiting(database, ask)),
    head,
    "Nothing waits.",
    (row) => [row.id, shortType(row.type), row.image === null ? "" : row.image.slice(0, 12), row.sinks.join(", ")],
  );
}

/** hedgerow.light.level.v1 → light.level */
function shortType(type: string): string {
  return type.replace(/^hedgerow\./, "").replace(/\.v\d+$/, "");
}

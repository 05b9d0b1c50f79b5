// `hedgerow erase`: what is held of devices, cameras and a period, and to have it erased, here and on the platforms.
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { ErasureView } from "../core/erasure-commands.ts";
import { GatewayError } from "../core/errors.ts";
import { endOfPeriod } from "../core/period.ts";
import type { Ask } from "../web/local-protocol.ts";
import { holdingWords, scopeWords, tellingWords } from "../web/erasure-words.ts";
import { CONFIG_OPTION } from "./config-file.ts";
import { type HouseAccess, houseAccess } from "./erase-access.ts";
import type { Print } from "./print.ts";

type Options = {
  readonly config?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly device: readonly string[];
  readonly camera: readonly string[];
  readonly from?: string;
  readonly to?: string;
};

/** Where a person answers `y`; null where nobody sits. */
type Input = NodeJS.ReadableStream | null;

/** Adds the command to the program. `input`: where the question is answered. */
export function addErase(
  program: Command,
  print: Print = console.log,
  _isTerminal = process.stdout.isTTY,
  input: Input = process.stdin.isTTY ? process.stdin : null,
): void {
  const several = (value: string, before: readonly string[]) => [...before, value];
  program
    .command("erase")
    .description("erase what is held of a device, a camera or a period, and ask the platforms to do the same")
    .option("--device <id>", "of this device; may be given several times", several, [])
    .option("--camera <id>", "of this camera; may be given several times", several, [])
    .option("--from <time>", "from here on: a day (2026-11-20), a time at the site (2026-11-20T14:30), or with a zone")
    .option("--to <time>", "until here; a day belongs to it")
    .option("--dry-run", "only say what is held; this also answers who asks what is held of them")
    .option("--yes", "do not ask")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      "\nWithout --device and --camera everything of the period goes. Times are widened to the policy's steps.",
    )
    .action(async (options: Options) => erase(options, { print, input }));
}

async function erase(options: Options, { print, input }: { print: Print; input: Input }): Promise<void> {
  const { json, yes, dryRun } = options;
  if (!isNamed(options)) throw new GatewayError("USAGE", "name what to erase: --device, --camera, --from or --to");
  const house = await houseAccess(options.config === undefined ? {} : { config: options.config });
  const { timezone } = house.settings.gateway.gateway;
  const ask = askOf(options, timezone);
  if (dryRun === true || yes !== true) {
    const held = await house.act("holdings", ask, ({ erasing }) => erasing.holdings(ask));
    if (json !== true || dryRun !== true) say(held, { print: json === true ? () => undefined : print, timezone });
    if (dryRun === true) return json === true ? print(JSON.stringify(held)) : undefined;
    if (!(await isSure(held, input))) return print(json === true ? '{"isDone":false}' : "Nothing was erased.");
  }
  const done = await eraseNow(house, ask);
  if (json === true) return print(JSON.stringify(done));
  if (yes === true) say(done.erased, { print, timezone });
  print(done.isDone ? "Erased." : "It is being erased; that takes a while and goes on by itself.");
  print(tellingWords(done.erased, { isDone: true }));
}

function eraseNow(house: HouseAccess, { devices, cameras, ...span }: Ask<"holdings">) {
  const ask = { devices, cameras, ...span, by: "command-line" } as const;
  return house.act("erase", ask, ({ erasing }) => erasing.erase(ask));
}

function isNamed({ device, camera, from, to }: Options): boolean {
  return device.length > 0 || camera.length > 0 || from !== undefined || to !== undefined;
}

function askOf({ device, camera, from, to }: Options, timezone: string): Ask<"holdings"> {
  const span = {
    ...(from !== undefined && { from: momentOf("--from", from, { timezone, isEnd: false }) }),
    ...(to !== undefined && { to: momentOf("--to", to, { timezone, isEnd: true }) }),
  };
  return { devices: [...device], cameras: [...camera], ...span };
}

function momentOf(option: string, text: string, by: Parameters<typeof endOfPeriod>[1]): string {
  const moment = endOfPeriod(text, by);
  if (moment !== null) return moment;
  throw new GatewayError(
    "USAGE",
    `${option} ${text} is no time; write 2026-11-20, 2026-11-20T14:30 or 2026-11-20T14:30Z`,
  );
}

function say(held: ErasureView, { print, timezone }: { print: Print; timezone: string }): void {
  print(`${scopeWords(held, { timezone })}:`);
  const lines = holdingWords(held);
  for (const line of lines) print(`  ${line}`);
  if (lines.length === 0) print("  nothing is held here");
}

/** The question and its answer, at a terminal; elsewhere it must have been answered with --yes. */
async function isSure(held: ErasureView, input: Input): Promise<boolean> {
  if (input === null)
    throw new GatewayError("USAGE", "nobody is here to be asked", { hint: "Add --yes, or look first with --dry-run." });
  const lines = createInterface({ input, output: process.stderr });
  try {
    const answer = await lines.question(
      `${tellingWords(held, { isDone: false })}\nErase it? It does not come back. [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

// `hedgerow bridge …`: logins that speak for many devices, such as Zigbee2MQTT's.
import type { Command } from "commander";
import { loadSettings } from "../settings/load.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { type KitAccess, kitAccess } from "./kit-access.ts";
import { type Print, printCredentials, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type AddOptions = Options & { readonly family: string; readonly base: string };

/** Adds the command to the program. `print` takes the answer; `isTerminal`: a person reads it there. */
export function addBridge(program: Command, print: Print = console.log, isTerminal = process.stdout.isTTY): void {
  const bridge = program.command("bridge").description("list bridges, add one, renew or end its credentials");
  bridge
    .command("list")
    .description("the bridges of the kit")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (options: Options) => listBridges(await accessTo(options), options, print));
  bridge
    .command("add")
    .description("add a bridge: prints its credentials and the lines to write into its settings")
    .requiredOption("--family <family>", "what it is, such as zigbee2mqtt")
    .requiredOption("--base <topic>", "the topic below which it speaks, such as zigbee2mqtt")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (options: AddOptions) => {
      const { family, base } = options;
      const kit = await accessTo(options);
      const made = await kit.addBridge({ family, base });
      if (options.json === true) print(JSON.stringify({ ...made, link: made.link ?? null, base }));
      else printCredentials(made, { print, isTerminal, broker: kit.broker });
    });
  bridge
    .command("credentials <id>")
    .description("new credentials for a bridge of the kit; its old ones end at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      const kit = await accessTo(options);
      const made = await kit.renewCredentials({ kind: "bridge", id });
      if (options.json === true) print(JSON.stringify({ ...made, link: made.link ?? null, base: made.topic }));
      else printCredentials(made, { print, isTerminal, broker: kit.broker });
    });
  bridge
    .command("revoke <id>")
    .description("end a bridge's login and its connection at once; its devices are not heard until it has a new one")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      await (await accessTo(options)).revoke({ kind: "bridge", id });
      const said = `The login of bridge ${id} has ended. A new one: hedgerow bridge credentials ${id}`;
      print(options.json === true ? JSON.stringify({ kind: "bridge", id, done: "revoke" }) : said);
    });
  bridge
    .command("remove <id>")
    .description("take a bridge that speaks for no device out of the kit")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      await (await accessTo(options)).remove({ kind: "bridge", id });
      const said = `${id} is no bridge of the kit any more.`;
      print(options.json === true ? JSON.stringify({ kind: "bridge", id, done: "remove" }) : said);
    });
}

async function accessTo({ config }: Options): Promise<KitAccess> {
  return kitAccess(await loadSettings(await configFile(config)));
}

async function listBridges(kit: KitAccess, { json }: Options, print: Print): Promise<void> {
  const bridges = await kit.listBridges();
  if (json === true) return print(JSON.stringify(bridges));
  if (bridges.length === 0)
    return print("There is no bridge yet. Add one with: hedgerow bridge add --family F --base TOPIC");
  const rows = bridges.map(({ id, family, base, isPaired }) => [id, family, base, isPaired ? "yes" : "not yet"]);
  printTable([["id", "family", "base", "paired"], ...rows], print);
}

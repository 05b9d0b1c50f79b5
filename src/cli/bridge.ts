// `hedgerow bridge …`: logins that speak for many devices, such as Zigbee2MQTT's.
import type { Command } from "commander";
import { loadSettings } from "../settings/load.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { type KitAccess, kitAccess } from "./kit-access.ts";
import { type Print, printCredentials, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type AddOptions = Options & { readonly family: string; readonly base: string };

/** Adds the command to the program. `print` takes the answer. */
export function addBridge(program: Command, print: Print = console.log): void {
  const bridge = program.command("bridge").description("list bridges, add one, renew its credentials");
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
      const made = await (await accessTo(options)).addBridge({ family, base });
      if (options.json === true) print(JSON.stringify({ ...made, base }));
      else printCredentials(made, print);
    });
  bridge
    .command("credentials <id>")
    .description("new credentials for a bridge of the kit; its old ones end at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      const made = await (await accessTo(options)).renewCredentials({ kind: "bridge", id });
      if (options.json === true) print(JSON.stringify({ ...made, base: made.topic }));
      else printCredentials(made, print);
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

// `hedgerow device …`: the devices of the kit and their credentials.
import type { Command } from "commander";
import { loadSettings } from "../settings/load.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { type KitAccess, kitAccess } from "./kit-access.ts";
import { type Print, printCredentials, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type PairOptions = Options & { readonly profile: string; readonly zone: string; readonly name?: string };

/** Adds the command to the program. `print` takes the answer. */
export function addDevice(program: Command, print: Print = console.log): void {
  const device = program.command("device").description("list devices, add one, renew its credentials");
  device
    .command("list")
    .description("the devices of the kit")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (options: Options) => listDevices(await accessTo(options), options, print));
  device
    .command("pair")
    .description("add a device: prints its credentials, its topic and the lines to type into it")
    .requiredOption("--profile <id>", "what it is, such as tasmota/relay")
    .requiredOption("--zone <zone>", "where it is, such as porch")
    .option("--name <name>", "what people call it")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (options: PairOptions) => pair(await accessTo(options), options, print));
  device
    .command("credentials <id>")
    .description("new credentials for a device of the kit; its old ones end at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      const made = await (await accessTo(options)).renewCredentials({ kind: "device", id });
      if (options.json === true) print(JSON.stringify({ ...made, link: null }));
      else printCredentials(made, print);
    });
}

async function accessTo({ config }: Options): Promise<KitAccess> {
  return kitAccess(await loadSettings(await configFile(config)));
}

async function listDevices(kit: KitAccess, { json }: Options, print: Print): Promise<void> {
  const devices = await kit.listDevices();
  if (json === true) return print(JSON.stringify(devices));
  if (devices.length === 0)
    return print("There is no device yet. Add one with: hedgerow device pair --profile P --zone Z");
  const rows = devices.map(({ id, name, profile, zone, topic, isPaired }) => [
    id,
    name,
    profile,
    zone,
    topic,
    isPaired ? "yes" : "not yet",
  ]);
  printTable([["id", "name", "profile", "zone", "topic", "paired"], ...rows], print);
}

async function pair(kit: KitAccess, { profile, zone, name, json }: PairOptions, print: Print): Promise<void> {
  const made = await kit.pairDevice({ profile, zone, ...(name !== undefined && { name }) });
  if (json === true) print(JSON.stringify({ ...made, link: null }));
  else printCredentials(made, print);
}

// `hedgerow device rename` and `replace`: another name or zone, or another thing in the device's place.
import { type Command, Option } from "commander";
import type { Replacement } from "../core/device-commands.ts";
import { GatewayError } from "../core/errors.ts";
import { CONFIG_OPTION } from "./config-file.ts";
import type { KitAccess } from "./kit-access.ts";
import { type Print, printCredentials } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type RenameOptions = Options & { readonly name?: string; readonly zone?: string };
type ReplaceOptions = Options & {
  readonly profile?: string;
  readonly proposal?: string;
  readonly topic?: string;
  readonly pin?: number;
  readonly chip?: string;
  readonly activeLow?: true;
  readonly pull?: "up" | "down" | "none";
};

type Deps = {
  readonly print: Print;
  readonly isTerminal: boolean;
  readonly accessTo: (options: Options) => Promise<KitAccess>;
};

/** Adds the two commands below `device`. */
export function addDeviceChanges(device: Command, { print, isTerminal, accessTo }: Deps): void {
  device
    .command("rename <id>")
    .description("call a device otherwise, or move it to another zone; its id and its name outside stay")
    .option("--name <name>", "what people call it; empty: its id")
    .option("--zone <zone>", "where it is now, such as porch; what it says from now on counts there")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, { name, zone, ...options }: RenameOptions) => {
      if (name === undefined && zone === undefined)
        throw new GatewayError("USAGE", "nothing to change was said", { hint: "Add --name, --zone or both." });
      const kit = await accessTo(options);
      await kit.changeDevice({ id, ...(name !== undefined && { name }), ...(zone !== undefined && { zone }) });
      print(options.json === true ? JSON.stringify({ kind: "device", id, done: "rename" }) : `${id} is changed.`);
    });
  device
    .command("replace <id>")
    .description("another thing takes a device's place: id, name, zone, what it triggers and its history stay")
    .option("--profile <id>", "what the new one is, such as tasmota/relay")
    .option("--proposal <id>", "what announced itself and takes the place; see: hedgerow device approve")
    .option("--topic <topic>", "its own topic, where it cannot be set in the device")
    .option("--pin <number>", "of a wired sensor: its GPIO line; on a Pi the BCM number", pinOf)
    .option("--chip <label>", "of a wired sensor: the GPIO chip, if it is not the Pi's own")
    .option("--active-low", "of a wired sensor: the line is 0 while it speaks")
    .addOption(new Option("--pull <way>", "of a wired sensor: the pin's resistor").choices(["up", "down", "none"]))
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, { config, json, ...ask }: ReplaceOptions) => {
      const kit = await accessTo(config === undefined ? {} : { config });
      const made = await kit.replaceDevice(replacement(id, ask));
      if (json === true) print(JSON.stringify({ ...made, link: made.link ?? null }));
      else if (ask.proposal !== undefined) print(`${id} is the one that announced itself. Its next message is taken.`);
      else printCredentials(made, { print, isTerminal, broker: kit.broker });
    });
}

function replacement(
  id: string,
  { proposal, profile, ...thing }: Omit<ReplaceOptions, "config" | "json">,
): Replacement {
  if (proposal !== undefined) return { id, proposal, ...(profile !== undefined && { profile }) };
  if (profile !== undefined) return { id, profile, ...thing };
  throw new GatewayError("USAGE", "what takes its place was not said", {
    hint: "Add --profile for a new one, or --proposal for one that announced itself.",
  });
}

/** A line's number. Throws USAGE. */
export function pinOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new GatewayError("USAGE", `${JSON.stringify(text)} is no pin; write its number, such as 17`);
}

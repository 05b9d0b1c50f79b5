// `hedgerow device …`: the devices of the kit, their credentials, and what waits for approval.
import { type Command, Option } from "commander";
import { loadSettings } from "../settings/load.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { addApproval } from "./device-approval.ts";
import { addDeviceChanges, pinOf } from "./device-changes.ts";
import { type KitAccess, kitAccess } from "./kit-access.ts";
import { type Print, printCredentials, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type PairOptions = Options & {
  readonly profile: string;
  readonly zone: string;
  readonly name?: string;
  readonly topic?: string;
  readonly pin?: number;
  readonly chip?: string;
  readonly activeLow?: true;
  readonly pull?: "up" | "down" | "none";
};

/** Adds the command to the program. `print` takes the answer; `isTerminal`: a person reads it there. */
export function addDevice(program: Command, print: Print = console.log, isTerminal = process.stdout.isTTY): void {
  const device = program
    .command("device")
    .description(
      "list devices, add, rename or replace one, approve what announced itself, renew or end its credentials",
    );
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
    .option("--topic <topic>", "its own topic, where it cannot be set in the device")
    .option("--pin <number>", "of a wired sensor: its GPIO line; on a Pi the BCM number", pinOf)
    .option("--chip <label>", "of a wired sensor: the GPIO chip, if it is not the Pi's own")
    .option(
      "--active-low",
      "of a wired sensor: the line is 0 while it speaks, as for a contact between the pin and GND",
    )
    .addOption(
      new Option("--pull <way>", "of a wired sensor: the pin's resistor; up for a contact to GND").choices([
        "up",
        "down",
        "none",
      ]),
    )
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json, ...ask }: PairOptions) => {
      const kit = await accessTo(config === undefined ? {} : { config });
      const made = await kit.pairDevice(ask);
      if (json === true) print(JSON.stringify({ ...made, link: made.link ?? null }));
      else printCredentials(made, { print, isTerminal, broker: kit.broker });
    });
  addApproval(device, { print, accessTo });
  addDeviceChanges(device, { print, isTerminal, accessTo });
  device
    .command("credentials <id>")
    .description("new credentials for a device of the kit; its old ones end at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      const kit = await accessTo(options);
      const made = await kit.renewCredentials({ kind: "device", id });
      if (options.json === true) print(JSON.stringify({ ...made, link: made.link ?? null }));
      else printCredentials(made, { print, isTerminal, broker: kit.broker });
    });
  for (const [name, description, act, said] of CHANGES) {
    device
      .command(`${name} <id>`)
      .description(description)
      .option(...CONFIG_OPTION)
      .option("--json", "answer as JSON")
      .action(async (id: string, options: Options) => {
        await act(await accessTo(options), id);
        print(options.json === true ? JSON.stringify({ kind: "device", id, done: name }) : said(id));
      });
  }
}

/** Commands that only change something: name, description, what is done, and what is said then. */
const CHANGES: readonly (readonly [
  string,
  string,
  (kit: KitAccess, id: string) => Promise<void>,
  (id: string) => string,
])[] = [
  [
    "revoke",
    "end a device's login and its connection at once; it stays in the kit as not paired",
    (kit, id) => kit.revoke({ kind: "device", id }),
    (id) => `The login of ${id} has ended. A new one: hedgerow device credentials ${id}`,
  ],
  [
    "remove",
    "take a device out of the kit, its login with it",
    (kit, id) => kit.remove({ kind: "device", id }),
    (id) => `${id} is no device of the kit any more.`,
  ],
  [
    "pause",
    "stop using what a device says, until `resume`",
    (kit, id) => kit.pause({ id, isPaused: true }),
    (id) => `${id} is paused. To go on: hedgerow device resume ${id}`,
  ],
  [
    "resume",
    "use again what a paused device says",
    (kit, id) => kit.pause({ id, isPaused: false }),
    (id) => `${id} is heard again.`,
  ],
];

async function accessTo({ config }: Options): Promise<KitAccess> {
  return kitAccess(await loadSettings(await configFile(config)));
}

async function listDevices(kit: KitAccess, { json }: Options, print: Print): Promise<void> {
  const devices = await kit.listDevices();
  if (json === true) return print(JSON.stringify(devices));
  if (devices.length === 0) print("There is no device yet. Add one with: hedgerow device pair --profile P --zone Z");
  else {
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
  const { length } = await kit.listProposals();
  if (length > 0) print(`\n${length} ${length === 1 ? "waits" : "wait"} for approval: hedgerow device approve`);
}

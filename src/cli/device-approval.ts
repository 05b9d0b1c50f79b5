// `hedgerow device approve` and `dismiss`: what announced itself becomes a device of the kit, or is not shown again.
import type { Command } from "commander";
import type { ProposalView } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { CONFIG_OPTION } from "./config-file.ts";
import type { KitAccess } from "./kit-access.ts";
import { type Print, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type ApproveOptions = Options & { readonly zone?: string; readonly name?: string; readonly profile?: string };

type Deps = { readonly print: Print; readonly accessTo: (options: Options) => Promise<KitAccess> };

/** Adds the two commands below `device`. */
export function addApproval(device: Command, { print, accessTo }: Deps): void {
  device
    .command("approve [proposal]")
    .description("make what announced itself a device of the kit; without a proposal: list what waits")
    .option("--zone <zone>", "where it is, such as porch; not needed for a device of the kit that tells more now")
    .option("--name <name>", "what people call it, instead of the name it gives itself")
    .option("--profile <id>", "what it is, where its announcement does not tell")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (proposal: string | undefined, options: ApproveOptions) => {
      const kit = await accessTo(options);
      if (proposal === undefined) return listProposals(await kit.listProposals(), options, print);
      const { name, profile, json } = options;
      const zone = options.zone ?? (await zoneOfKnown(kit, proposal));
      if (zone === undefined)
        throw new GatewayError("USAGE", "approving a device needs the zone where it is", {
          hint: `Say where it is: hedgerow device approve ${proposal} --zone porch`,
        });
      const ask = { proposal, zone, ...(name !== undefined && { name }), ...(profile !== undefined && { profile }) };
      const { id } = await kit.approve(ask);
      print(json === true ? JSON.stringify({ id }) : `${id} is a device of the kit. Its next message is taken.`);
    });
  device
    .command("dismiss <proposal>")
    .description("do not show this proposal again until the gateway restarts")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (proposal: string, options: Options) => {
      await (await accessTo(options)).dismiss({ proposal });
      print(options.json === true ? JSON.stringify({ proposal, done: "dismiss" }) : "It is not shown again.");
    });
}

/** Where the device stands already, if the proposal is about one of the kit. */
async function zoneOfKnown(kit: KitAccess, proposal: string): Promise<string | undefined> {
  const deviceId = (await kit.listProposals()).find(({ id }) => id === proposal)?.deviceId;
  return (await kit.listDevices()).find(({ id }) => id === deviceId)?.zone;
}

function listProposals(proposals: readonly ProposalView[], { json }: Options, print: Print): void {
  if (json === true) return print(JSON.stringify(proposals));
  if (proposals.length === 0)
    return print("Nothing waits for approval. What a bridge or device announces is shown here within a minute.");
  const rows = proposals.map(({ id, name, topic, via, profile, why, kinds, deviceId, heardAt }) => [
    id,
    deviceId === null ? name : `${name} (device ${deviceId} tells more)`,
    topic,
    via,
    profile ?? `needs --profile: ${why ?? ""}`,
    kinds.join(" "),
    heardAt,
  ]);
  printTable([["proposal", "name", "topic", "through", "profile", "reads", "heard"], ...rows], print);
  print("\nTo take one: hedgerow device approve PROPOSAL --zone ZONE [--name NAME] [--profile PROFILE]");
}

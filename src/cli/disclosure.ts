// `hedgerow disclosure`: who was given what of this house's data by hand, and on which ground.
import { type Command, Option } from "commander";
import { DISCLOSURE_GROUNDS, type DisclosureEntry, type DisclosureGround } from "../core/disclosure-commands.ts";
import { CONFIG_OPTION } from "./config-file.ts";
import { houseAccess } from "./erase-access.ts";
import { type Print, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type AddOptions = Options & {
  readonly to: string;
  readonly what: string;
  readonly ground: DisclosureGround;
  readonly detail?: string;
  readonly requestedAt?: string;
};

/** Adds the command to the program. `print` takes the answer. */
export function addDisclosure(program: Command, print: Print = console.log): void {
  const disclosure = program
    .command("disclosure")
    .description("who was given what of the data by hand, and on which ground; the public sees counts alone");
  disclosure
    .command("add")
    .description("enter that somebody was given something; the ledger gets a line of it, without a word")
    .requiredOption("--to <who>", "who was given it")
    .requiredOption("--what <text>", "what it was, such as two pictures of 20 November")
    .addOption(
      new Option(
        "--ground <ground>",
        "data-subject: the person concerned asked; order: of a court or the police; research: agreed by the association",
      )
        .choices(DISCLOSURE_GROUNDS)
        .makeOptionMandatory(),
    )
    .option("--detail <text>", "more on the ground, such as the number of a file")
    .option("--requested-at <day>", "when it was asked for, such as 2026-11-20")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json, ...fields }: AddOptions) => {
      const ask = { ...fields, by: null };
      const house = await houseAccess(config === undefined ? {} : { config });
      const entry = await house.act("addDisclosure", ask, ({ disclosureLog }) => disclosureLog.addDisclosure(ask));
      print(json === true ? JSON.stringify(entry) : `Entered as number ${entry.number}.`);
    });
  disclosure
    .command("list")
    .description("all entries, the newest first")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json }: Options) => {
      const house = await houseAccess(config === undefined ? {} : { config });
      const all = await house.act("listDisclosures", {}, ({ disclosureLog }) => disclosureLog.listDisclosures());
      if (json === true) return print(JSON.stringify(all));
      if (all.length === 0) return print("Nobody was given anything.");
      printTable([["number", "entered", "to", "what", "ground", "detail", "requested"], ...all.map(rowOf)], print);
    });
}

function rowOf({ number, at, to, what, ground, detail, requestedAt }: DisclosureEntry): string[] {
  return [String(number), at.slice(0, 10), to, what, ground, detail, requestedAt ?? ""];
}

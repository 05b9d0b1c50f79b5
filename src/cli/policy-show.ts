// `hedgerow policy show`: what policy.yaml says, in plain words. How an area that is painted over is called stands here, and not on
// the public page: who reads the file reads its names.
import type { Command } from "commander";
import { type PolicyWords, policyWords, type WordsOn } from "../policy/words.ts";
import { CONFIG_OPTION } from "./config-file.ts";
import { languageAsked, readPolicy } from "./policy-file.ts";
import type { Print } from "./print.ts";

type Options = {
  readonly config?: string;
  readonly policy?: string;
  readonly language?: string;
  readonly json?: true;
};

/** Adds it to `hedgerow policy`. `print` takes a line, which may hold what people wrote. */
export function addShow(policy: Command, print: Print): void {
  policy
    .command("show")
    .description("what the policy's file says, in plain words (what of it is only announced: hedgerow status)")
    .option(...CONFIG_OPTION)
    .option("--policy <file>", "a policy alone, in place of the one that gateway.yaml names")
    .option("--language <tag>", "of the words, such as es; otherwise English")
    .option("--json", "answer as JSON")
    .action(async ({ language, json, ...named }: Options) => {
      const { policy: shown, sha256, gateway, today } = await readPolicy(named);
      const cell = gateway === null ? {} : { cell: gateway.gateway.cell ?? null };
      const words = policyWords({ policy: shown, language: languageAsked(language), today, ...cell });
      if (json === true)
        return print(JSON.stringify({ sha256, controller: shown.controller, languages: shown.languages, ...words }));
      print(`${shown.controller.name}, ${shown.controller.contact}`);
      print(`policy ${sha256}`);
      for (const line of linesOf(words)) print(line);
    });
}

function linesOf({ noticed, cameras, quiet, kept, outside, never, rights, changes }: PolicyWords): string[] {
  const lines = ({ title, sentences }: WordsOn): string[] => ["", title, ...sentences.map((each) => `  ${each}`)];
  return [
    ...lines(noticed),
    ...lines(cameras),
    ...cameras.each.flatMap(({ id, purpose, sentences }) => [
      `  ${id}: ${purpose.text}`,
      ...sentences.map((each) => `    ${each}`),
    ]),
    ...[quiet, kept, outside, never, rights, changes].flatMap((section) => (section === null ? [] : lines(section))),
  ];
}

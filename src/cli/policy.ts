// `hedgerow policy`: what was agreed, and what one policy allows more or less than another, in words.
import type { Command } from "commander";
import type { Language } from "../languages/say.ts";
import { type Effect, type PolicyChange, sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import { loadPolicy } from "../settings/load.ts";
import { callerPath } from "./config-file.ts";
import { languageAsked } from "./policy-file.ts";
import { addPapers } from "./policy-papers.ts";
import { addShow } from "./policy-show.ts";
import type { Print } from "./print.ts";

type DiffOptions = { readonly language?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer. */
export function addPolicy(program: Command, print: Print = console.log): void {
  const policy = program.command("policy").description("what was agreed: in words, and how it changes");
  // Names and purposes are people's: nothing in them acts on a terminal.
  const printPlain: Print = (line) => print(line.replaceAll(/\p{Cc}/gu, " "));
  addShow(policy, printPlain);
  addPapers(policy, print);
  policy
    .command("diff <old> <new>")
    .description("what the newer policy file makes tighter and looser, in words")
    .option("--language <tag>", "of the words, such as es; otherwise English")
    .option("--json", "answer as JSON")
    .action(async (older: string, newer: string, { language, json }: DiffOptions) => {
      const before = await loadPolicy(callerPath(older));
      const now = await loadPolicy(callerPath(newer));
      const words = languageAsked(language);
      const changes = comparePolicies(before.policy, now.policy);
      if (json === true) return print(JSON.stringify(asJson({ before, now, changes, words })));
      printDiff({ changes, words, noticeHours: before.policy.changes.noticeHours, print: printPlain });
    });
}

type Named = Awaited<ReturnType<typeof loadPolicy>>;
type Diff = { readonly changes: readonly PolicyChange[]; readonly words: Language };

function asJson({ before, now, changes, words }: Diff & { before: Named; now: Named }): unknown {
  return {
    before: before.sha256,
    now: now.sha256,
    noticeHours: before.policy.changes.noticeHours,
    changes: changes.map((change) => ({ ...change, text: sayChange(change, words) })),
  };
}

/** `noticeHours`: of the older one, since it is in force until the newer one holds. */
function printDiff({ changes, words, noticeHours, print }: Diff & { noticeHours: number; print: Print }): void {
  const say = (effect: Effect, heading: string): void => {
    const group = changes.filter((change) => change.effect === effect);
    if (group.length === 0) return;
    print(heading);
    for (const change of group) print(`  ${sayChange(change, words)}`);
  };
  if (changes.length === 0) return print(words.say("change.none"));
  say("tighter", words.say("change.tighter"));
  say(
    "looser",
    noticeHours === 0
      ? words.say("change.looser-at-once")
      : words.say("change.looser", { hours: words.hours(noticeHours) }),
  );
  say("changed", words.say("change.changed"));
}

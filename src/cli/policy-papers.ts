// `hedgerow policy sign`: what is printed from the policy, in each of its languages. Needs no running gateway.
import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { dayIn } from "../core/day-times.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { type Language, languageOf, languageTags } from "../languages/say.ts";
import { signOf } from "../policy/sign.ts";
import { loadPolicy, loadSettings } from "../settings/load.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import { publicLink } from "../web/public-link.ts";
import { signDocument } from "../web/sign-page.ts";
import { callerPath, CONFIG_OPTION, configFile } from "./config-file.ts";
import type { Print } from "./print.ts";

type Options = {
  readonly config?: string;
  readonly policy?: string;
  readonly language?: string;
  readonly out?: string;
  readonly url?: string;
  readonly json?: true;
};

/** Adds the papers to `hedgerow policy`. `print` takes them where no --out is given, `warn` what is missing in them. */
export function addPapers(policy: Command, print: Print = console.log, warn: Print = console.error): void {
  paper(policy, "sign", "the sign for the fence as HTML for print: one A4 page for each language")
    .option("--url <url>", "the address at which residents find the local page, for the QR code")
    .action(async (options: Options) => {
      const read = await readPolicy(options);
      const address = options.url ?? read.gateway?.status.publicUrl;
      const sheets = languagesFor(read.policy, options.language, warn).map((language) => ({
        language,
        sign: signOf({ ...read, link: linkFor(address, language) }, language),
      }));
      if (address === undefined)
        warn("warning: the sign has no QR code: name the page's address with --url, or write status.publicUrl");
      const [first, ...others] = sheets;
      if (first === undefined) throw new GatewayError("INTERNAL", "a sign without a language");
      const css = await readFile(new URL("../web/assets/sign.css", import.meta.url), "utf8");
      await give(String(await signDocument([first, ...others], { css })), options, print);
    });
}

function paper(policy: Command, name: string, description: string): Command {
  return policy
    .command(name)
    .description(description)
    .option(...CONFIG_OPTION)
    .option("--policy <file>", "a policy alone, in place of the one that gateway.yaml names")
    .option("--language <tag>", "in this language only; otherwise in each that the policy names")
    .option("--out <file>", "where to; otherwise standard output");
}

type Read = {
  readonly policy: Policy;
  readonly sha256: string;
  /** Null where a policy alone was given. */
  readonly gateway: GatewaySettings | null;
  readonly platforms: readonly string[] | null;
  readonly today: string;
};

async function readPolicy({ config, policy: file }: Options): Promise<Read> {
  if (file !== undefined && config === undefined)
    return { ...(await loadPolicy(callerPath(file))), gateway: null, platforms: null, today: todayIn("UTC") };
  const { gateway, policy, policySha256 } = await loadSettings(await configFile(config));
  const named = file === undefined ? { policy, sha256: policySha256 } : await loadPolicy(callerPath(file));
  const platforms = gateway.platform.map(({ url }) => new URL(url).host);
  return { ...named, gateway, platforms, today: todayIn(gateway.gateway.timezone) };
}

function todayIn(timezone: string): string {
  return dayIn(timezone, systemClock.nowMs());
}

function linkFor(address: string | undefined, language: Language) {
  if (address === undefined) return null;
  const link = publicLink(address, language);
  if (link !== null) return link;
  throw new GatewayError("USAGE", `phones cannot open ${address}`, {
    hint: "Give an address as residents reach it, such as http://hedgerow.local:8080; not localhost.",
  });
}

/** Those of the policy that there are words for; at least one. */
function languagesFor({ languages }: Policy, asked: string | undefined, warn: Print): readonly Language[] {
  if (asked !== undefined) {
    if (isSpoken(asked)) return [languageOf(asked)];
    throw new GatewayError("USAGE", `there are no words in ${JSON.stringify(asked)}`, {
      hint: `There are ${languageTags().join(", ")}.`,
    });
  }
  for (const tag of languages.filter((each) => !isSpoken(each)))
    warn(`warning: the policy names the language ${JSON.stringify(tag)}, for which there are no words`);
  const spoken = [...new Set(languages.filter(isSpoken).map(languageOf))];
  return spoken.length === 0 ? [languageOf("en")] : spoken;
}

function isSpoken(tag: string): boolean {
  const first = (each: string): string | undefined => each.toLowerCase().split("-")[0];
  return first(languageOf(tag).tag) === first(tag);
}

async function give(text: string, { out }: Options, print: Print): Promise<void> {
  if (out === undefined) return print(text);
  const path = callerPath(out);
  try {
    await writeFile(path, `${text}\n`);
  } catch (cause) {
    throw new GatewayError("USAGE", `cannot write ${path}: ${messageOf(cause)}`, {
      hint: "Name a file in a folder where you may write.",
      cause,
    });
  }
}

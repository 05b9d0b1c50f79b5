// `hedgerow policy sign`: what is printed from the policy, in each of its languages. Needs no running gateway.
import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { GatewayError, messageOf } from "../core/errors.ts";
import { type Language, languageOf } from "../languages/say.ts";
import { signOf } from "../policy/sign.ts";
import type { Policy } from "../settings/schema.ts";
import { publicLink } from "../web/public-link.ts";
import { signDocument } from "../web/sign-page.ts";
import { callerPath, CONFIG_OPTION } from "./config-file.ts";
import { isSpoken, languageAsked, type ReadPolicy, readPolicy } from "./policy-file.ts";
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
      const read = await readWithPlatforms(options);
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

type Read = ReadPolicy & { readonly platforms: readonly string[] | null };

async function readWithPlatforms(options: Options): Promise<Read> {
  const read = await readPolicy(options);
  return { ...read, platforms: read.gateway?.platform.map(({ url }) => new URL(url).host) ?? null };
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
  if (asked !== undefined) return [languageAsked(asked)];
  for (const tag of languages.filter((each) => !isSpoken(each)))
    warn(`warning: the policy names the language ${JSON.stringify(tag)}, for which there are no words`);
  const spoken = [...new Set(languages.filter(isSpoken).map(languageOf))];
  return spoken.length === 0 ? [languageOf("en")] : spoken;
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

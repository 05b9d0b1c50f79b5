// `hedgerow policy sign`, `record`, `dpia`, `register`: what is printed from the policy, in each of its languages. None of them needs
// a running gateway; they say what the file says, also where the gateway still announces it.
import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { GatewayError, messageOf } from "../core/errors.ts";
import { type Language, languageOf } from "../languages/say.ts";
import { dpiaOf } from "../policy/dpia.ts";
import { type PaperOf, receiversOf } from "../policy/paper.ts";
import { recordOf } from "../policy/record.ts";
import { registerOf, registerSchemaText } from "../policy/register.ts";
import { signOf } from "../policy/sign.ts";
import type { Policy } from "../settings/schema.ts";
import { paperDocument } from "../web/paper-page.ts";
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
      const read = await readForPapers(options);
      const address = options.url ?? read.gateway?.status.publicUrl;
      const sheets = languagesFor(read.policy, options.language, warn).map((language) => ({
        language,
        sign: signOf({ ...read, link: linkFor(address, language) }, language),
      }));
      if (address === undefined)
        warn("warning: the sign has no QR code: name the page's address with --url, or write status.publicUrl");
      const [first, ...others] = sheets;
      if (first === undefined) throw new GatewayError("INTERNAL", "a sign without a language");
      await give(String(await signDocument([first, ...others], { css: await sheet("sign.css") })), options, print);
    });
  for (const [name, description, made] of PAPERS) {
    paper(policy, name, description)
      .option("--json", "as JSON, in one language")
      .action(async (options: Options) => {
        const read = await readForPapers(options);
        const papers = languagesFor(read.policy, options.language, warn).map((language) => ({
          language,
          paper: made(read, language),
        }));
        const [first, ...others] = papers;
        if (first === undefined) throw new GatewayError("INTERNAL", "a paper without a language");
        if (options.json === true) return await give(JSON.stringify(first.paper, null, 2), options, print);
        await give(String(await paperDocument([first, ...others], { css: await sheet("paper.css") })), options, print);
      });
  }
  policy
    .command("register")
    .description("an entry for a public register of sensors, as JSON (config/register.schema.json)")
    .option(...CONFIG_OPTION)
    .option("--policy <file>", "a policy alone, in place of the one that gateway.yaml names")
    .option("--out <file>", "where to; otherwise standard output")
    .option("--url <url>", "the address at which residents find the local page")
    .option("--schema", "print the JSON Schema of an entry instead")
    .action(async ({ schema, ...options }: Options & { readonly schema?: true }) => {
      if (schema === true) return await give(registerSchemaText().trimEnd(), options, print);
      const read = await readForPapers(options);
      const link = linkFor(options.url ?? read.gateway?.status.publicUrl, languageOf(read.policy.languages[0] ?? "en"));
      const entry = registerOf({ ...read, gateway: read.gateway?.gateway.id ?? null, link: link?.url ?? null });
      await give(JSON.stringify(entry, null, 2), options, print);
    });
}

const PAPERS = [
  ["record", "the record of processing (GDPR, Article 30) as HTML, with what is left to fill in", recordOf],
  ["dpia", "the start of an impact assessment (GDPR, Article 35) as HTML, with what is left to answer", dpiaOf],
] as const;

function sheet(name: "sign.css" | "paper.css"): Promise<string> {
  return readFile(new URL(`../web/assets/${name}`, import.meta.url), "utf8");
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

type Read = ReadPolicy & PaperOf & { readonly platforms: readonly string[] | null };

async function readForPapers(options: Options): Promise<Read> {
  const read = await readPolicy(options);
  const receivers = read.gateway === null ? null : receiversOf(read.gateway.platform);
  const platforms = receivers?.map(({ host }) => host) ?? null;
  const cell = read.gateway === null ? undefined : (read.gateway.gateway.cell ?? null);
  return { ...read, receivers, platforms, cell };
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

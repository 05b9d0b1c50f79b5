// `hedgerow init`: the first configuration of a new gateway, so that it starts and everything else is asked on its page.
import { randomBytes } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { syncDirectory } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { languageTags } from "../languages/say.ts";
import { readDocument } from "../settings/document.ts";
import { type FirstFacts, firstGateway, firstPolicy } from "../settings/first-files.ts";
import { parseWith } from "../settings/issues.ts";
import { SCHEMAS } from "../settings/schema.ts";
import { callerPath } from "./config-file.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly id?: string; readonly dataDir: string; readonly json?: true };

/** Read by root and by the service; secrets are in files of their own. */
const MODE = 0o640;

/** Adds the command to the program. `print` takes the answer. */
export function addInit(program: Command, print: Print = console.log): void {
  program
    .command("init")
    .description("write the first gateway.yaml and policy.yaml; the rest is asked on the gateway's page")
    .option("--config <file>", "gateway.yaml to write (otherwise $HEDGEROW_CONFIG or ./gateway.yaml)")
    .option("--id <id>", "the gateway's name towards the platform, which never changes (otherwise made)")
    .option("--data-dir <dir>", "where the data will lie, relative to gateway.yaml", "./data")
    .option("--json", "answer as JSON")
    .action(async ({ config, id = `hedgerow-${randomBytes(3).toString("hex")}`, dataDir, json }: Options) => {
      const named = config ?? process.env["HEDGEROW_CONFIG"];
      const file = callerPath(named === undefined || named === "" ? "gateway.yaml" : named);
      const facts = { id, dataDir, timezone: timezoneHere(), language: languageHere() };
      const { policy, written } = await writeFirst(file, facts);
      if (json === true) return print(JSON.stringify({ config: file, policy, written }));
      for (const each of [file, policy]) print(written.includes(each) ? `written: ${each}` : `kept as it is: ${each}`);
      print("Next: start the gateway, open its page, and type the set-up code. The page asks for all else.");
    });
}

/** What is there is kept, whatever it says. Throws USAGE for an id that cannot be one, CONFIG_UNREADABLE where nothing can be written. */
async function writeFirst(
  file: string,
  facts: FirstFacts,
): Promise<{ readonly policy: string; readonly written: readonly string[] }> {
  if (parseWith(SCHEMAS.gateway.shape.gateway, { id: facts.id }).kind === "wrong")
    throw new GatewayError("USAGE", `"${facts.id}" is no name for a gateway: use a-z, 0-9 and -, 63 letters at most`);
  const isFresh = await writeNew(file, firstGateway(facts));
  const { value } = await readDocument(file, SCHEMAS.gateway);
  const policy = resolve(dirname(file), value?.policy ?? "./policy.yaml");
  const isPolicyFresh = await writeNew(policy, firstPolicy(facts));
  return { policy, written: [...(isFresh ? [file] : []), ...(isPolicyFresh ? [policy] : [])] };
}

/** False when there is such a file already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const file = await open(path, "wx", MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(dirname(path));
    return true;
  } catch (cause) {
    if (systemCodeOf(cause) === "EEXIST") return false;
    throw new GatewayError("CONFIG_UNREADABLE", `cannot write ${path}: ${messageOf(cause)}`, {
      hint: "Use sudo, or name another place with --config.",
      cause,
    });
  }
}

function timezoneHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The machine's, where there are words in it. */
function languageHere(): string {
  const tag = new Intl.DateTimeFormat().resolvedOptions().locale.split("-")[0] ?? "en";
  return languageTags().includes(tag) ? tag : "en";
}

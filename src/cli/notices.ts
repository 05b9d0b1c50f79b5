// `hedgerow notices test`: a test message by each way that gateway.yaml names, from here, whether the gateway runs or not.
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { NoticeTest } from "../core/notices-commands.ts";
import { createSigner } from "../forward/signature.ts";
import { languageOf } from "../languages/say.ts";
import { NOTICES_LIMITS } from "../notices/notices-limits.ts";
import { testMessage, waysOf } from "../notices/notices.ts";
import { loadSettings } from "../settings/load.ts";
import { readSecret } from "../settings/secrets.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { keyIn } from "./key.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer. */
export function addNotices(program: Command, print: Print = console.log): void {
  program
    .command("notices")
    .description("messages to who looks after the kit: test")
    .command("test")
    .description("send a test message by each way, and say what came of it")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json }: Options) => {
      const tests = await tested(config);
      if (json === true) print(JSON.stringify(tests));
      else for (const test of tests) printTest(test, print);
      if (tests.some(({ failure }) => failure !== null)) process.exitCode = 1;
    });
}

async function tested(config: string | undefined): Promise<readonly NoticeTest[]> {
  const { gateway } = await loadSettings(await configFile(config));
  const { notices, status } = gateway;
  // Also to read the secrets as the user whom they belong to.
  const key = await keyIn(gateway.gateway.dataDir);
  const asked = { settings: notices, readSecret, sign: createSigner({ key }), clock: systemClock };
  const ways = waysOf({ ...asked, limits: NOTICES_LIMITS });
  if (ways.length === 0)
    throw new GatewayError("USAGE", "gateway.yaml names no way to send messages", {
      hint: "Set one up on the page Messages, or write `notices` into gateway.yaml (see config/gateway.example.yaml).",
    });
  const { timezone } = gateway.gateway;
  const message = testMessage({ settings: notices, timezone, page: status.publicUrl ?? null, clock: systemClock });
  const stop = new AbortController().signal; // each way has its own bound
  return await Promise.all(
    ways.map(async (way) => {
      const { failure } = await way.send(message, stop);
      return { id: way.id, kind: way.kind, host: way.host, failure };
    }),
  );
}

function printTest({ kind, host, failure }: NoticeTest, print: Print): void {
  if (failure === null) return print(`${kind} ${host}: accepted`);
  const { say } = languageOf("en");
  const { problem, said } = failure;
  print(`${kind} ${host}: ${say(`notices.problem-${problem}`)} ${say(`notices.remedy-${problem}`)}`);
  if (said !== null) print(`  it said: ${said.replaceAll(/\p{Cc}/gu, " ")}`);
}

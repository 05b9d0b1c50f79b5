// `hedgerow token …`: what programs such as Home Assistant come in with; through the running gateway, or where none runs on the
// registry itself.
import { type Command, Option } from "commander";
import { systemClock } from "../core/clock.ts";
import { openLog } from "../core/log.ts";
import { TOKEN_SCOPES, type TokenCommands, type TokenScope, type TokenView } from "../core/people-commands.ts";
import { createTokenCommands } from "../registry/tokens.ts";
import { loadSettings, type Settings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf, withRegistry } from "./kit-access.ts";
import { type Print, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type AddOptions = Options & { readonly may: readonly TokenScope[] };

/** Who made a token that was made here. */
const BY = "command-line";

export function addToken(program: Command, print: Print = console.log): void {
  const token = program.command("token").description("tokens of programs, such as Home Assistant: list, add, remove");
  token
    .command("list")
    .description("which programs have one, and what each may do")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (options: Options) => listTokens(await tokens(options).list(), options, print));
  token
    .command("add <name>")
    .description("make one for a program; prints it, once")
    .addOption(
      new Option("--may <scopes...>", "status: read it; metrics: read the numbers; switch: switch lamps")
        .choices([...TOKEN_SCOPES])
        .makeOptionMandatory(),
    )
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (name: string, { may, ...options }: AddOptions) => {
      const made = await tokens(options).add({ name, may, by: BY });
      if (options.json === true)
        return print(JSON.stringify({ id: made.id, name: made.name, may: made.may, token: made.token }));
      print(`id     ${made.id}`);
      print(`may    ${made.may.join(", ")}`);
      print(`token  ${made.token}   (shown only now)`);
    });
  token
    .command("remove <id>")
    .description("end one at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      await tokens(options).remove({ id });
      print(options.json === true ? JSON.stringify({ id, done: "remove" }) : `The token ${id} works no more.`);
    });
}

/** Each call finds out anew whether a gateway runs. All throw what core/people-commands.ts says, and DATA_DIR_LOCKED. */
function tokens({ config }: Options) {
  const open = async (): Promise<Settings> => {
    const settings = await loadSettings(await configFile(config));
    await becomeOwnerOf(settings.gateway.gateway.dataDir);
    return settings;
  };
  const alone = <T>(settings: Settings, use: (commands: TokenCommands) => T | Promise<T>): Promise<T> =>
    withRegistry(settings, ({ registry }) =>
      use(createTokenCommands({ registry, clock: systemClock, log: openLog({ level: "warn", fd: 2 }) })),
    );
  const dataDirOf = (settings: Settings): string => settings.gateway.gateway.dataDir;
  return {
    async list(): Promise<readonly TokenView[]> {
      const at = await open();
      return (await callGateway(dataDirOf(at), "listTokens", {})) ?? alone(at, (commands) => commands.listTokens());
    },
    async add({ name, may, by }: Parameters<TokenCommands["addToken"]>[0]): ReturnType<TokenCommands["addToken"]> {
      const at = await open();
      const ask = { name, may: [...may], by };
      return (await callGateway(dataDirOf(at), "addToken", ask)) ?? alone(at, (commands) => commands.addToken(ask));
    },
    async remove(ask: Parameters<TokenCommands["removeToken"]>[0]): Promise<void> {
      const at = await open();
      if ((await callGateway(dataDirOf(at), "removeToken", ask)) === null)
        await alone(at, (commands) => commands.removeToken(ask));
    },
  };
}

function listTokens(all: readonly TokenView[], { json }: Options, print: Print): void {
  if (json === true) return print(JSON.stringify(all));
  if (all.length === 0) return print("No program has a token.");
  const rows = all.map(({ id, name, may, by, usedAt }) => [id, name, may.join(" "), by, usedAt ?? "not yet"]);
  printTable([["id", "name", "may", "made by", "last used"], ...rows], print);
}

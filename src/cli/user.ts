// `hedgerow user …`: who may come in by the local page; through the running gateway, or where none runs on the registry itself.
import { type Command, Option } from "commander";
import { systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { openLog } from "../core/log.ts";
import type { UserCommands, UserLogin, UserRole, UserView } from "../core/user-commands.ts";
import { createUserCommands } from "../registry/users.ts";
import { loadSettings, type Settings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf, withRegistry } from "./kit-access.ts";
import { type Print, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };
type WordsOptions = Options & { readonly passphraseStdin?: true };
type AddOptions = WordsOptions & { readonly role: UserRole };
/** What of standard input is read. */
type Input = NodeJS.ReadableStream;

/** Adds the command to the program. `input`: where a passphrase comes from with --passphrase-stdin. */
export function addUser(
  program: Command,
  print: Print = console.log,
  _isTerminal = false,
  input: Input = process.stdin,
): void {
  const user = program.command("user").description("the accounts of the local page: list, add, reset, remove");
  const words = [
    "--passphrase-stdin",
    "take the passphrase from standard input (one line) instead of making one",
  ] as const;
  user
    .command("list")
    .description("who may come in, and as what")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (options: Options) => listUsers(await users(options).list(), options, print));
  user
    .command("add <name>")
    .description("add somebody; prints the passphrase that was made, once")
    .addOption(
      new Option("--role <role>", "steward: may change things; volunteer: may look")
        .choices(["steward", "volunteer"])
        .makeOptionMandatory(),
    )
    .option(...words)
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (name: string, options: AddOptions) => {
      const { role } = options;
      printLogin(await users(options).add({ user: name, role, ...(await given(options, input)) }), options, print);
    });
  user
    .command("reset <name>")
    .description("give somebody another passphrase; the old one and its sessions end at once")
    .option(...words)
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (name: string, options: WordsOptions) =>
      printLogin(await users(options).reset({ user: name, ...(await given(options, input)) }), options, print),
    );
  user
    .command("remove <name>")
    .description("end somebody's account and its sessions at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (name: string, options: Options) => {
      await users(options).remove({ user: name });
      print(
        options.json === true ? JSON.stringify({ user: name, done: "remove" }) : `${name} may not come in any more.`,
      );
    });
}

/** Each call finds out anew whether a gateway runs. All throw what core/user-commands.ts says, and DATA_DIR_LOCKED. */
function users({ config }: Options) {
  const open = async (): Promise<Settings> => {
    const settings = await loadSettings(await configFile(config));
    await becomeOwnerOf(settings.gateway.gateway.dataDir);
    return settings;
  };
  const alone = <T>(settings: Settings, use: (commands: UserCommands) => T | Promise<T>): Promise<T> =>
    withRegistry(settings, ({ registry }) =>
      use(createUserCommands({ registry, clock: systemClock, log: openLog({ level: "warn", fd: 2 }) })),
    );
  const dataDirOf = (settings: Settings): string => settings.gateway.gateway.dataDir;
  return {
    async list(): Promise<readonly UserView[]> {
      const at = await open();
      return (await callGateway(dataDirOf(at), "listUsers", {})) ?? alone(at, (commands) => commands.listUsers());
    },
    async add(ask: Parameters<UserCommands["addUser"]>[0]): Promise<UserLogin> {
      const at = await open();
      return (await callGateway(dataDirOf(at), "addUser", ask)) ?? alone(at, (commands) => commands.addUser(ask));
    },
    async reset(ask: Parameters<UserCommands["resetUser"]>[0]): Promise<UserLogin> {
      const at = await open();
      return (await callGateway(dataDirOf(at), "resetUser", ask)) ?? alone(at, (commands) => commands.resetUser(ask));
    },
    async remove(ask: Parameters<UserCommands["removeUser"]>[0]): Promise<void> {
      const at = await open();
      if ((await callGateway(dataDirOf(at), "removeUser", ask)) === null)
        await alone(at, (commands) => commands.removeUser(ask));
    },
  };
}

/** The first line of standard input where it was asked for. Throws USAGE when there is none, or it is too long. */
async function given({ passphraseStdin }: WordsOptions, input: Input): Promise<{ passphrase?: string }> {
  if (passphraseStdin !== true) return {};
  let text = "";
  for await (const part of input.setEncoding("utf8")) {
    text += String(part);
    if (text.includes("\n") || text.length > LIMITS.passphraseMax) break;
  }
  const [passphrase = ""] = text.split(/\r?\n/, 1);
  if (passphrase !== "" && passphrase.length <= LIMITS.passphraseMax) return { passphrase };
  throw new GatewayError("USAGE", `no line of at most ${LIMITS.passphraseMax} characters came on standard input`, {
    hint: "Such as: hedgerow user reset NAME --passphrase-stdin < FILE. Without the option one is made.",
  });
}

function printLogin({ user, role, passphrase }: UserLogin, { json }: Options, print: Print): void {
  if (json === true) return print(JSON.stringify({ user, role, passphrase }));
  print(`user        ${user}`);
  print(`role        ${role}`);
  if (passphrase !== null) print(`passphrase  ${passphrase}   (shown only now)`);
}

function listUsers(all: readonly UserView[], { json }: Options, print: Print): void {
  if (json === true) return print(JSON.stringify(all));
  if (all.length === 0) return print("There is nobody yet. The set-up code makes the first steward on the local page.");
  printTable([["user", "role", "since"], ...all.map(({ user, role, createdAt }) => [user, role, createdAt])], print);
}

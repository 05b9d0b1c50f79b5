// `hedgerow doctor`: looks at this machine, all at once and within seconds, and says what to do. It changes nothing.
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { peekRegistry } from "../registry/durable-adapter.ts";
import { inspectSettings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { type Diagnosis, type Machine, note, ok, type Site, trouble, warning } from "./doctor/diagnosis.ts";
import { type Found, lookAround, SYSTEM } from "./doctor/look-around.ts";
import { becomeOwnerOf } from "./kit-access.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer; progress goes to standard error, if a person sees it. */
export function addDoctor(program: Command, print: Print = console.log): void {
  program
    .command("doctor")
    .description("look at this machine: programs, clock, disk, memory, power, ports, platform, cameras, face finder")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      "\nNothing is changed and no picture is taken. Exit code: 0 no trouble, 1 trouble, 2 wrong usage.",
    )
    .action(async ({ config, json }: Options) => {
      const machine = { ...SYSTEM, clock: systemClock };
      const found = await examine(machine, config, openProgress());
      if (json === true) print(JSON.stringify(asJson(found)));
      else printFound(found, print);
      if (hasTrouble(found)) process.exitCode = 1;
    });
}

/** All groups side by side. `done` is told the groups that are still being looked at. Throws nothing but defects. */
export async function examine(
  machine: Machine,
  config: string | undefined,
  done: (left: readonly string[]) => void = () => undefined,
): Promise<Found[]> {
  const { site, findings } = await openSite(config);
  const found = await lookAround({ machine, site }, done, new AbortController().signal);
  return [{ group: "settings", findings }, ...found];
}

/** What the settings say, or why they say nothing: then only the machine is looked at. */
async function openSite(config: string | undefined): Promise<{ site: Site | null; findings: Diagnosis[] }> {
  const only = "only the machine is looked at";
  try {
    const file = await configFile(config);
    const { settings, mistakes, warnings } = await inspectSettings(file);
    if (settings === null) {
      const count = mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`;
      return {
        site: null,
        findings: [trouble(`${file} has ${count}, so ${only}`, "hedgerow check names each, with its line.")],
      };
    }
    const { dataDir } = settings.gateway.gateway;
    await becomeOwnerOf(dataDir);
    const [kit, running] = await Promise.all([peekRegistry(dataDir), callGateway(dataDir, "status", {})]);
    const findings = [
      warnings.length === 0
        ? ok(`${file} and what it names are good`)
        : warning(
            `${file} and what it names are good, with ${warnings.length === 1 ? "an oddity" : `${warnings.length} oddities`}`,
            "hedgerow check names each, with its line.",
          ),
      running === null
        ? note(`no gateway runs on ${dataDir}`, "Start it: sudo systemctl start hedgerow, or hedgerow run")
        : ok(`the gateway runs, since ${running.gateway.startedAt}`),
    ];
    return { site: { settings, kit: kit ?? settings.kit, running }, findings };
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    const isAbsent = config === undefined && cause.code === "CONFIG_UNREADABLE";
    const text = `${cause.message}, so ${only}`;
    return { site: null, findings: [isAbsent ? note(text, cause.hint) : trouble(text, cause.hint)] };
  }
}

function hasTrouble(found: readonly Found[]): boolean {
  return found.some(({ findings }) => findings.some(({ state }) => state === "trouble"));
}

function asJson(found: readonly Found[]): unknown {
  return {
    ok: !hasTrouble(found),
    findings: found.flatMap(({ group, findings }) => findings.map((finding) => ({ group, ...finding }))),
  };
}

function printFound(found: readonly Found[], print: Print): void {
  for (const { group, findings } of found) {
    print(group);
    for (const { state, text, remedy } of findings) {
      print(`  ${state.padEnd(7)}  ${text}`);
      if (remedy !== null) print(`           → ${remedy}`);
    }
  }
  const count = (state: Diagnosis["state"]): number =>
    found.flatMap(({ findings }) => findings).filter((finding) => finding.state === state).length;
  const [troubles, warnings] = [count("trouble"), count("warning")];
  print("");
  if (troubles + warnings === 0) return print("all good");
  const counted = (n: number, what: string): string => `${n === 0 ? "no" : n} ${what}${n > 1 ? "s" : ""}`;
  print(`${counted(troubles, "trouble")}, ${counted(warnings, "warning")}`);
}

/** One line on standard error that names what is still being looked at; it is gone in the end. */
function openProgress(): (left: readonly string[]) => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => undefined;
  return (left) =>
    stderr.write(
      `\r\u001B[K${left.length === 0 ? "" : `looking at ${left.join(", ")} …`.slice(0, stderr.columns - 1)}`,
    );
}

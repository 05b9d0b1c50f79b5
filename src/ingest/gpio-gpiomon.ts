// GPIO lines by libgpiod's tools over the character device: hours from the kernel, and pulls that sysfs cannot set.
// The words of 1.6 (Debian 12) and 2.x (Debian 13) differ; both are spoken. A line has one user at a time, so its level is
// read before gpiomon holds it: a change in the milliseconds between shows at the next edge.
import { createInterface } from "node:readline";
import { type RunningProgram, runProgram, startProgram } from "../core/child-process.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { type Chip, chosenChip } from "./gpio-chips.ts";
import { type GpioLine, type GpioLines, type Level, type LineAsk, lineName } from "./gpio-lines.ts";

/** `path`: where the tools are looked for, as in PATH. `monotonicNs`: the kernel's CLOCK_MONOTONIC. */
type Deps = { readonly nowMs: () => number; readonly path?: string; readonly monotonicNs?: () => bigint };

/** Opens nothing yet. */
export function gpiomonLines({ nowMs, path, monotonicNs = () => process.hrtime.bigint() }: Deps): GpioLines {
  const tools = { nowMs, monotonicNs, ...(path !== undefined && { path }) };
  return {
    async open(ask, onChange) {
      const { version, chips } = await detect(tools);
      const { name } = chosenChip(chips, ask);
      try {
        const before = await run(tools, wordsOfGet({ version, chip: name, ask }));
        const level = levelOf(before);
        if (level === null) throw new Error(`gpioget said ${JSON.stringify(before.slice(0, 40))}`);
        return monitored({
          tools,
          version,
          command: wordsOfMonitor({ version, chip: name, ask }),
          level,
          ask,
          onChange,
        });
      } catch (cause) {
        throw refusalOf(cause, ask);
      }
    },
  };
}

/** The chips as gpiodetect names them. Throws GPIO_UNAVAILABLE. */
export async function detectChips(deps: Pick<Deps, "path"> = {}): Promise<readonly Pick<Chip, "label" | "ngpio">[]> {
  return (await detect(deps)).chips;
}

/** Whether the tools are installed. */
export async function hasGpiomon(deps: Pick<Deps, "path"> = {}): Promise<boolean> {
  return await run(deps, ["gpiomon", "--version"]).then(
    () => true,
    () => false,
  );
}

type Version = 1 | 2;
type NamedChip = Pick<Chip, "label" | "ngpio"> & { readonly name: string };
type Tools = Required<Pick<Deps, "nowMs" | "monotonicNs">> & Pick<Deps, "path">;

/** `gpiochip0 [pinctrl-bcm2711] (58 lines)`, one a line. */
const DETECTED = /^(gpiochip\d+) \[(.*)\] \((\d+) lines\)$/;

async function detect(
  tools: Pick<Deps, "path">,
): Promise<{ readonly version: Version; readonly chips: readonly NamedChip[] }> {
  try {
    const version = / v1\./.test(await run(tools, ["gpiodetect", "--version"])) ? 1 : 2;
    const said = await run(tools, ["gpiodetect"]);
    const chips = said.split("\n").flatMap((line) => {
      const [, name, label, lines] = DETECTED.exec(line) ?? [];
      return name === undefined || label === undefined ? [] : [{ name, label, ngpio: Number(lines) }];
    });
    return { version, chips };
  } catch (cause) {
    throw new GatewayError("GPIO_UNAVAILABLE", `gpiodetect cannot look for GPIO chips: ${messageOf(cause)}`, { cause });
  }
}

type Words = { readonly version: Version; readonly chip: string; readonly ask: LineAsk };

/** Reads the level once. */
export function wordsOfGet({ version, chip, ask }: Words): [string, ...string[]] {
  const numeric = version === 1 ? [] : ["--numeric"];
  return ["gpioget", ...numeric, ...common({ version, ask }), ...place({ version, chip, ask })];
}

/** Prints a line for each edge: kind of edge, a space, seconds, a dot, nanoseconds. */
export function wordsOfMonitor({ version, chip, ask }: Words): [string, ...string[]] {
  const own = version === 1 ? ["--line-buffered", "--format=%e %s.%n"] : ["--format=%e %S", "--event-clock=monotonic"];
  return ["gpiomon", ...own, ...common({ version, ask }), ...place({ version, chip, ask })];
}

function common({ version, ask: { activeLow, pull } }: Omit<Words, "chip">): string[] {
  const biases = { up: "pull-up", down: "pull-down", none: version === 1 ? "disable" : "disabled" };
  return [...(activeLow ? ["--active-low"] : []), ...(pull === undefined ? [] : [`--bias=${biases[pull]}`])];
}

function place({ version, chip, ask: { pin } }: Words): string[] {
  return version === 1 ? [chip, String(pin)] : [`--chip=${chip}`, String(pin)];
}

function levelOf(text: string): Level | null {
  if (/^"?.*\b1"?\s*$/.test(text)) return 1;
  return /^"?.*\b0"?\s*$/.test(text) ? 0 : null;
}

/**
 * One printed edge: the level it led to, and how long ago it was by the kernel (ns since boot, as the event's), or null for
 * another line. Rising is 1 in both versions; falling is 0 in 1.6 and 2 in 2.x.
 */
export function edgeOf(line: string): { readonly level: Level; readonly atNs: bigint } | null {
  const [, kind, seconds, nanoseconds = ""] = /^([012])\s+(\d{1,12})\.(\d{1,9})$/.exec(line.trim()) ?? [];
  if (kind === undefined || seconds === undefined) return null;
  // 1.6 prints the nanoseconds without leading zeros, 2.x with them; as a number they are the same.
  return { level: kind === "1" ? 1 : 0, atNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds) };
}

type Monitoring = {
  readonly tools: Tools;
  readonly version: Version;
  readonly command: [string, ...string[]];
  readonly level: Level;
  readonly ask: LineAsk;
  readonly onChange: (level: Level, atMs: number) => void;
};

function monitored({ tools, command, level, ask, onChange }: Monitoring): GpioLine {
  const program: RunningProgram = startProgram({ command, ...pathOf(tools) });
  let now = level;
  let state: "open" | "gone" | "closed" = "open";
  const lines = createInterface({ input: program.output });
  lines.on("line", (line) => {
    const edge = edgeOf(line);
    if (edge === null || state !== "open") return;
    now = edge.level;
    onChange(edge.level, hourOf(edge.atNs, tools));
  });
  const ended = program.ended.then((how) => {
    if (state === "open") state = "gone";
    return `gpiomon: ${how}`;
  });
  return {
    ended,
    isReadable: false,
    value: () => (state === "open" ? Promise.resolve(now) : Promise.reject(new Error(`${lineName(ask)} is ${state}`))),
    async [Symbol.asyncDispose]() {
      if (state === "open") state = "closed";
      program.kill();
      lines.close();
      await ended;
    },
  };
}

/** The hour of an edge. Kernels before 5.7 stamp by the wall clock: an age that makes no sense is now. */
function hourOf(atNs: bigint, { nowMs, monotonicNs }: Tools): number {
  const ageMs = Number((monotonicNs() - atNs) / 1_000_000n);
  return nowMs() - (ageMs >= 0 && ageMs < LIMITS.gpioEdgeAgeMs ? ageMs : 0);
}

async function run(tools: Pick<Deps, "path">, command: [string, ...string[]]): Promise<string> {
  return await runProgram({
    command,
    ...pathOf(tools),
    timeoutMs: LIMITS.gpioToolMs,
    outputBytesMax: LIMITS.gpioToolBytes,
  });
}

function pathOf({ path }: Pick<Deps, "path">): { readonly path?: string } {
  return path === undefined ? {} : { path };
}

function refusalOf(cause: unknown, ask: LineAsk): GatewayError {
  const why = messageOf(cause);
  const hint = /busy/i.test(why)
    ? "Another program uses this pin. Stop it, or choose another pin and correct it in kit.yaml."
    : "Let the service use GPIO: `sudo systemd/install gpio`, then `sudo systemctl restart hedgerow`.";
  return new GatewayError("GPIO_UNAVAILABLE", `${lineName(ask)} cannot be opened: ${why}`, { hint, cause });
}

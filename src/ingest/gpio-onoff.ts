// GPIO lines by onoff, over the kernel's sysfs: the one door to onoff, which is loaded only when a kit has a wired sensor.
// Traps of onoff 6 that this file exists for: it takes raw numbers (gpio-chips.ts); it turns a pin that somebody else uses
// as an output into an input; it reports what it reads after the event, so that a short edge shows as the same level twice;
// it throws out of a native callback, which would end the gateway, when a chip is pulled out; it cannot set a pull; and its
// native part (epoll) may not have been built.
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { readChips, SYSFS_GPIO, sysfsNumber } from "./gpio-chips.ts";
import { type GpioLine, type GpioLines, type Level, type LineAsk, lineName } from "./gpio-lines.ts";

/** What is used of onoff's Gpio. */
export type OnoffGpio = {
  read(): Promise<0 | 1>;
  /** Called by onoff itself at each edge, as a method of this object. */
  readSync: () => 0 | 1;
  watch(callback: (error: Error | null | undefined, value: 0 | 1) => void): void;
  direction(): string;
  unexport(): void;
};

/** onoff itself, or what stands for it on a machine without GPIO. Rejects where it was not installed or built. */
export type LoadOnoff = () => Promise<{
  readonly Gpio: new (
    number: number,
    direction: "in",
    edge: "both",
    options: { readonly activeLow: boolean },
  ) => OnoffGpio;
}>;

/** `nowMs`: the hour of an edge is when it was heard of, some milliseconds after it. `root`: the sysfs tree. */
type Deps = { readonly nowMs: () => number; readonly load?: LoadOnoff; readonly root?: string };

/** Opens nothing yet. */
export function onoffLines({ nowMs, load = () => import("onoff"), root = SYSFS_GPIO }: Deps): GpioLines {
  // A pin that is exported already is no hindrance to onoff, so the second user of ours is refused here.
  const taken = new Set<number>();
  return {
    async open(ask, onChange) {
      const number = await sysfsNumber({ ...ask, root });
      if (taken.has(number))
        throw new GatewayError("GPIO_UNAVAILABLE", `${lineName(ask)} is in use by another device of the kit`, {
          hint: IN_USE,
        });
      await refuseWhatIsNotOurs({ ask, number, root });
      const { Gpio } = await load().catch((cause: unknown) => {
        throw notBuilt(cause);
      });
      try {
        const gpio = new Gpio(number, "in", "both", { activeLow: ask.activeLow });
        taken.add(number);
        return watched({ gpio, ask, onChange, nowMs, release: () => taken.delete(number) });
      } catch (cause) {
        throw refusalOf(cause, ask);
      }
    },
  };
}

/** Whether lines can be had by onoff on this machine, without touching one. */
export async function hasOnoff({
  load = () => import("onoff"),
  root = SYSFS_GPIO,
}: Partial<Deps> = {}): Promise<boolean> {
  try {
    await Promise.all([load(), readChips(root)]);
    return true;
  } catch {
    // Why not is said by `open`, to whom it matters.
    return false;
  }
}

type Watching = {
  readonly gpio: OnoffGpio;
  readonly ask: LineAsk;
  readonly onChange: (level: Level, atMs: number) => void;
  readonly nowMs: () => number;
  readonly release: () => void;
};

function watched({ gpio, ask, onChange, nowMs, release }: Watching): GpioLine {
  let isClosed = false;
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    release();
    gpio.unexport();
  };
  // onoff swallows what fails on a pin that was exported before; then the pin is not what was asked for.
  if (gpio.direction() !== "in") {
    close();
    throw new GatewayError("GPIO_UNAVAILABLE", `${lineName(ask)} is an output`, { hint: IN_USE });
  }
  const readSync = gpio.readSync.bind(gpio);
  let last: Level = 0;
  let isGone = false;
  gpio.readSync = () => {
    try {
      last = readSync();
    } catch (cause) {
      isGone = true;
      end(messageOf(cause));
    }
    return last;
  };
  gpio.watch((error, value) => {
    if (isClosed || isGone) return;
    if (error) end(error.message);
    else onChange(value, nowMs());
  });
  return {
    ended,
    isReadable: true,
    value: () => (isClosed ? Promise.reject(new Error(`${lineName(ask)} is closed`)) : gpio.read()),
    [Symbol.asyncDispose]: async () => close(),
  };
}

const IN_USE = "Another program uses this pin. Stop it, or choose another pin and correct it in kit.yaml.";
const NOT_ALLOWED = "Let the service use GPIO: `sudo systemd/install gpio`, then `sudo systemctl restart hedgerow`.";

/** Before onoff touches anything: it would wait for seconds for a file it may not write, and turn outputs into inputs. */
async function refuseWhatIsNotOurs({
  ask,
  number,
  root,
}: {
  ask: LineAsk;
  number: number;
  root: string;
}): Promise<void> {
  try {
    await access(`${root}/export`, constants.W_OK);
  } catch (cause) {
    throw refusalOf(cause, ask);
  }
  const direction = await readFile(`${root}/gpio${number}/direction`, "utf8").catch(() => "in"); // not exported: nobody's
  if (direction.trim() !== "in")
    throw new GatewayError("GPIO_UNAVAILABLE", `${lineName(ask)} is an output of another program`, { hint: IN_USE });
}

function refusalOf(cause: unknown, ask: LineAsk): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const code = systemCodeOf(cause);
  const name = lineName(ask);
  const refuse = (why: string, hint: string) => new GatewayError("GPIO_UNAVAILABLE", `${name} ${why}`, { hint, cause });
  if (code === "EBUSY") return refuse("is in use", IN_USE);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return refuse(`may not be used by this user (${code})`, NOT_ALLOWED);
  if (code === "EINVAL") return refuse("is unknown to the kernel", "Correct pin and chip in kit.yaml.");
  return refuse(
    `cannot be opened: ${messageOf(cause)}`,
    "Try `sudo systemctl restart hedgerow`; if it stays so, choose another pin.",
  );
}

function notBuilt(cause: unknown): GatewayError {
  return new GatewayError("GPIO_UNAVAILABLE", `onoff cannot be loaded: ${messageOf(cause).split("\n", 1)[0]}`, {
    hint: "Either `sudo apt-get install gpiod`, or `sudo apt-get install build-essential python3` and then `sudo npm ci --omit=dev` again.",
    cause,
  });
}

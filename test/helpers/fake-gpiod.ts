// gpiodetect, gpioget and gpiomon as programs of their own that speak as libgpiod's do, in its old words or its new ones; the
// lines are Unix sockets in a folder, one while gpiomon holds it.
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** `version`: 1 speaks as 1.6.3, 2 as 2.2. One chip, pinctrl-rp1 with 54 lines, called gpiochip0. */
export async function fakeGpiod({ version }: { readonly version: 1 | 2 }) {
  const directory = await tempDir();
  const at = (name: string): string => join(directory.path, name);
  for (const name of ["gpiodetect", "gpioget", "gpiomon"]) {
    await writeFile(at(name), programOf({ name, version, folder: directory.path }));
    await chmod(at(name), 0o755);
  }
  return {
    path: `${directory.path}:/usr/bin:/bin`,
    /** A voltage that no edge told of, as when the kernel's queue of edges was full. */
    setUnheard: (pin: number, voltage: 0 | 1) => writeFile(at(`voltage-${pin}`), String(voltage)),
    /** Puts a voltage on the line; resolves when gpiomon, if it holds the line, has heard of it. */
    async set(pin: number, voltage: 0 | 1): Promise<void> {
      await writeFile(at(`voltage-${pin}`), String(voltage));
      const socket = connect(at(`line-${pin}`));
      const heard = once(socket, "data");
      socket.write(String(voltage));
      // Nobody holds the line: the voltage is found when it is read.
      await heard.catch(() => undefined);
      socket.destroy();
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function programOf({ name, version, folder }: { name: string; version: 1 | 2; folder: string }): string {
  return `#!${process.execPath}
const { readFileSync, rmSync, existsSync } = require("node:fs");
const { connect, createServer } = require("node:net");
const args = process.argv.slice(2);
const die = (text) => { process.stderr.write("${name}: " + text + "\\n"); process.exit(1); };
if (args.includes("--version")) { console.log("${name} (libgpiod) v${version === 1 ? "1.6.3" : "2.2.1"}"); process.exit(0); }
if ("${name}" === "gpiodetect") { console.log("gpiochip0 [pinctrl-rp1] (54 lines)"); process.exit(0); }
const known = ${JSON.stringify(KNOWN[version])}["${name}"];
const words = args.filter((word) => word.startsWith("--"));
for (const word of words) if (!known.some((each) => word === each || word.startsWith(each + "="))) die("unrecognized option '" + word + "'");
const plain = args.filter((word) => !word.startsWith("--"));
if (${version} === 1 ? plain[0] !== "gpiochip0" : !words.includes("--chip=gpiochip0")) die("cannot find the GPIO chip character device");
const pin = plain.at(-1);
const line = ${JSON.stringify(folder)} + "/line-" + pin;
const isLow = words.includes("--active-low");
const levelOf = (voltage) => ((voltage === "1") === isLow ? 0 : 1);
const free = () => {
  if ("${name}" === "gpioget") {
    let voltage = words.includes("--bias=pull-up") ? "1" : "0";
    try { voltage = readFileSync(${JSON.stringify(folder)} + "/voltage-" + pin, "utf8"); } catch {}
    console.log(String(levelOf(voltage)));
    return;
  }
  rmSync(line, { force: true });
  createServer((socket) => socket.on("data", (bytes) => {
    const level = levelOf(String(bytes));
    const now = process.hrtime.bigint();
    const seconds = String(now / 1000000000n);
    const nanoseconds = String(now % 1000000000n);
    const format = words.find((word) => word.startsWith("--format=")).slice("--format=".length);
    console.log(${version} === 1
      ? format.replace("%e", level).replace("%s", seconds.padStart(8)).replace("%n", nanoseconds)
      : format.replace("%e", level === 1 ? 1 : 2).replace("%S", seconds + "." + nanoseconds.padStart(9, "0")));
    socket.end("heard");
  })).listen(line);
};
const user = connect(line);
user.on("connect", () => die("unable to request lines: Device or resource busy"));
user.on("error", free);
`;
}

/** The long options of each version that may be used here; others are refused, as by getopt. */
const KNOWN = {
  1: {
    gpioget: ["--active-low", "--bias"],
    gpiomon: ["--active-low", "--bias", "--line-buffered", "--format"],
  },
  2: {
    gpioget: ["--active-low", "--bias", "--chip", "--numeric"],
    gpiomon: ["--active-low", "--bias", "--chip", "--format", "--event-clock"],
  },
} as const;

// The outside of the emulated machine: starts it, does what it asks for on its console (`host: set LINE VOLTAGE`), passes on
// what it says, and ends with 0 only when it said that all was shown. Arguments: kernel, initramfs. See run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Software emulation takes 25 s for all; a machine that hangs is ended. */
const MACHINE_MS = 5 * 60_000;

const [kernel = "", initramfs = ""] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "hedgerow-gpio-"));
const machine = spawn(
  "qemu-system-aarch64",
  [
    ..."-M virt -cpu cortex-a72 -m 1024 -smp 2 -accel tcg -display none -serial stdio -no-reboot".split(" "),
    "-kernel",
    kernel,
    "-initrd",
    initramfs,
    "-append",
    "console=ttyAMA0 quiet panic=-1",
    ...`-qtest unix:${folder}/qtest,server=on,wait=off -qtest-log none -monitor unix:${folder}/monitor,server=on,wait=off`.split(
      " ",
    ),
  ],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const overdue = setTimeout(() => machine.kill("SIGKILL"), MACHINE_MS);
let isShown = false;
try {
  const chip = await pathOfChip();
  const lines = await opened("qtest");
  for await (const line of createInterface({ input: machine.stdout })) {
    const [, number, voltage] = /^host: set (\d+) ([01])$/.exec(line.trim()) ?? [];
    if (number !== undefined) lines.write(`set_irq_in ${chip} unnamed-gpio-in ${number} ${voltage}\n`);
    else console.log(line);
    if (line.trim() === "inside: all shown") isShown = true;
  }
  lines.destroy();
} finally {
  clearTimeout(overdue);
  machine.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
}
console.log(isShown ? "gpio-emulation: shown" : "gpio-emulation: FAILED");
process.exitCode = isShown ? 0 : 1;

/** The PL061's path in the emulator's tree of objects. */
async function pathOfChip(): Promise<string> {
  const monitor = await opened("monitor");
  monitor.write("info qom-tree\n");
  let tree = "";
  for await (const chunk of monitor) {
    tree += String(chunk);
    const path = chipIn(tree);
    if (path !== null) return path;
  }
  throw new Error("the emulated machine has no PL061");
}

/** Indentation says who is whose: two spaces a level. */
function chipIn(tree: string): string | null {
  const path: string[] = [];
  for (const line of tree.split("\n")) {
    const [, indent = "", name, kind] = /^( *)\/(\S+) \((\S+)\)/.exec(line.replace("\r", "")) ?? [];
    if (name === undefined) continue;
    path.length = indent.length / 2;
    path.push(name);
    if (kind === "pl061") return `/${path.join("/")}`;
  }
  return null;
}

/** Its sockets are there a moment after the start. */
async function opened(name: string): Promise<Socket> {
  for (let tries = 0; ; tries += 1) {
    const socket = connect(join(folder, name));
    try {
      await once(socket, "connect");
      return socket;
    } catch (cause) {
      if (tries >= 100) throw cause;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

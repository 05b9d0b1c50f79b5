// The kernel's /sys/class/gpio as a tree of files, and an onoff that reads and writes it: what a Pi has and this machine not.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OnoffGpio } from "../../src/ingest/gpio-onoff.ts";
import { tempDir } from "./temp-dir.ts";

export type FakeChip = { readonly label: string; readonly base: number; readonly ngpio: number };

/** A tree with these chips. `set`: puts a voltage on a line by its number and rings whoever watches. */
export async function fakeSysfs(chips: readonly FakeChip[]) {
  const directory = await tempDir();
  const root = directory.path;
  for (const { label, base, ngpio } of chips) {
    const folder = join(root, `gpiochip${base}`);
    await mkdir(folder);
    for (const [name, value] of Object.entries({ label, base, ngpio }))
      await writeFile(join(folder, name), `${value}\n`);
  }
  await writeFile(join(root, "export"), "");
  const voltages = new Map<number, 0 | 1>();
  const watchers = new Map<number, () => void>();
  const pulledOut = new Set<number>();
  const line = (number: number, name: string): string => join(root, `gpio${number}`, name);

  /** Exports, configures and watches as onoff 6 does, without the kernel. */
  class Gpio implements OnoffGpio {
    readonly #number: number;
    readonly #activeLow: boolean;

    constructor(number: number, direction: "in", edge: "both", options: { readonly activeLow: boolean }) {
      this.#number = number;
      this.#activeLow = options.activeLow;
      if (!chips.some(({ base, ngpio }) => number >= base && number < base + ngpio))
        throw Object.assign(new Error("EINVAL: invalid argument, write"), { code: "EINVAL" });
      mkdirSync(join(root, `gpio${number}`), { recursive: true });
      writeFileSync(line(number, "direction"), direction);
      writeFileSync(line(number, "edge"), edge);
    }

    readSync = (): 0 | 1 => {
      if (pulledOut.has(this.#number)) throw Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
      return (voltages.get(this.#number) === 1) === this.#activeLow ? 0 : 1;
    };

    async read(): Promise<0 | 1> {
      return this.readSync();
    }

    watch(callback: (error: Error | null | undefined, value: 0 | 1) => void): void {
      watchers.set(this.#number, () => callback(null, this.readSync()));
    }

    direction(): string {
      return readFileSync(line(this.#number, "direction"), "utf8");
    }

    unexport(): void {
      watchers.delete(this.#number);
      rmSync(join(root, `gpio${this.#number}`), { recursive: true });
    }
  }

  return {
    root,
    load: () => Promise.resolve({ Gpio }),
    isExported: (number: number) => existsSync(join(root, `gpio${number}`)),
    set(number: number, voltage: 0 | 1): void {
      voltages.set(number, voltage);
      watchers.get(number)?.();
    },
    /** As when its chip is pulled out: the kernel rings, and the line cannot be read. */
    pullOut(number: number): void {
      pulledOut.add(number);
      watchers.get(number)?.();
    },
    /** Another program's pin. */
    exportAs(number: number, direction: "in" | "out"): void {
      mkdirSync(join(root, `gpio${number}`));
      writeFileSync(line(number, "direction"), `${direction}\n`);
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

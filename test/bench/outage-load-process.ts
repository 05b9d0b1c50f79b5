// Starts the load of the outage benchmark and follows how far it is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export type Load = {
  /** Resolves when so many are acknowledged, to how many there are then and the seconds since the start. */
  reaches(acknowledged: number): Promise<Progress>;
  /** Resolves when all are acknowledged and the process has ended. */
  readonly ended: Promise<void>;
};
type Progress = { readonly acknowledged: number; readonly seconds: number };

export function startLoad(to: {
  readonly port: number;
  readonly events: number;
  readonly devices: number;
  readonly username?: string;
  readonly password?: string;
  readonly prefix: string;
}): Load {
  const script = new URL("outage-load.ts", import.meta.url).pathname;
  const args = [to.port, to.events, to.devices, to.username ?? "", to.password ?? "", to.prefix].map(String);
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const watchers = new Set<(progress: Progress) => void>();
  createInterface(child.stdout).on("line", (line) => {
    const progress: Progress = JSON.parse(line);
    for (const watcher of watchers) watcher(progress);
  });
  const ended = once(child, "exit").then(([code]) => {
    if (code !== 0) throw new Error(`the load ended with ${code}`);
  });
  return {
    ended,
    reaches: (acknowledged) =>
      new Promise((resolve, reject) => {
        watchers.add((progress) => progress.acknowledged >= acknowledged && resolve(progress));
        ended.then(() => reject(new Error("the load has ended")), reject);
      }),
  };
}

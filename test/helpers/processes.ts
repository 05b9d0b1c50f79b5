// What runs below a process, as the kernel tells it: for tests that nothing is left behind, and that no command line tells a secret.
import { readdirSync, readFileSync } from "node:fs";

/** Processes below this one, by number: command line and environment, or empty for one that has just ended. */
export function descendants(pid: number = process.pid): Map<number, string> {
  const found = new Map<number, string>();
  for (const child of childrenOf(pid)) {
    found.set(child, `${readOr(`/proc/${child}/cmdline`)}${readOr(`/proc/${child}/environ`)}`);
    for (const [below, text] of descendants(child)) found.set(below, text);
  }
  return found;
}

/** Whether it is there and no zombie. */
export function isAlive(pid: number): boolean {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat !== "" && !/\) Z /.test(stat);
}

function childrenOf(pid: number): number[] {
  let tasks: string[];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  const children = tasks.flatMap((task) => readOr(`/proc/${pid}/task/${task}/children`).split(" "));
  return children.filter((child) => child !== "").map(Number);
}

/** A process that has just ended has nothing to read. */
function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

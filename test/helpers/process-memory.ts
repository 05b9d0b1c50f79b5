// How much memory a process had at most, by the kernel's word.
import { readFile } from "node:fs/promises";

/** Bytes of resident memory at the highest (VmHWM, proc(5)). Rejects when the process is gone. */
export async function peakBytesOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

// How doctor asks the system: files below /proc and /sys, and programs by their own words.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../core/child-process.ts";
import { readSmallFile } from "../../core/small-file.ts";
import type { Machine } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";

/** The text of a file such as /proc/meminfo, trimmed; null where this system has none, or not for this user. */
export async function systemText({ root }: Pick<Machine, "root">, path: string): Promise<string | null> {
  const file = await readSmallFile(join(root, path), { bytesMax: DOCTOR_LIMITS.systemFileBytes });
  return file.kind === "bytes" ? file.bytes.toString("utf8").replaceAll("\0", "").trim() : null;
}

/** What a program prints; null when it is not there, fails, or is too slow. */
export async function toolText(
  { path }: Pick<Machine, "path">,
  ...command: readonly [string, ...string[]]
): Promise<string | null> {
  try {
    const { toolMs: timeoutMs, toolBytes: outputBytesMax } = DOCTOR_LIMITS;
    return await runProgram({ command, path, timeoutMs, outputBytesMax });
  } catch {
    return null;
  }
}

/** `Key=value` lines, as timedatectl and systemctl show them. */
export function propertiesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()] as const] : [];
    }),
  );
}

/** Whether Hedgerow is a service here that was not given this kind of device (`systemd/install gpio`, `camera`). */
export async function isServiceWithout({ root }: Pick<Machine, "root">, kind: "gpio" | "camera"): Promise<boolean> {
  const unit = join(root, "etc/systemd/system/hedgerow.service");
  const isThere = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  return (await isThere(unit)) && !(await isThere(`${unit}.d/${kind}.conf`));
}

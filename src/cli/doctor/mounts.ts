// Which file system and which device a path lies on, by /proc/self/mountinfo (proc_pid_mountinfo(5)).
import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Machine } from "./diagnosis.ts";
import { systemText } from "./system.ts";

/** `device`: "major:minor". `source`: such as /dev/mmcblk0p2. */
export type Mount = {
  readonly point: string;
  readonly device: string;
  readonly type: string;
  readonly source: string;
  readonly isReadOnly: boolean;
};

/** The mount that holds the path, or its nearest folder that is there; null where the system does not tell. */
export async function mountOf(machine: Pick<Machine, "root">, path: string): Promise<Mount | null> {
  const text = await systemText(machine, "proc/self/mountinfo");
  if (text === null) return null;
  const real = await realpath(await nearestFolder(path)).catch(() => path);
  const mounts = text.split("\n").flatMap((line) => readMount(line) ?? []);
  const above = mounts.filter(({ point }) => real === point || real.startsWith(point === "/" ? "/" : `${point}/`));
  // Of two at one point the later one lies on top.
  return above.reduce<Mount | null>(
    (best, mount) => (best === null || mount.point.length >= best.point.length ? mount : best),
    null,
  );
}

/** The path, or the nearest folder above it that is there. */
export async function nearestFolder(path: string): Promise<string> {
  let folder = path;
  while (folder !== dirname(folder)) {
    const isThere = await realpath(folder).then(
      () => true,
      () => false,
    );
    if (isThere) return folder;
    folder = dirname(folder);
  }
  return folder;
}

/** The names of a block device: of its partition (mmcblk0p2) and of its disk (mmcblk0); null for what is no disk. */
export async function diskOf(
  { root }: Pick<Machine, "root">,
  { device }: Pick<Mount, "device">,
): Promise<{ readonly partition: string; readonly disk: string } | null> {
  const link = await readlink(join(root, "sys/dev/block", device)).catch(() => null); // no disk, or no Linux
  if (link === null) return null;
  const partition = basename(link);
  const above = basename(dirname(link));
  return { partition, disk: above === "block" ? partition : above };
}

// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
function readMount(line: string): Mount | null {
  const [before = "", after = ""] = line.split(" - ");
  const [, , device, , point, options] = before.split(" ");
  const [type, source, superOptions] = after.split(" ");
  if (device === undefined || point === undefined || type === undefined || source === undefined) return null;
  const isReadOnly = [options, superOptions].some((each) => each?.split(",").includes("ro") === true);
  return { device, point: unescaped(point), type, source: unescaped(source), isReadOnly };
}

/** Spaces and the like are written in octal there: \040. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}

// Which folders a camera may put its files into. Everything there that looks like a picture, a film or an unfinished file is
// erased, folder by folder: a slip in the kit, such as a home or `/`, must cost nobody their photographs.
import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { systemCodeOf } from "./errors.ts";

/** Folders of the system by the File Hierarchy Standard; one of a camera may lie in them. */
const SYSTEM = [
  ..."/bin /boot /dev /dev/shm /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /run/user /sbin /srv /sys".split(
    " ",
  ),
  ..."/tmp /usr /usr/local /var /var/cache /var/lib /var/log /var/spool /var/tmp /var/www".split(" "),
];
/** No camera's folder lies in these. */
const SHUT = ["/bin", "/boot", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr"];
const PROGRAM = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Why a camera may not drop into this folder, links followed, as the end of "its folder …"; null: it may. A folder that is
 * not there yet is judged by its name. `path`: absolute. `closed`: folders that hold none of a camera and lie in none, such as
 * the data's. Throws the system's errors except that something is not there.
 */
export async function whyNoDropFolder(path: string, closed: readonly string[]): Promise<string | null> {
  const folder = await realOf(path);
  if (SYSTEM.some((each) => holds(folder, each)) || SHUT.some((each) => holds(each, folder)))
    return "is one of the system's";
  if (holds(folder, await realOf(homedir()))) return "is, or holds, somebody's home";
  if (dirname(folder) === "/home") return "is somebody's home";
  if (holds(folder, await realOf(PROGRAM))) return "holds the program itself";
  for (const each of closed) {
    const shut = await realOf(each);
    if (holds(folder, shut)) return "holds the gateway's own data";
    if (holds(shut, folder)) return "is among the gateway's own data";
  }
  return null;
}

/** Whether `inner` is `outer` or lies in it; both absolute and without dots. */
export function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}

/** As far as it is there; what is not is taken as it is written. */
async function realOf(path: string): Promise<string> {
  const written = resolve(path);
  try {
    return await realpath(written);
  } catch (cause) {
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes(systemCodeOf(cause) ?? "")) throw cause;
    const above = dirname(written);
    return above === written ? written : resolve(await realOf(above), written.slice(above.length).replace(/^\/+/, ""));
  }
}

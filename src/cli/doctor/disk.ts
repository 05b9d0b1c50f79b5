// The data directory's disk: room, files, rights, and what it tells of its own wear.
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../../core/errors.ts";
import { type Diagnosis, type Machine, note, ok, type Site, sizeOf, trouble, warning } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";
import { diskOf, type Mount, mountOf, nearestFolder } from "./mounts.ts";
import { systemText } from "./system.ts";

const CARD = "Use a card made for continuous writing (sold as high endurance), or a small SSD, and keep a backup.";
/** File systems in memory, and those without owners and rights. */
const IN_MEMORY = ["tmpfs", "ramfs"];
const WITHOUT_RIGHTS = ["vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk"];
const OVER_NETWORK = ["nfs", "nfs4", "cifs", "smb3"];

/** Nothing without settings: which disk matters is not known then. */
export async function lookAtDisk(machine: Machine, site: Site | null): Promise<Diagnosis[]> {
  if (site === null) return [];
  const { gateway, spool } = site.settings.gateway;
  const mount = await mountOf(machine, gateway.dataDir);
  const [rights, room, wear] = await Promise.all([
    lookAtRights(gateway.dataDir),
    lookAtRoom(gateway.dataDir, spool),
    mount === null ? [] : lookAtWear(machine, mount),
  ]);
  return [...rights, ...(mount === null ? [] : lookAtKind(gateway.dataDir, mount)), ...room, ...wear];
}

async function lookAtRights(dataDir: string): Promise<Diagnosis[]> {
  const root = process.getuid?.() === 0;
  try {
    const { mode, uid } = await stat(dataDir);
    if (!root && uid !== process.getuid?.())
      return [note(`the data directory ${dataDir} belongs to another user`, "Look as root: sudo hedgerow doctor")];
    return [
      (mode & 0o077) === 0
        ? ok(`${dataDir} is closed to others`)
        : trouble(`${dataDir} is open to other users of this machine`, `chmod 700 ${dataDir}`),
      ...(await lookAtKey(join(dataDir, "keys", "gateway.pem"))),
    ];
  } catch (cause) {
    if (systemCodeOf(cause) === "EACCES")
      return [note(`this user may not look into ${dataDir}`, "Look as root: sudo hedgerow doctor")];
    if (systemCodeOf(cause) !== "ENOENT") throw cause;
    const above = await nearestFolder(dataDir);
    const canMake = await access(above, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (canMake) return [note(`${dataDir} is not there yet; the first start makes it`)];
    return [
      trouble(
        `${dataDir} is not there, and this user may not make it in ${above}`,
        "sudo systemd/install makes it, with its user.",
      ),
    ];
  }
}

async function lookAtKey(path: string): Promise<Diagnosis[]> {
  try {
    const { mode } = await stat(path);
    return (mode & 0o077) === 0
      ? [ok("the gateway's key is closed to others")]
      : [trouble("the gateway's key can be read by other users of this machine", `chmod 600 ${path}`)];
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") throw cause;
    return [note("there is no key yet; the first start makes it")];
  }
}

function lookAtKind(dataDir: string, { type, isReadOnly, point }: Mount): Diagnosis[] {
  const elsewhere = "Let gateway.dataDir lead to a disk with ext4.";
  if (isReadOnly)
    return [
      trouble(
        `${point}, where ${dataDir} lies, can be read only`,
        "A disk that fails is made so by the system: look with `dmesg`, and replace the card; else mount it with rw.",
      ),
    ];
  if (IN_MEMORY.includes(type))
    return [trouble(`${dataDir} lies in memory (${type}), so a power cut loses what was acknowledged`, elsewhere)];
  if (WITHOUT_RIGHTS.includes(type))
    return [trouble(`${dataDir} lies on ${type}, which knows no owners, so it cannot be closed to others`, elsewhere)];
  if (OVER_NETWORK.includes(type))
    return [
      warning(`${dataDir} lies on ${type} over the network, where writes and locks cannot be relied on`, elsewhere),
    ];
  return [];
}

async function lookAtRoom(
  dataDir: string,
  { bytesMax, reserveFreeBytes }: { readonly bytesMax: number; readonly reserveFreeBytes: number },
): Promise<Diagnosis[]> {
  const { bavail, bsize, files, ffree } = await statfs(await nearestFolder(dataDir));
  const free = bavail * bsize;
  const used = await stat(join(dataDir, "spool.db")).then(
    ({ size }) => size,
    () => 0, // no buffer yet, or none that this user sees
  );
  const missing = bytesMax - used + reserveFreeBytes - free;
  const remedy = "Free some space (sudo apt-get clean; sudo journalctl --vacuum-size=100M), or use a larger card.";
  const found: Diagnosis[] = [];
  if (free <= reserveFreeBytes)
    found.push(
      trouble(
        `${sizeOf(free)} are free, and ${sizeOf(reserveFreeBytes)} are kept for the system, so nothing can be taken from sensors`,
        remedy,
      ),
    );
  else if (missing > 0)
    found.push(
      warning(
        `${sizeOf(free)} are free; the buffer may grow to ${sizeOf(bytesMax)} and will be stopped before`,
        `${remedy} Or write a smaller spool.bytesMax in gateway.yaml.`,
      ),
    );
  else found.push(ok(`${sizeOf(free)} are free; the buffer may grow to ${sizeOf(bytesMax)}`));
  // Some file systems (btrfs) have no fixed number of files, and say 0.
  if (files > 0 && ffree < DOCTOR_LIMITS.freeFiles)
    found.push(
      trouble(
        `only ${ffree} more files fit on the disk`,
        "Remove folders with very many small files; `df -i` shows them.",
      ),
    );
  return found;
}

async function lookAtWear(machine: Machine, mount: Mount): Promise<Diagnosis[]> {
  const names = await diskOf(machine, mount);
  if (names === null) return [];
  const { partition, disk } = names;
  const device = `sys/block/${disk}/device`;
  const [errors, kind, endOfLife, lifeTime] = await Promise.all([
    systemText(machine, `sys/fs/ext4/${partition}/errors_count`),
    systemText(machine, `${device}/type`),
    systemText(machine, `${device}/pre_eol_info`),
    systemText(machine, `${device}/life_time`),
  ]);
  return [
    ...(errors !== null && Number(errors) > 0
      ? [
          trouble(
            `the file system on ${partition} has met ${errors} errors`,
            "Make a backup now, and replace the card.",
          ),
        ]
      : []),
    ...lookAtEndOfLife(disk, endOfLife, lifeTime),
    ...(disk.startsWith("mmcblk") && kind === "SD" ? [note(`the data lies on an SD card (${disk})`, CARD)] : []),
  ];
}

/** eMMC tells (JESD84-B51): life_time in tenths used, pre_eol_info 1 normal, 2 four fifths of the reserve used, 3 urgent. */
function lookAtEndOfLife(disk: string, endOfLife: string | null, lifeTime: string | null): Diagnosis[] {
  if (Number(endOfLife) >= 2)
    return [trouble(`${disk} says that it is nearly worn out`, "Make a backup now, and replace it.")];
  const tenths = Math.max(0, ...(lifeTime ?? "").split(/\s+/).map((word) => Number(word) || 0));
  if (tenths === 0) return [];
  const used = Math.min(100, tenths * 10);
  if (used >= 90) return [warning(`${disk} has used about ${used} % of its life`, CARD)];
  return [ok(`${disk} has used at most ${used} % of its life`)];
}

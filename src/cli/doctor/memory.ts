// Memory and swap: whether the face detector fits, and whether raw pixels could reach the disk by being swapped (I1).
import { isLowMemory } from "../../privacy/machine-fit.ts";
import { type Diagnosis, type Machine, note, ok, type Site, sizeOf, trouble, warning } from "./diagnosis.ts";
import { propertiesOf, systemText, toolText } from "./system.ts";

const GIB = 1024 ** 3;
/** The gateway, the redactor with tiles, and a small system; a board sold with 1 GB shows 0.9. */
const LEAST_BYTES = 0.8 * GIB;

export async function lookAtMemory(machine: Machine, site: Site | null): Promise<Diagnosis[]> {
  const hasCameras = (site?.kit.cameras ?? []).length > 0;
  const [size, swap] = await Promise.all([
    lookAtSize(machine, { hasCameras, lowMemory: site?.settings.gateway.redactor.lowMemory ?? "auto" }),
    lookAtSwap(machine, hasCameras),
  ]);
  return [...size, ...swap];
}

async function lookAtSize(
  machine: Machine,
  { hasCameras, lowMemory }: { hasCameras: boolean; lowMemory: "auto" | "yes" | "no" },
): Promise<Diagnosis[]> {
  const meminfo = await systemText(machine, "proc/meminfo");
  const kibibytes = Number(/^MemTotal:\s+(\d+) kB/m.exec(meminfo ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(kibibytes)) return [note("this system does not tell how much memory it has")];
  const bytes = kibibytes * 1024;
  const has = `${sizeOf(bytes)} of memory`;
  if (!hasCameras || !isLowMemory("auto", bytes)) return [ok(has)];
  if (bytes < LEAST_BYTES)
    return [
      trouble(`${has} is too little for finding faces`, "Use a board with 2 GB, or remove the cameras from the kit."),
    ];
  if (lowMemory === "no")
    return [
      warning(
        `${has}, and gateway.yaml says redactor.lowMemory: no, so finding faces may end for want of memory`,
        "Write redactor.lowMemory: auto in gateway.yaml.",
      ),
    ];
  return [note(`${has}: faces are looked for tile by tile, which takes less memory and more time`)];
}

/** Compressed memory (zram) is no disk, unless it writes back to one. */
async function lookAtSwap(machine: Machine, hasCameras: boolean): Promise<Diagnosis[]> {
  const table = await systemText(machine, "proc/swaps");
  if (table === null) return [note("this system does not tell whether it swaps")];
  const areas = table
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/)[0] ?? "")
    .filter((name) => name !== "");
  const onDisk = (
    await Promise.all(areas.map(async (name) => ((await isInMemory(machine, name)) ? [] : [name])))
  ).flat();
  if (onDisk.length === 0)
    return [
      ok(
        areas.length === 0 ? "no swap: no picture can reach the disk that way" : "swap is compressed memory, not disk",
      ),
    ];
  const where = `there is swap on ${onDisk.join(", ")}`;
  if (!hasCameras) return [note(`${where}; with a camera, pictures could reach the disk that way`)];
  return [await lookAtService(machine, where)];
}

async function isInMemory(machine: Machine, area: string): Promise<boolean> {
  const name = /^\/dev\/(zram\d+)$/.exec(area)?.[1];
  if (name === undefined) return false;
  return ((await systemText(machine, `sys/block/${name}/backing_dev`)) ?? "none") === "none";
}

/** The unit says MemorySwapMax=0; it holds only where the kernel counts memory by group, which Raspberry Pi OS leaves off. */
async function lookAtService(machine: Machine, where: string): Promise<Diagnosis> {
  const isOff = "and pictures could reach the disk that way";
  const off =
    "Switch swap off: sudo swapoff -a, and take it out of /etc/fstab (or: sudo systemctl disable --now dphys-swapfile).";
  const keys = ["LoadState", "MemorySwapMax", "ControlGroup"].map((key) => `--property=${key}`);
  const shown = await toolText(machine, "systemctl", "show", "hedgerow.service", ...keys);
  const unit = propertiesOf(shown ?? "");
  if (unit.get("LoadState") !== "loaded")
    return warning(`${where}, no service keeps Hedgerow out of it, ${isOff}`, off);
  if (unit.get("MemorySwapMax") !== "0")
    return warning(
      `${where}, the service hedgerow does not forbid it, ${isOff}`,
      "Run `sudo systemd/install` in Hedgerow's folder again.",
    );
  const group = unit.get("ControlGroup") ?? "";
  const limit = group === "" ? null : await systemText(machine, `sys/fs/cgroup${group}/memory.swap.max`);
  const controllers = (await systemText(machine, "sys/fs/cgroup/cgroup.controllers")) ?? "";
  if (limit === "0" || (group === "" && controllers.split(" ").includes("memory")))
    return ok(`${where}, and the service hedgerow is kept out of it`);
  return warning(
    `${where}, and this kernel does not count memory by service, so MemorySwapMax=0 has no effect`,
    "Add cgroup_enable=memory to the line in /boot/firmware/cmdline.txt and restart, or switch swap off: sudo swapoff -a.",
  );
}

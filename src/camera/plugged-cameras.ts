// Which cameras are on a cable of this machine: what the kernel offers as video devices, and a Raspberry Pi's own.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, systemCodeOf } from "../core/errors.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";

type Plugged =
  | { readonly kind: "v4l2"; readonly device: string }
  | { readonly kind: "rpicam"; readonly camera: number };

/** What the kernel calls its own nodes beside a camera's: codecs and the Pi's image processing (they give no picture). */
const NO_CAMERA = /codec|isp|hevc|dec\b|rpivid|stateless|pispbe/i;
/** The Pi's ribbon cable: its raw frames are libcamera's to read. */
const RIBBON = /unicam|rp1-cfe/i;

/** `sys`: where the kernel lists video devices, for tests. */
export async function pluggedCameras(sys = "/sys/class/video4linux"): Promise<readonly Plugged[]> {
  const nodes = (await namesIn(sys)).filter((name) => /^video\d{1,3}$/.test(name)).slice(0, CAMERA_LIMITS.pluggedNodes);
  const found = await Promise.all(nodes.map(async (node) => ({ node, ...(await saysOf(join(sys, node))) })));
  const usb = found.filter(({ name, index }) => index === "0" && !NO_CAMERA.test(name) && !RIBBON.test(name));
  const cables = new Set(found.filter(({ name }) => RIBBON.test(name)).map(({ name }) => name));
  return [
    ...usb.map(({ node }): Plugged => ({ kind: "v4l2", device: `/dev/${node}` })).toSorted(byDevice),
    ...(cables.size === 0 ? [] : [{ kind: "rpicam", camera: 0 } as const]),
  ];
}

function byDevice(one: Plugged, other: Plugged): number {
  return one.kind === "v4l2" && other.kind === "v4l2" ? one.device.localeCompare(other.device) : 0;
}

/** One camera has several nodes; the first gives pictures, the others what is known of them. */
async function saysOf(folder: string): Promise<{ readonly name: string; readonly index: string }> {
  const [name, index] = await Promise.all(["name", "index"].map((file) => textOf(join(folder, file))));
  return { name: name ?? "", index: index ?? "" };
}

/** A device that was unplugged meanwhile has no name. */
async function textOf(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    if (["ENOENT", "ENODEV", "EACCES"].includes(systemCodeOf(cause) ?? "")) return "";
    throw new Error(messageOf(cause), { cause });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    // A machine without any has no such folder.
    if (["ENOENT", "EACCES"].includes(systemCodeOf(cause) ?? "")) return [];
    throw cause;
  }
}

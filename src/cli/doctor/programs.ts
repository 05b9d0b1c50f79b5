// The programs that the gateway stands on: its Node, ffmpeg for streams and USB cameras, rpicam-still for a Pi's own camera.
import type { CameraSettings } from "../../settings/schema.ts";
import { type Diagnosis, type Machine, note, ok, type Site, trouble, warning } from "./diagnosis.ts";
import { toolText } from "./system.ts";

const NODE_MAJOR = 24;
const FFMPEG_MAJOR = 5;
const BY_FFMPEG: readonly CameraSettings["source"]["kind"][] = ["rtsp", "v4l2"];

/** `version`, `arch`: of the Node that runs this, as process has them. */
export async function lookAtPrograms(
  machine: Machine,
  site: Site | null,
  { version, arch }: { readonly version: string; readonly arch: string } = process,
): Promise<Diagnosis[]> {
  const cameras = site?.kit.cameras ?? [];
  const streams = cameras.filter(({ source }) => BY_FFMPEG.includes(source.kind)).map(({ id }) => id);
  const hasPiCamera = cameras.some(({ source }) => source.kind === "rpicam");
  const [ffmpeg, rpicam] = await Promise.all([
    lookAtFfmpeg(machine, streams),
    hasPiCamera ? lookAtRpicam(machine) : Promise.resolve([]),
  ]);
  return [lookAtNode(version, arch), ...ffmpeg, ...rpicam];
}

function lookAtNode(version: string, arch: string): Diagnosis {
  const major = Number(/^v?(\d+)/.exec(version)?.[1]);
  if (major < NODE_MAJOR)
    return trouble(
      `Node ${version} runs this, and Hedgerow needs ${NODE_MAJOR}`,
      "Start it as `hedgerow`, or by node_modules/.bin/node of its folder, which is the right one.",
    );
  if (arch !== "x64" && arch !== "arm64")
    return trouble(
      `this machine is ${arch}, for which there is no face detector`,
      "Use a 64-bit system: on a Pi 3 or later Raspberry Pi OS (64-bit).",
    );
  return ok(`Node ${version} on ${arch}`);
}

async function lookAtFfmpeg(machine: Machine, streams: readonly string[]): Promise<Diagnosis[]> {
  const wanted = streams.length > 0;
  const remedy = "sudo apt-get install ffmpeg";
  const printed = await toolText(machine, "ffmpeg", "-version");
  if (printed === null)
    return [
      wanted
        ? trouble(`there is no ffmpeg, which ${streams.join(", ")} cannot do without`, remedy)
        : note("there is no ffmpeg; only RTSP and USB cameras need it", `If you want one: ${remedy}`),
    ];
  const version = /^ffmpeg version (\S+)/.exec(printed)?.[1] ?? "of unknown version";
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? FFMPEG_MAJOR);
  if (major < FFMPEG_MAJOR) {
    const text = `ffmpeg ${version} is older than ${FFMPEG_MAJOR}, with which Hedgerow was tried`;
    return [wanted ? trouble(text, `Update the system, then: ${remedy}`) : note(text)];
  }
  const decoders = (await toolText(machine, "ffmpeg", "-hide_banner", "-decoders")) ?? "";
  const missing = ["h264", "hevc"].filter((name) => !new RegExp(`^\\s*V\\S*\\s+${name}\\s`, "m").test(decoders));
  if (missing.includes("h264") && wanted)
    return [trouble(`ffmpeg ${version} cannot decode H.264, which nearly all cameras send`, remedy)];
  if (missing.length > 0)
    return [warning(`ffmpeg ${version} cannot decode ${missing.join(" and ")}`, `Install Debian's own: ${remedy}`)];
  return [ok(`ffmpeg ${version}, with decoders for H.264 and H.265`)];
}

/** libcamera-still is its name on older systems. */
async function lookAtRpicam(machine: Machine): Promise<Diagnosis[]> {
  for (const name of ["rpicam-still", "libcamera-still"]) {
    const printed = await toolText(machine, name, "--version");
    if (printed !== null) return [ok(`${name} ${/build: (\S+)/.exec(printed)?.[1] ?? ""}`.trimEnd())];
  }
  return [
    trouble("there is no rpicam-still, which the Pi's own camera needs", "sudo apt-get install rpicam-apps-lite"),
  ];
}

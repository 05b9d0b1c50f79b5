// A USB camera, or any other that the kernel offers as /dev/video0 (Video4Linux), read by ffmpeg. The device is opened for each
// grab alone: a USB camera serves one program at a time, and its lamp shows when it looks.
import { stat } from "node:fs/promises";
import { GatewayError, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { type Complaint, findProgram, openProgramCamera, type PictureReader } from "./camera-programs.ts";
import { MultipartPictures } from "./multipart-pictures.ts";

/** Video4Linux's major number (Linux, admin-guide/devices.txt). */
const VIDEO_MAJOR = 81;

/** `size`: "1280x720". `input`: where the frames come from instead, as ffmpeg's words; for tests on machines without a camera. */
type Deps = CameraDeps & {
  readonly device: string;
  readonly size?: string | undefined;
  readonly path?: string | undefined;
  readonly input?: readonly string[];
};

export function openV4l2Camera({ device, size, input, ...deps }: Deps): Camera & AsyncDisposable {
  const { id, path } = deps;
  const words = input ?? ["-f", "v4l2", ...(size === undefined ? [] : ["-video_size", size]), "-i", device];
  return openProgramCamera({
    ...deps,
    async prepare() {
      if (input === undefined) await lookAtDevice(id, device);
      const ffmpeg = await findProgram({ id, path, install: "ffmpeg" }, ["ffmpeg"]);
      return { command: [ffmpeg, ...BEFORE, ...words, ...AFTER], memoryBytes: LIMITS.decoderMemoryBytes };
    },
    openReader: () => firstOf(new MultipartPictures({ id, boundary: "ffmpeg" })),
    explain: (lastLine) => explain(device, lastLine),
  });
}

const BEFORE = ["-hide_banner", "-loglevel", "error", "-nostdin"];
const SETTLED = `select=gte(n\\,${CAMERA_LIMITS.exposureFrames})`;
const PICTURE = ["-map", "0:v:0", "-vf", SETTLED, "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2"];
const AFTER = [...PICTURE, "-f", "mpjpeg", "-boundary_tag", "ffmpeg", "pipe:1"];

function firstOf(pictures: MultipartPictures): PictureReader {
  return {
    push(chunk) {
      const [first = null, ...more] = pictures.push(chunk);
      for (const later of more) later.fill(0);
      return first;
    },
    end: () => null,
    [Symbol.dispose]: () => pictures[Symbol.dispose](),
  };
}

/** Asked of the kernel before ffmpeg is: its answer is exact, and no other kind of device is ever opened. */
async function lookAtDevice(id: string, device: string): Promise<void> {
  try {
    const found = await stat(device);
    // The upper and lower bits of makedev(3) have no place here: majors are below 4096.
    if (found.isCharacterDevice() && ((found.rdev >> 8) & 0xfff) === VIDEO_MAJOR) return;
  } catch (cause) {
    const { why, hint } = explain(device, TEXTS[systemCodeOf(cause) ?? ""] ?? "") ?? unreadable(device);
    throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${why}`, { hint, cause });
  }
  throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${device} is no camera`, {
    hint: "`v4l2-ctl --list-devices` (package v4l-utils) names the cameras of this computer.",
  });
}

/** What strerror(3) says, and so ffmpeg, of what stat(2) may answer. */
const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  ENOTDIR: "No such file or directory",
  EACCES: "Permission denied",
  EPERM: "Operation not permitted",
};

function unreadable(device: string): Complaint {
  return { why: `${device} cannot be looked at`, hint: "Is the camera plugged in?" };
}

function explain(device: string, lastLine: string): Complaint | null {
  if (/No such file|No such device or address/.test(lastLine))
    return {
      why: `there is no ${device}`,
      hint: "Is the camera plugged in? If it is, let the service see it: sudo systemd/install camera",
    };
  if (/Permission denied|Operation not permitted/.test(lastLine))
    return { why: `${device} may not be used`, hint: "Let the service use cameras: sudo systemd/install camera" };
  if (/busy/.test(lastLine))
    return {
      why: `${device} is in use by another program`,
      hint: `End the other program (sudo fuser ${device} names it): such a camera serves one at a time.`,
    };
  if (/Inappropriate ioctl|Not a video capture device/.test(lastLine))
    return {
      why: `${device} gives no pictures`,
      hint: "A USB camera makes several devices and only one has pictures: `v4l2-ctl --list-devices` (package v4l-utils) names them.",
    };
  if (/No such device|Input\/output error|Broken pipe|Protocol error/.test(lastLine))
    return {
      why: "it was unplugged, or has failed",
      hint: "Plug it in again, into another socket or with a shorter cable.",
    };
  if (/Invalid argument|not supported|Cannot find a proper format/.test(lastLine))
    return {
      why: "it does not offer this size",
      hint: `Leave size out of the kit, or write one that \`v4l2-ctl -d ${device} --list-formats-ext\` names.`,
    };
  return null;
}

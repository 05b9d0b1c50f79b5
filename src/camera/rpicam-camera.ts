// A Raspberry Pi's own camera on its ribbon cable, read by rpicam-still (libcamera-still on older systems): one JPEG on its
// output, no window, no file. ffmpeg cannot read these: what the kernel offers of them is raw, and libcamera makes the picture.
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { isCutJpeg, isPicture } from "./picture-form.ts";
import { type Complaint, findProgram, openProgramCamera, type PictureReader } from "./camera-programs.ts";

/**
 * Bounded memory and no core file, as core/child-process.ts sets them for decoders; but not its bound on files: libcamera shares
 * memory with itself through memfd_create, and that bound forbids it.
 */
const BOUND = `
ulimit -c 0 || :
ulimit -d "$1" || :
shift
exec "$@"`;

/** `camera`: its number. `size`: "1280x720". `path`: where programs are looked for. */
type Deps = CameraDeps & {
  readonly camera: number;
  readonly size?: string | undefined;
  readonly path?: string | undefined;
};

export function openRpicamCamera({ camera, size, ...deps }: Deps): Camera & AsyncDisposable {
  const { id, path } = deps;
  const [width, height] = size?.split("x") ?? [];
  const sizeWords = width === undefined || height === undefined ? [] : ["--width", width, "--height", height];
  return openProgramCamera({
    ...deps,
    async prepare() {
      const program = await findProgram({ id, path, install: "rpicam-apps-lite" }, ["rpicam-still", "libcamera-still"]);
      const words = ["--camera", String(camera), ...sizeWords, ...WORDS];
      const kilobytes = String(Math.floor(LIMITS.decoderMemoryBytes / 1024));
      return { command: ["/bin/sh", "-c", BOUND, "sh", kilobytes, program, ...words] };
    },
    openReader: () => new WholeJpeg(id),
    explain: (lastLine) => explain(camera, lastLine),
  });
}

/** `--thumb none`: a thumbnail inside would be a second raw picture. */
const QUIETLY = ["--nopreview", "--verbose", "0", "--timeout", String(CAMERA_LIMITS.exposureMs)];
const WORDS = [...QUIETLY, "--encoding", "jpg", "--quality", "90", "--thumb", "none", "--output", "-"];

/** All that the program prints is one JPEG; whether it is whole tells its end, not the exit code. */
class WholeJpeg implements PictureReader {
  readonly #id: string;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(id: string) {
    this.#id = id;
  }

  push(chunk: Buffer): null {
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > LIMITS.frameBytes)
      throw new GatewayError("PICTURE_REFUSED", `the picture of ${this.#id} is larger than ${LIMITS.frameBytes} bytes`);
    return null;
  }

  end(): Buffer | null {
    if (this.#bytes === 0) return null;
    const whole = Buffer.alloc(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) at += piece.copy(whole, at);
    if (isPicture(whole) && !isCutJpeg(whole)) return whole;
    whole.fill(0);
    throw new GatewayError("PICTURE_REFUSED", `the picture of ${this.#id} is not whole`, {
      hint: "If it happens again, press the camera's ribbon cable in, with the power off.",
    });
  }

  [Symbol.dispose](): void {
    for (const piece of this.#pieces) piece.fill(0);
    this.#pieces = [];
  }
}

function explain(camera: number, lastLine: string): Complaint | null {
  if (/no cameras available/.test(lastLine))
    return {
      why: "this computer sees no camera",
      hint: "Is the ribbon cable in, the right way round? If it is, let the service use it: sudo systemd/install camera",
    };
  if (/selected camera is not available/.test(lastLine))
    return {
      why: `there is no camera number ${camera}`,
      hint: "`rpicam-hello --list-cameras` names those that are there.",
    };
  if (/failed to acquire|failed to configure|busy|in use by another process/i.test(lastLine))
    return {
      why: "it is in use by another program",
      hint: "End the other program: such a camera serves one at a time.",
    };
  if (/Permission denied|Operation not permitted|dma.?heap|failed to allocate/i.test(lastLine))
    return { why: "it may not be used", hint: "Let the service use cameras: sudo systemd/install camera" };
  if (/unrecogni[sz]ed option|unknown option/i.test(lastLine))
    return { why: "its program is too old", hint: "Bring it up to date: sudo apt-get update && sudo apt-get upgrade" };
  return null;
}

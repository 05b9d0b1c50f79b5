// rpicam-still as it speaks and fails, for machines that are no Raspberry Pi: a program of that name in a folder of its own.
// Texts are those of rpicam-apps 1.5 and libcamera 0.3, as they were reported by people.
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** What it does with a scene of its own, in `picture.jpg` beside it. */
export type RpicamManner =
  | "well"
  | "well, with exit code 255"
  | "no camera"
  | "no such number"
  | "busy"
  | "busy stream"
  | "no permission"
  | "too old"
  | "silent, exit code 0"
  | "torn"
  | "text"
  | "endless"
  | "hangs"
  | "hangs at byte 10,000"
  | "one byte a second"
  | "killed";

export type FakeRpicam = AsyncDisposable & {
  /** For a camera: where programs are looked for. */
  readonly path: string;
  /** The folder with the program alone, in which nothing else is found. */
  readonly folder: string;
  show(picture: Buffer): Promise<void>;
  behave(manner: RpicamManner): Promise<void>;
  /** Words of its newest start. */
  words(): Promise<string[]>;
};

export async function fakeRpicam(name = "rpicam-still"): Promise<FakeRpicam> {
  const directory = await tempDir();
  const at = (file: string): string => join(directory.path, file);
  await writeFile(at(name), PROGRAM.replaceAll("FOLDER", directory.path));
  await chmod(at(name), 0o755);
  const behave = (manner: RpicamManner) => writeFile(at("manner"), manner);
  await behave("well");
  return {
    path: `${directory.path}:/usr/bin:/bin`,
    folder: directory.path,
    show: async (picture) => {
      await writeFile(at("picture.jpg"), picture);
      await behave("well");
    },
    behave,
    words: async () => (await readFile(at("words"), "utf8")).split("\n").slice(0, -1),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** It refuses what the real one would not understand, and writes nothing but to its output. */
const PROGRAM = `#!/bin/sh
printf '%s\\n' "$@" >FOLDER/words
output=
while [ $# -gt 0 ]; do
  case $1 in
    --nopreview | --immediate) shift ;;
    --camera | --width | --height | --verbose | --timeout | --encoding | --quality | --thumb) shift 2 ;;
    --output) output=$2; shift 2 ;;
    *) echo "ERROR: *** unrecognised option '$1' ***" >&2; exit 255 ;;
  esac
done
[ "$output" = - ] || exit 3
picture() { cat FOLDER/picture.jpg; }
log() { echo "[0:19:06.419783286] [2746] $1" >&2; }
log " INFO Camera camera_manager.cpp:325 libcamera v0.3.2+27-7330f29b"
case $(cat FOLDER/manner) in
  "well, with exit code 255") picture; exit 255 ;;
  well) picture ;;
  "no camera") echo "ERROR: *** no cameras available ***" >&2; exit 255 ;;
  "no such number") echo "ERROR: *** selected camera is not available ***" >&2; exit 255 ;;
  busy)
    log " INFO Camera camera.cpp:1028 Pipeline handler in use by another process"
    echo "ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/imx708@1a ***" >&2
    exit 255 ;;
  "busy stream")
    log "ERROR V4L2 v4l2_videodevice.cpp:1047 /dev/video0[13:cap]: Unable to set format: Device or resource busy"
    echo "ERROR: *** failed to configure streams ***" >&2
    exit 255 ;;
  "no permission")
    log "ERROR DmaBufAllocator dma_buf_allocator.cpp:120 Could not open any dma-buf provider: Permission denied"
    exit 255 ;;
  "too old") echo "ERROR: *** unrecognised option '--thumb' ***" >&2; exit 255 ;;
  "silent, exit code 0") ;;
  torn) head -c 20000 FOLDER/picture.jpg ;;
  text) echo "Made X/EGL preview window" ;;
  endless) picture; exec cat /dev/zero ;;
  hangs) exec sleep 600 ;;
  "hangs at byte 10,000") head -c 10000 FOLDER/picture.jpg; exec sleep 600 ;;
  "one byte a second")
    for at in 1 2 3 4 5 6 7 8 9 10; do head -c $at FOLDER/picture.jpg | tail -c 1; sleep 1; done
    exec sleep 600 ;;
  killed) picture | head -c 5000; kill -9 $$ ;;
esac
`;

// Cameras that a program of the system reads: it is started for each grab, its picture comes by pipe, and it is ended and
// reaped before the grab is. Used by v4l2 and rpicam.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { type RunningProgram, startProgram } from "../core/child-process.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { RawFrame } from "./raw-frame.ts";

/** Where programs of the system are, as in PATH. */
export const SYSTEM_PATH = "/usr/bin:/bin";

/** Takes the first picture out of what a program prints. Dispose zeroes what it holds. */
export type PictureReader = Disposable & {
  /** Takes ownership of `chunk` and zeroes it. A whole picture, in a buffer of its own, or null. Throws PICTURE_REFUSED. */
  push(chunk: Buffer): Buffer | null;
  /** The program has closed its output: the picture, if it is whole now. */
  end(): Buffer | null;
};

/** What is wrong, and the next step for a volunteer. */
export type Complaint = { readonly why: string; readonly hint: string };

type Start = Pick<Parameters<typeof startProgram>[0], "command" | "memoryBytes">;

type Deps = CameraDeps & {
  /** Looks, before each grab, whether it can be at all. Throws GatewayError. */
  readonly prepare: () => Promise<Start>;
  readonly openReader: () => PictureReader;
  /** What the program's last line of complaint means; null for what is not known. It is never shown itself. */
  readonly explain: (lastLine: string) => Complaint | null;
  readonly path?: string | undefined;
};

export function openProgramCamera({
  id,
  clock,
  grabMs = LIMITS.grabMs,
  prepare,
  openReader,
  explain,
  path = SYSTEM_PATH,
}: Deps): Camera & AsyncDisposable {
  const closing = new AbortController();
  /** Settles when no program of this camera runs any more. */
  let idle: Promise<unknown> = Promise.resolve();

  const grab = async (stop: AbortSignal): Promise<RawFrame> => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), grabMs);
    const over = AbortSignal.any([stop, closing.signal, late.signal]);
    try {
      const start = await prepare();
      // A device that was just let go of by a stopped grab is busy until its program is gone.
      await idle;
      if (over.aborted) throw stopped(id);
      const program = startProgram({ ...start, path });
      const read = readPicture({ id, program, openReader, explain }, over);
      idle = Promise.allSettled([read]);
      return new RawFrame({ bytes: await read, cameraId: id, takenAtMs: clock.nowMs() });
    } catch (thrown) {
      if (stop.aborted || closing.signal.aborted) throw stopped(id);
      if (late.signal.aborted) throw new GatewayError("CAMERA_TIMEOUT", `no picture from ${id} in ${grabMs} ms`);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    id,
    grab,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await idle;
    },
  };
}

/** The first of these programs that is there. Throws CAMERA_UNREACHABLE with how to install it. */
export async function findProgram(
  { id, path = SYSTEM_PATH, install }: { id: string; path?: string | undefined; install: string },
  names: readonly [string, ...string[]],
): Promise<string> {
  for (const name of names)
    for (const folder of path.split(":")) {
      const isThere = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return name;
    }
  throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: the program ${names[0]} is not installed`, {
    hint: `Install it with: sudo apt-get install ${install}`,
  });
}

async function readPicture(
  {
    id,
    program,
    openReader,
    explain,
  }: { id: string; program: RunningProgram; openReader: () => PictureReader; explain: Deps["explain"] },
  over: AbortSignal,
): Promise<Buffer> {
  using reader = openReader();
  // Whoever else holds the pipe's other end must not hold us: the stream is ended here too.
  const end = (): void => {
    program.kill();
    program.output.destroy();
  };
  if (over.aborted) end();
  over.addEventListener("abort", end, { once: true });
  let picture: Buffer | null = null;
  try {
    picture = await firstPicture(program, reader);
    if (picture !== null) return picture;
    const how = await program.ended;
    throw explained(id, how, explain);
  } finally {
    over.removeEventListener("abort", end);
    program.kill();
    await gone(program);
  }
}

async function firstPicture({ output }: RunningProgram, reader: PictureReader): Promise<Buffer | null> {
  try {
    for await (const chunk of output.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError("a program's output comes in buffers");
      const picture = reader.push(chunk);
      if (picture !== null) return picture;
    }
    return reader.end();
  } finally {
    // What was read and not looked at any more is pixels all the same (I1).
    for (let rest: unknown = output.read(); rest !== null; rest = output.read())
      if (Buffer.isBuffer(rest)) rest.fill(0);
    output.destroy();
  }
}

/** The program was killed and is reaped; one that hangs in a driver cannot be, and is waited for no longer than this. */
async function gone(program: RunningProgram): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CAMERA_LIMITS.programGoneMs);
  await Promise.race([program.ended, late.promise]);
  clearTimeout(timer);
}

/** `how`: of RunningProgram.ended. Code 0 is no success here: there was no picture. */
function explained(id: string, how: string, explain: Deps["explain"]): GatewayError {
  const [ending = "", lastLine = ""] = how.split(/: (.*)/s, 2);
  const { why, hint } = explain(lastLine) ?? {
    why: `its program gave no picture: ${ending}`,
    hint: "Is the camera plugged in? Unplug it, wait for ten seconds, and plug it in again.",
  };
  return new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${why}`, { hint });
}

function stopped(id: string): GatewayError {
  return new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: stopped`);
}

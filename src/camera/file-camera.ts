// A camera that is a file: each grab reads it anew. For tests and for programs that leave their newest picture in a tmpfs.
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { GatewayError, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { RawFrame } from "./raw-frame.ts";

/** A FIFO that nobody writes to would hold a plain open for ever, and a terminal would become ours. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * `path`: a regular file, or a link to one. A file that changes while it is read is refused: it would show half of two pictures.
 * `read`: how it is read; a test's may hang as a disk of the network does.
 */
export function openFileCamera({
  id,
  path,
  clock,
  grabMs = LIMITS.grabMs,
  read = readPicture,
}: CameraDeps & { readonly path: string; readonly read?: typeof readPicture }): Camera & AsyncDisposable {
  const closing = new AbortController();
  /** The kernel ends no read of a disk that hangs: one at a time, or its threads would all be waiting there. */
  let isReading = false;

  return {
    id,
    async grab(stop) {
      const over = AbortSignal.any([stop, closing.signal]);
      if (over.aborted) throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id} is closed`);
      if (isReading) throw hanging(id);
      isReading = true;
      const reading = read(id, path).finally(() => {
        isReading = false;
      });
      const bytes = await inTime({ id, reading, grabMs }, over);
      return new RawFrame({ bytes, cameraId: id, takenAtMs: clock.nowMs() });
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
    },
  };
}

/** What comes too late is zeroed. */
async function inTime(
  { id, reading, grabMs }: { id: string; reading: Promise<Buffer>; grabMs: number },
  over: AbortSignal,
): Promise<Buffer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(hanging(id)), grabMs);
  const end = (): void => reject(new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: stopped`));
  over.addEventListener("abort", end, { once: true });
  let isLate = true;
  try {
    const bytes = await Promise.race([reading, promise]);
    isLate = false;
    return bytes;
  } finally {
    clearTimeout(timer);
    over.removeEventListener("abort", end);
    if (isLate)
      void reading.then(
        (bytes) => bytes.fill(0),
        () => null, // the grab has failed already, and said why
      );
  }
}

function hanging(id: string): GatewayError {
  return new GatewayError("CAMERA_TIMEOUT", `camera ${id}: the disk with its file does not answer`, {
    hint: "Is the computer that the file lies on switched on, and in reach of the network?",
  });
}

async function readPicture(id: string, path: string): Promise<Buffer> {
  try {
    await using file = await open(path, FLAGS);
    return await readWhole(id, file);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw unreadable(id, cause);
  }
}

/** All of it in one buffer, as it was at one moment: neither its size nor its time of change differ before and after. */
async function readWhole(id: string, file: FileHandle): Promise<Buffer> {
  const before = await file.stat({ bigint: true });
  if (!before.isFile())
    throw new GatewayError(
      "CAMERA_UNREACHABLE",
      `camera ${id}: its path is ${before.isDirectory() ? "a folder" : "no file"}`,
      {
        hint: "Write the picture's own path into the kit. A folder that a camera puts pictures into is of kind folder.",
      },
    );
  if (before.size > LIMITS.frameBytes)
    throw new GatewayError("PICTURE_REFUSED", `the picture of ${id} is larger than ${LIMITS.frameBytes} bytes`);
  if (before.size === 0n) throw new GatewayError("PICTURE_REFUSED", `the picture of ${id} is empty`);
  const bytes = Buffer.alloc(Number(before.size));
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  const after = await file.stat({ bigint: true });
  if (at === bytes.length && after.size === before.size && after.mtimeNs === before.mtimeNs) return bytes;
  bytes.fill(0);
  throw new GatewayError("PICTURE_REFUSED", `the picture of ${id} changed while it was read`, {
    hint: "What writes the picture should write it beside, and then rename it to its place.",
  });
}

function unreadable(id: string, cause: unknown): GatewayError {
  const code = systemCodeOf(cause);
  const [why, hint] =
    code === "ENOENT"
      ? ["its file is not there", "Does what writes the picture run, and is the path in the kit right?"]
      : code === "EACCES" || code === "EPERM"
        ? ["its file may not be read", "Let the user `hedgerow` read the file and enter its folder."]
        : [`its file cannot be read (${code ?? "unknown"})`, "Is the disk it lies on mounted?"];
  return new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${why}`, { hint, cause });
}

// A folder that a camera puts files into, with our side of it opened as often as a test likes, and quick.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openFolderCamera } from "../../src/camera/folder-camera.ts";
import { PictureInbox } from "../../src/camera/picture-inbox.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type Log, silentLog } from "../../src/core/log.ts";
import { tempDir } from "./temp-dir.ts";

const JPEG_END = Buffer.from([0xff, 0xd9]);
/** Begins and ends as a JPEG; `value` tells one from another. */
export const picture = (value: number, bytes = 2000): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes, value), JPEG_END]);

type Bounds = NonNullable<Parameters<typeof openFolderCamera>[0]["bounds"]>;

/** `path`: of a folder that is there already; else one is made in a directory of its own, `outside`. */
export async function openFolderSite({
  bounds = {},
  path: given,
  closed = [],
  log = silentLog,
}: {
  bounds?: Bounds;
  path?: string;
  closed?: readonly string[];
  log?: Log;
} = {}) {
  const directory = await tempDir();
  const path = given ?? join(directory.path, "upload");
  if (given === undefined) await mkdir(path, { mode: 0o700 });
  const board = new Board();
  const inbox = new PictureInbox({ clock: systemClock, board, freshMs: 60_000 });
  const quick = { folderSettleMs: 5, folderScanMs: 30, folderQuietMs: 60_000, folderEmptyMs: 60_000, ...bounds };
  const opened: AsyncDisposable[] = [];
  return {
    outside: directory.path,
    path,
    board,
    dropped: (why: string) => board.get(`camera.picture.dropped.${why}`),
    counted: (name: string, n: number, timeout = 20_000) =>
      expect.poll(() => board.get(`camera.picture.${name}`), { timeout }).toBe(n),
    open() {
      const camera = openFolderCamera({
        id: "cam",
        path,
        closed,
        inbox,
        log,
        clock: systemClock,
        grabMs: 20_000,
        bounds: quick,
      });
      opened.push(camera);
      return camera;
    },
    async [Symbol.asyncDispose]() {
      for (const camera of opened) await camera[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

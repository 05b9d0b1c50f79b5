// Shown: a file as camera never hangs, whatever lies at its path, and never gives half of two pictures.
import { execFileSync } from "node:child_process";
import { chmod, mkdir, open, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFileCamera } from "../../src/camera/file-camera.ts";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;
const cameraAt = (path: string) => openFileCamera({ id: "cam", path, clock: systemClock });

async function failureAt(path: string): Promise<GatewayError> {
  const thrown: unknown = await cameraAt(path)
    .grab(never)
    .catch((error: unknown) => error);
  if (thrown instanceof GatewayError) return thrown;
  throw new Error(`no GatewayError at ${path}`);
}

test.each<{ name: string; make: (path: string) => unknown; code: string; says: RegExp }>([
  { name: "nothing", make: () => undefined, code: "CAMERA_UNREACHABLE", says: /not there/ },
  { name: "a folder", make: (path) => mkdir(path), code: "CAMERA_UNREACHABLE", says: /is a folder/ },
  {
    name: "a FIFO that nobody writes to",
    make: (path) => execFileSync("mkfifo", [path]),
    code: "CAMERA_UNREACHABLE",
    says: /is no file/,
  },
  {
    name: "a device without end",
    make: (path) => symlink("/dev/zero", path),
    code: "CAMERA_UNREACHABLE",
    says: /no file/,
  },
  { name: "a link in a circle", make: (path) => symlink(path, path), code: "CAMERA_UNREACHABLE", says: /ELOOP/ },
  { name: "an empty file", make: (path) => writeFile(path, ""), code: "PICTURE_REFUSED", says: /is empty/ },
])("$name at its path is refused at once", async ({ make, code, says }) => {
  await using directory = await tempDir();
  const path = join(directory.path, "frame.jpg");
  await make(path);
  const error = await failureAt(path);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(says);
});

test("a socket at its path is refused", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "socket");
  const server = createServer().listen(path);
  expect((await failureAt(path)).code).toBe("CAMERA_UNREACHABLE");
  server.close();
});

test.skipIf(process.getuid?.() === 0)("a file that may not be read is named with whom to allow", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "frame.jpg");
  await writeFile(path, "x");
  await chmod(path, 0);
  expect((await failureAt(path)).hint).toContain("hedgerow");
});

test("a picture that is put in place by a rename is had whole, old or new, however often", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "frame.jpg");
  const camera = cameraAt(path);
  const pictures = [Buffer.alloc(300_000, 1), Buffer.alloc(200_000, 2)];
  await writeFile(path, pictures[0] ?? "");
  const over = new AbortController();
  const writing = (async () => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      await writeFile(`${path}.new`, pictures[turn % 2] ?? "");
      await rename(`${path}.new`, path);
    }
  })();
  for (let left = 50; left > 0; left--) {
    using frame = await camera.grab(never);
    expect(pictures.some((picture) => picture.equals(bytesOfFrame(frame)))).toBe(true);
  }
  over.abort();
  await writing;
});

test("a file that grows while it is read is refused", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "frame.jpg");
  const camera = cameraAt(path);
  await writeFile(path, Buffer.alloc(8_000_000, 1));
  await using file = await open(path, "a");
  const over = new AbortController();
  const writing = (async () => {
    while (!over.signal.aborted) await file.write("more");
  })();
  const refused = async () => (await camera.grab(never).catch((error: unknown) => error)) instanceof GatewayError;
  await expect.poll(refused).toBe(true);
  over.abort();
  await writing;
  using frame = await camera.grab(never);
  expect(frame.size).toBe((await file.stat()).size);
});

test("a disk that hangs costs the grab's bound, its late picture is zeroed, and nobody waits for it twice", async () => {
  const late = Promise.withResolvers<Buffer>();
  let reads = 0;
  const read = () => {
    reads += 1;
    return late.promise;
  };
  const camera = openFileCamera({ id: "cam", path: "/nonexistent", clock: systemClock, grabMs: 50, read });
  for (let grabs = 0; grabs < 2; grabs++)
    await expect(camera.grab(never)).rejects.toMatchObject({ code: "CAMERA_TIMEOUT" });
  expect(reads).toBe(1);
  const picture = Buffer.alloc(1000, 7);
  late.resolve(picture);
  await expect.poll(() => picture.every((byte) => byte === 0)).toBe(true);
  const again = camera.grab(never);
  expect(reads).toBe(2);
  (await again)[Symbol.dispose]();
});

test("a grab that waits for a disk ends at once when it is told to stop, or when the camera is closed", async () => {
  const read = () => new Promise<Buffer>(() => undefined);
  for (const isStopped of [true, false]) {
    const camera = openFileCamera({ id: "cam", path: "/nonexistent", clock: systemClock, grabMs: 3_600_000, read });
    const stop = new AbortController();
    const grab = camera.grab(stop.signal);
    if (isStopped) stop.abort();
    else await camera[Symbol.asyncDispose]();
    await expect(grab).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
  }
});

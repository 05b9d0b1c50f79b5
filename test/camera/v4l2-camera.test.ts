// Shown: a USB camera's picture is taken by the real ffmpeg once its exposure has settled, and each way to fail is named. There
// is no camera here: ffmpeg's own test pictures stand in for /dev/video0, or a program that complains as ffmpeg does. By hand,
// on a computer with a USB camera:
//   hedgerow camera test ID          one picture, in about 1 s; the camera's lamp goes out at once
//   the same while `ffplay /dev/video0` runs: "in use by another program"; unplugged: "there is no /dev/video0"
//   as the service, before and after `sudo systemd/install camera`: "there is no /dev/video0" with that remedy, then the picture
import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { openV4l2Camera } from "../../src/camera/v4l2-camera.ts";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
if (!hasFfmpeg) console.warn("SKIPPED: Debian package ffmpeg is missing: USB cameras are not tested with the real one");

const base = { id: "cam", device: "/dev/video7", clock: systemClock };

async function failureOf(grab: Promise<unknown>): Promise<GatewayError> {
  const thrown = await grab.catch((error: unknown) => error);
  if (thrown instanceof GatewayError) return thrown;
  throw new Error("no GatewayError");
}

describe.skipIf(!hasFfmpeg)("with ffmpeg", () => {
  test("the picture is one of after the exposure has settled, and no metadata says whose", async () => {
    // Black for the first eight pictures, as a camera that has just woken up; then white.
    const input = [
      "-f",
      "lavfi",
      "-i",
      "color=black:s=640x480:r=30:d=0.26,format=yuvj420p[a];color=white:s=640x480:r=30,format=yuvj420p[b];[a][b]concat",
    ];
    await using camera = openV4l2Camera({ ...base, input });
    using frame = await camera.grab(never);
    const { channels } = await sharp(bytesOfFrame(frame)).stats();
    expect(channels.map(({ mean }) => Math.round(mean / 64))).toEqual([4, 4, 4]);
    const { width, height, exif } = await sharp(bytesOfFrame(frame)).metadata();
    expect([width, height, exif]).toEqual([640, 480, undefined]);
  });

  test("an input that ends before that is no picture, whatever the exit code", async () => {
    await using camera = openV4l2Camera({ ...base, input: ["-f", "lavfi", "-i", "testsrc=d=0.1"] });
    expect(await failureOf(camera.grab(never))).toMatchObject({ code: "CAMERA_UNREACHABLE" });
  });

  test.each([
    { device: "/dev/null", says: /\/dev\/null is no camera/ },
    { device: "/dev/nothing-there", says: /there is no \/dev\/nothing-there/ },
    { device: "/dev/../etc/passwd", says: /is no camera/ },
  ])("$device is refused before a program is started", async ({ device, says }) => {
    await using camera = openV4l2Camera({ ...base, device, path: "/nonexistent" });
    const error = await failureOf(camera.grab(never));
    expect(error.code).toBe("CAMERA_UNREACHABLE");
    expect(error.message).toMatch(says);
  });
});

test("a missing ffmpeg is named with how to install it", async () => {
  await using camera = openV4l2Camera({ ...base, input: ["-f", "lavfi", "-i", "testsrc"], path: "/nonexistent" });
  const { message, hint } = await failureOf(camera.grab(never));
  expect(message).toContain("ffmpeg is not installed");
  expect(hint).toContain("apt-get install ffmpeg");
});

// Lines as ffmpeg 5.1 and the kernel's drivers print them.
test.each([
  { line: "/dev/video7: Device or resource busy", says: /in use by another program/, hint: /fuser/ },
  { line: "/dev/video7: Permission denied", says: /may not be used/, hint: /systemd\/install camera/ },
  { line: "/dev/video7: Operation not permitted", says: /may not be used/, hint: /systemd\/install camera/ },
  { line: "/dev/video7: Inappropriate ioctl for device", says: /gives no pictures/, hint: /several devices/ },
  { line: "/dev/video7: No such device", says: /unplugged/, hint: /Plug it in/ },
  { line: "/dev/video7: Input/output error", says: /unplugged/, hint: /Plug it in/ },
  { line: "/dev/video7: Invalid argument", says: /this size/, hint: /list-formats-ext/ },
  { line: "something that nobody has seen before", says: /gave no picture: it ended with code 1$/, hint: /Unplug it/ },
])("$line: said in a sentence of its own, with its remedy", async ({ line, says, hint }) => {
  await using folder = await tempDir();
  const program = join(folder.path, "ffmpeg");
  await writeFile(
    program,
    `#!/bin/sh\necho "[video4linux2,v4l2 @ 0x560e6124ebc0] first" >&2\necho "${line}" >&2\nexit 1\n`,
  );
  await chmod(program, 0o755);
  await using camera = openV4l2Camera({ ...base, input: ["-i", "x"], path: `${folder.path}:/usr/bin:/bin` });
  const error = await failureOf(camera.grab(never));
  expect(error.code).toBe("CAMERA_UNREACHABLE");
  expect(error.message).toMatch(says);
  expect(error.message).not.toContain("nobody");
  expect(error.hint).toMatch(hint);
});

// Shown: what rpicam-still is asked for, and what each of its ways to fail means to a volunteer; with a program that speaks as
// it does, since there is no Raspberry Pi here. By hand, on one with a camera on its ribbon cable:
//   hedgerow camera test ID        one picture, in about 2 s; `ls /tmp /dev/shm` shows nothing new
//   the same while `rpicam-hello -t 0` runs: "in use by another program"; with the cable out: "sees no camera"
//   as the service, after `sudo systemd/install camera`: the picture comes; before: "sees no camera", with that remedy
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { openRpicamCamera } from "../../src/camera/rpicam-camera.ts";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { makeScene } from "../contracts/camera/harness.ts";
import { fakeRpicam, type RpicamManner } from "../helpers/fake-rpicam.ts";

const never = new AbortController().signal;

async function failureOf(grab: Promise<unknown>): Promise<GatewayError> {
  const thrown = await grab.catch((error: unknown) => error);
  if (thrown instanceof GatewayError) return thrown;
  throw new Error("no GatewayError");
}

test("it is asked for one picture on its output, of the camera and the size of the kit, with no window and no thumbnail", async () => {
  await using fake = await fakeRpicam();
  const { jpeg } = await makeScene(1);
  await fake.show(jpeg);
  const { path } = fake;
  await using camera = openRpicamCamera({ id: "cam", camera: 1, size: "1280x720", clock: systemClock, path });
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame).equals(jpeg)).toBe(true);
  const words = (await fake.words()).join(" ");
  expect(words).toMatch(/^--camera 1 --width 1280 --height 720 --nopreview .*--thumb none --output -$/);
  expect(words).not.toContain("metadata");
});

test("libcamera-still is taken where only that is there", async () => {
  await using fake = await fakeRpicam("libcamera-still");
  const { jpeg } = await makeScene(1);
  await fake.show(jpeg);
  await using camera = openRpicamCamera({ id: "cam", camera: 0, clock: systemClock, path: fake.path });
  using frame = await camera.grab(never);
  expect(frame.size).toBe(jpeg.length);
});

test("a program that is missing is named with how to install it", async () => {
  await using camera = openRpicamCamera({ id: "cam", camera: 0, clock: systemClock, path: "/nonexistent" });
  const { code, message, hint } = await failureOf(camera.grab(never));
  expect(code).toBe("CAMERA_UNREACHABLE");
  expect(message).toContain("rpicam-still is not installed");
  expect(hint).toContain("apt-get install rpicam-apps-lite");
});

test.each<{ manner: RpicamManner; code?: string; says: RegExp; hint: RegExp }>([
  { manner: "no camera", says: /sees no camera/, hint: /ribbon cable.*systemd\/install camera/ },
  { manner: "no such number", says: /no camera number 3/, hint: /--list-cameras/ },
  { manner: "busy", says: /in use by another program/, hint: /one at a time/ },
  { manner: "busy stream", says: /in use by another program/, hint: /one at a time/ },
  { manner: "no permission", says: /may not be used/, hint: /systemd\/install camera/ },
  { manner: "too old", says: /too old/, hint: /apt-get upgrade/ },
  { manner: "silent, exit code 0", says: /gave no picture: it ended with code 0/, hint: /plugged in/ },
  { manner: "torn", code: "PICTURE_REFUSED", says: /not whole/, hint: /ribbon cable/ },
  { manner: "text", code: "PICTURE_REFUSED", says: /not whole/, hint: /ribbon cable/ },
  { manner: "killed", code: "PICTURE_REFUSED", says: /not whole/, hint: /ribbon cable/ },
  { manner: "endless", code: "PICTURE_REFUSED", says: /larger than/, hint: /megapixels/ },
])("$manner: said in a sentence of its own, with its remedy", async ({ manner, code, says, hint }) => {
  await using fake = await fakeRpicam();
  await fake.show((await makeScene(1)).jpeg);
  await fake.behave(manner);
  await using camera = openRpicamCamera({ id: "cam", camera: 3, clock: systemClock, path: fake.path });
  const error = await failureOf(camera.grab(never));
  expect(error.code).toBe(code ?? "CAMERA_UNREACHABLE");
  expect(error.message).toMatch(says);
  expect(error.message).not.toMatch(/imx708|v4l2_videodevice/);
  expect(error.hint).toMatch(hint);
});

test("a whole picture is taken though the program ends with an error", async () => {
  await using fake = await fakeRpicam();
  const { jpeg } = await makeScene(1);
  await fake.show(jpeg);
  await fake.behave("well, with exit code 255");
  await using camera = openRpicamCamera({ id: "cam", camera: 0, clock: systemClock, path: fake.path });
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame).equals(jpeg)).toBe(true);
});

test("rpicam-still goes before libcamera-still", async () => {
  await using fake = await fakeRpicam();
  await using old = await fakeRpicam("libcamera-still");
  const { jpeg } = await makeScene(1);
  await fake.show(jpeg);
  await old.behave("no camera");
  await copyFile(join(old.folder, "libcamera-still"), join(fake.folder, "libcamera-still"));
  await using camera = openRpicamCamera({ id: "cam", camera: 0, clock: systemClock, path: fake.path });
  using frame = await camera.grab(never);
  expect(frame.size).toBe(jpeg.length);
});

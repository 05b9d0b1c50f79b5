// Cameras on a cable, by what the kernel lists: a folder made as /sys/class/video4linux is.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pluggedCameras } from "../../src/camera/plugged-cameras.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("a USB camera is listed once, by its first node; codecs of a Pi are none, and its own camera is one of its own kind", async () => {
  await using directory = await tempDir();
  const nodes: readonly (readonly [string, string, string])[] = [
    ["video0", "UVC Camera: UVC Camera", "0"],
    ["video1", "UVC Camera: UVC Camera", "1"],
    ["video2", "unicam-image", "0"],
    ["video10", "bcm2835-codec-decode", "0"],
    ["video13", "bcm2835-isp-output0", "0"],
    ["v4l-subdev0", "imx219", "0"],
  ];
  for (const [node, name, index] of nodes) {
    await mkdir(join(directory.path, node));
    await writeFile(join(directory.path, node, "name"), `${name}\n`);
    await writeFile(join(directory.path, node, "index"), `${index}\n`);
  }
  expect(await pluggedCameras(directory.path)).toEqual([
    { kind: "v4l2", device: "/dev/video0" },
    { kind: "rpicam", camera: 0 },
  ]);
});

test("a machine without video devices has none", async () => {
  expect(await pluggedCameras("/nowhere/video4linux")).toEqual([]);
});

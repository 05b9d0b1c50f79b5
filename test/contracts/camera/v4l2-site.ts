// A USB camera, for the contract suite: the real ffmpeg, which reads a file or a FIFO of pictures in place of /dev/video0.
import { execFileSync, spawnSync } from "node:child_process";
import { type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openV4l2Camera } from "../../../src/camera/v4l2-camera.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { type CameraKind, makeScene } from "./harness.ts";

/** More than are passed over for the exposure's sake. */
const PICTURES = 12;

export const v4l2Kind: CameraKind = {
  name: "v4l2",
  lacks: spawnSync("ffmpeg", ["-version"]).status === 0 ? null : "ffmpeg",
  illnesses: [
    "refuses",
    "never answers",
    "hangs at byte 10,000",
    "is gone in the middle",
    "sends no picture but text",
    "sends nothing and ends",
  ],
  async openSite() {
    const directory = await tempDir();
    const path = join(directory.path, "video");
    let writer: FileHandle | null = null;
    const write = async (bytes: Buffer | string) => {
      await writeFile(`${path}.new`, bytes);
      await rename(`${path}.new`, path);
    };
    const clear = async () => {
      await writer?.close();
      writer = null;
      await rm(path, { force: true });
    };
    return {
      open: async ({ grabMs }) =>
        openV4l2Camera({
          id: "cam",
          device: "/dev/video0",
          clock: systemClock,
          grabMs,
          input: ["-f", "mjpeg", "-i", path],
        }),
      async show(picture) {
        await clear();
        await write(Buffer.concat(Array.from({ length: PICTURES }, () => picture)));
      },
      async fall(ill) {
        await clear();
        const { jpeg } = await makeScene(1);
        if (ill === "sends nothing and ends") await write("");
        if (ill === "sends no picture but text") await write("<html>no picture</html>".repeat(1000));
        if (ill === "is gone in the middle") await write(jpeg.subarray(0, jpeg.length / 2));
        if (ill !== "never answers" && ill !== "hangs at byte 10,000") return;
        execFileSync("mkfifo", [path]);
        // Both ends: it opens at once, and whoever reads waits for ever.
        writer = await open(path, "r+");
        if (ill === "hangs at byte 10,000") await writer.write(jpeg.subarray(0, 10_000));
      },
      async [Symbol.asyncDispose]() {
        await clear();
        await directory[Symbol.asyncDispose]();
      },
    };
  },
};

// A file as camera, for the contract suite.
import { rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openFileCamera } from "../../../src/camera/file-camera.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import type { CameraKind } from "./harness.ts";

export const fileKind: CameraKind = {
  name: "file",
  lacks: null,
  async openSite() {
    const directory = await tempDir();
    const path = join(directory.path, "frame.jpg");
    const write = async (bytes: Buffer | string) => {
      await writeFile(`${path}.new`, bytes);
      await rename(`${path}.new`, path);
    };
    return {
      open: async ({ grabMs }) => openFileCamera({ id: "cam", path, clock: systemClock, grabMs }),
      show: write,
      ill: {
        refuses: () => rm(path, { force: true }),
        "sends a picture that is too large": async () => {
          await write("");
          await truncate(path, LIMITS.frameBytes + 1);
        },
        "sends no picture but text": () => write("<html>no picture</html>"),
        "sends nothing and ends": () => write(""),
      },
      [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
    };
  },
};

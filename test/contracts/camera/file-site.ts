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
  illnesses: ["refuses", "sends a picture that is too large", "sends nothing and ends"],
  async openSite() {
    const directory = await tempDir();
    const path = join(directory.path, "frame.jpg");
    const write = async (bytes: Buffer | string) => {
      await rm(path, { force: true });
      await writeFile(`${path}.new`, bytes);
      await rename(`${path}.new`, path);
    };
    return {
      open: async ({ grabMs }) => openFileCamera({ id: "cam", path, clock: systemClock, grabMs }),
      show: write,
      async fall(ill) {
        await rm(path, { force: true });
        if (ill === "sends nothing and ends") await write("");
        if (ill === "sends a picture that is too large") {
          await write("");
          await truncate(path, LIMITS.frameBytes + 1);
        }
      },
      [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
    };
  },
};

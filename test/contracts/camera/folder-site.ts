// A folder that a camera puts files into, for the contract suite: written piece by piece, as an FTP server does.
import { mkdir, open, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openFolderCamera } from "../../../src/camera/folder-camera.ts";
import { PictureInbox } from "../../../src/camera/picture-inbox.ts";
import { Board } from "../../../src/core/board.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { silentLog } from "../../../src/core/log.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { type CameraKind, makeScene } from "./harness.ts";

export const folderKind: CameraKind = {
  name: "folder",
  lacks: null,
  sendsByItself: true,
  illnesses: [
    "refuses",
    "never answers",
    "hangs at byte 10,000",
    "sends a picture that is too large",
    "sends no picture but text",
    "sends nothing and ends",
  ],
  async openSite() {
    const directory = await tempDir();
    const path = join(directory.path, "upload");
    const elsewhere = join(directory.path, "unplugged");
    await mkdir(path);
    let serial = 0;
    let isAway = false;
    const next = (): string => join(path, `frame-${++serial}.jpg`);
    return {
      async open({ grabMs }) {
        const inbox = new PictureInbox({ clock: systemClock, board: new Board() });
        return openFolderCamera({ id: "cam", path, clock: systemClock, inbox, log: silentLog, grabMs });
      },
      async show(picture) {
        if (isAway) await rename(elsewhere, path);
        isAway = false;
        await using file = await open(next(), "w");
        for (let at = 0; at < picture.length; at += 16_384) await file.write(picture.subarray(at, at + 16_384));
      },
      async fall(ill) {
        isAway = ill === "refuses";
        if (isAway) await rename(path, elsewhere);
        if (ill === "sends nothing and ends") await writeFile(next(), "");
        if (ill === "sends no picture but text") await writeFile(next(), "<html>no picture</html>");
        if (ill === "hangs at byte 10,000") await writeFile(next(), (await makeScene(1)).jpeg.subarray(0, 10_000));
        if (ill !== "sends a picture that is too large") return;
        const name = next();
        await writeFile(name, (await makeScene(1)).jpeg);
        await truncate(name, LIMITS.frameBytes + 1);
      },
      [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
    };
  },
};

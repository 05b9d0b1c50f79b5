// A Raspberry Pi's own camera, for the contract suite: a program that speaks and fails as rpicam-still does.
import { openRpicamCamera } from "../../../src/camera/rpicam-camera.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { fakeRpicam, type RpicamManner } from "../../helpers/fake-rpicam.ts";
import type { CameraKind, Illness } from "./harness.ts";

const MANNERS: Partial<Record<Illness, RpicamManner>> = {
  "never answers": "hangs",
  "hangs at byte 10,000": "hangs at byte 10,000",
  "sends one byte a second": "one byte a second",
  "sends a body without end": "endless",
  "sends a picture that is too large": "endless",
  refuses: "no camera",
  "is gone in the middle": "killed",
  "sends no picture but text": "text",
  "sends nothing and ends": "silent, exit code 0",
};

export const rpicamKind: CameraKind = {
  name: "rpicam",
  lacks: null,
  illnesses: [
    "never answers",
    "hangs at byte 10,000",
    "sends one byte a second",
    "sends a body without end",
    "sends a picture that is too large",
    "refuses",
    "is gone in the middle",
    "sends no picture but text",
    "sends nothing and ends",
  ],
  async openSite() {
    const fake = await fakeRpicam();
    return {
      open: async ({ grabMs }) =>
        openRpicamCamera({ id: "cam", camera: 0, clock: systemClock, grabMs, path: fake.path }),
      show: (picture) => fake.show(picture),
      fall: (ill) => fake.behave(MANNERS[ill] ?? "well"),
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    };
  },
};

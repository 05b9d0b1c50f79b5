// Cameras before they are agreed on, made by hand: what is found, and what a look through one finds.
import type { CameraCommands, CameraDetails } from "../../src/core/camera-commands.ts";
import type { CameraTest, CameraView } from "../../src/core/commands.ts";
import type { GatewayError } from "../../src/core/errors.ts";
import { CameraEntry } from "../../src/settings/camera-schema.ts";
import type { CameraTrials, FoundCamera } from "../../src/settings/camera-trials.ts";
import type { CameraSettings } from "../../src/settings/schema.ts";

export type FakeTrials = CameraTrials & {
  found: readonly FoundCamera[];
  sources: readonly CameraSettings["source"][];
  /** Of the next look. */
  test: CameraTest;
  /** Thrown by the next look or search, then forgotten. */
  refusal: GatewayError | null;
  readonly tried: Parameters<CameraTrials["tryCamera"]>[0][];
};

/** `cameras`: of the kit; each has a made-up address. */
export function fakeTrials(cameras: () => readonly CameraView[]): FakeTrials {
  const refuse = (): void => {
    const { refusal } = trials;
    trials.refusal = null;
    if (refusal !== null) throw refusal;
  };
  const trials: FakeTrials = {
    found: [{ address: "192.168.1.20", name: "Front door", model: "HIKVISION DS-2CD" }],
    sources: [],
    tried: [],
    refusal: null,
    test: {
      outcome: "redacted",
      detail: null,
      width: 1280,
      height: 720,
      boxes: [[422, 312, 70, 84, 0.9]],
      jpeg: Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
      ms: { grab: 740, detect: 240, total: 1000 },
      frameBytes: 281_000,
    },
    settingsOf(id) {
      const camera = cameras().find((each) => each.id === id);
      if (camera === undefined) return undefined;
      const source = { kind: "rtsp", url: "rtsp://192.168.1.30/stream1" };
      return CameraEntry.parse({ id, name: camera.name, zone: camera.zone, source });
    },
    ids: () => cameras().map(({ id }) => id),
    mayReach: (host) => !/^(localhost|127\.|169\.254\.|\[::1\])/.test(host),
    async findCameras() {
      refuse();
      return trials.found;
    },
    plugged: async () => trials.sources,
    async tryCamera(ask) {
      refuse();
      trials.tried.push(ask);
      return trials.test;
    },
  };
  return trials;
}

type Note = (command: string, ask: unknown, answer: undefined) => Promise<undefined>;
type House = { readonly details: CameraDetails; readonly picture: Buffer | null };

/** What a person sees of one camera, and its pause, noted. */
export function fakeCameraCommands(note: Note, house: () => House): CameraCommands {
  return {
    pauseCamera: (ask) => note("pauseCamera", ask, undefined),
    cameraDetails: () => house().details,
    cameraPicture: async () => house().picture,
  };
}

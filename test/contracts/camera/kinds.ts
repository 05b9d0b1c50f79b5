// Every kind of camera that the contract suite is run on. A kind's owner adds its site here.
import type { CameraKind } from "./harness.ts";
import { fileKind } from "./file-site.ts";
import { httpKinds } from "./http-site.ts";
import { rtspKind } from "./rtsp-site.ts";
import { folderKind } from "./folder-site.ts";
import { mqttKinds } from "./mqtt-site.ts";
import { rpicamKind } from "./rpicam-site.ts";
import { v4l2Kind } from "./v4l2-site.ts";

export const KINDS: readonly CameraKind[] = [
  fileKind,
  ...httpKinds,
  ...mqttKinds,
  folderKind,
  rtspKind,
  rpicamKind,
  v4l2Kind,
];

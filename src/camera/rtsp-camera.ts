// A camera with an RTSP stream, asked anew for each picture or kept open (`warm`).
import { LIMITS } from "../core/limits.ts";
import { loginOf } from "./authorization.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { openOnDemand } from "./rtsp-on-demand.ts";
import { decodePictures } from "./rtsp-decoder.ts";
import type { RtspSource } from "./rtsp-relay.ts";
import { openWarmCamera } from "./warm-camera.ts";

/** `credentials`: "user:password". `ca`: PEM of a private authority. `certSha256`: of the camera's own certificate. */
type Opened = {
  readonly id: string;
  readonly url: string;
  readonly credentials?: string | undefined;
  readonly ca?: string | undefined;
  readonly certSha256?: string | undefined;
};

/** The source as the relay wants it. Throws SECRET_UNREADABLE for credentials that are none. */
export function rtspSourceOf({ id, url, credentials, ca, certSha256 }: Opened): RtspSource {
  return { id, url, login: credentials === undefined ? null : loginOf(credentials, id), ca, certSha256 };
}

export function openRtspCamera({
  clock,
  grabMs = LIMITS.grabMs,
  isWarm,
  ...opened
}: CameraDeps & Opened & { readonly isWarm: boolean }): Camera & AsyncDisposable {
  const source = rtspSourceOf(opened);
  const { id } = opened;
  if (!isWarm)
    return openOnDemand({
      id,
      clock,
      grabMs,
      pictures: (stop) => decodePictures({ source, silentMs: grabMs, isOne: true }, stop),
    });
  return openWarmCamera({
    id,
    clock,
    grabMs,
    pictures: (stop) => decodePictures({ source, silentMs: CAMERA_LIMITS.warmSilentMs, isOne: false }, stop),
  });
}

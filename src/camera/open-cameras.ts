// Opens each camera of the kit by the kind of its source. A new kind is one file and one case here.
import type { Log } from "../core/log.ts";
import type { CameraSettings } from "../settings/schema.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { openFileCamera } from "./file-camera.ts";
import { openFolderCamera } from "./folder-camera.ts";
import { openHttpSnapshotCamera } from "./http-snapshot.ts";
import { openMjpegCamera } from "./mjpeg.ts";
import { openMqttCamera } from "./mqtt-camera.ts";
import type { PictureInbox } from "./picture-inbox.ts";
import { openRpicamCamera } from "./rpicam-camera.ts";
import { openV4l2Camera } from "./v4l2-camera.ts";
import { openRtspCamera } from "./rtsp-camera.ts";

/** `source`: as in the kit; what its files hold is read by `readSecret`, which throws SECRET_UNREADABLE. `inbox`: of cameras that send by themselves. `closed`: see whyNoDropFolder. */
export async function openCamera({
  source,
  readSecret,
  inbox,
  log,
  closed,
  ...deps
}: CameraDeps & {
  readonly source: CameraSettings["source"];
  readonly readSecret: (file: string) => Promise<string>;
  readonly inbox: PictureInbox;
  readonly log: Log;
  readonly closed?: readonly string[];
}): Promise<Camera & Partial<AsyncDisposable>> {
  switch (source.kind) {
    case "http-snapshot":
    case "mjpeg": {
      const { kind, url, credentialsFile, caFile, certSha256 } = source;
      const credentials = credentialsFile === undefined ? undefined : await readSecret(credentialsFile);
      const ca = caFile === undefined ? undefined : await readSecret(caFile);
      const open = kind === "mjpeg" ? openMjpegCamera : openHttpSnapshotCamera;
      return open({ ...deps, url, credentials, ca, certSha256 });
    }
    case "rtsp": {
      const { url, credentialsFile, caFile, certSha256, warm: isWarm } = source;
      const credentials = credentialsFile === undefined ? undefined : await readSecret(credentialsFile);
      const ca = caFile === undefined ? undefined : await readSecret(caFile);
      return openRtspCamera({ ...deps, url, credentials, ca, certSha256, isWarm });
    }
    case "mqtt":
      return openMqttCamera({ ...deps, at: source.at, inbox });
    case "folder":
      return openFolderCamera({ ...deps, path: source.path, closed, inbox, log });
    case "file":
      return openFileCamera({ ...deps, path: source.path });
    case "v4l2":
      return openV4l2Camera({ ...deps, device: source.device, size: source.size });
    case "rpicam":
      return openRpicamCamera({ ...deps, camera: source.camera, size: source.size });
  }
}

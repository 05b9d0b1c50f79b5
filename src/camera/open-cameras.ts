// Opens each camera of the kit by the kind of its source. A new kind is one file and one case here.
import { GatewayError } from "../core/errors.ts";
import type { CameraSettings } from "../settings/schema.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { openFileCamera } from "./file-camera.ts";
import { openHttpSnapshotCamera } from "./http-snapshot.ts";

/** `source`: as in the kit; what its files hold is read by `readSecret`, which throws SECRET_UNREADABLE. */
export async function openCamera({
  source,
  readSecret,
  ...deps
}: CameraDeps & {
  readonly source: CameraSettings["source"];
  readonly readSecret: (file: string) => Promise<string>;
}): Promise<Camera & Partial<AsyncDisposable>> {
  switch (source.kind) {
    case "http-snapshot": {
      const { url, credentialsFile, caFile } = source;
      const credentials = credentialsFile === undefined ? undefined : await readSecret(credentialsFile);
      const ca = caFile === undefined ? undefined : await readSecret(caFile);
      return openHttpSnapshotCamera({ ...deps, url, credentials, ca });
    }
    case "file":
      return openFileCamera({ ...deps, path: source.path });
    case "rtsp":
    case "mjpeg":
    case "mqtt":
    case "folder":
    case "v4l2":
    case "rpicam":
      throw new GatewayError("CAMERA_UNREACHABLE", `this version has no ${source.kind} cameras`);
  }
}

// Opens each camera of the kit by the kind of its source. A new kind is one file and one case here.
import type { Clock } from "../core/clock.ts";
import type { CameraSettings } from "../settings/schema.ts";
import type { Camera } from "./camera.ts";
import { openFileCamera } from "./file-camera.ts";
import { openHttpSnapshotCamera } from "./http-snapshot.ts";

/** `source`: as in the kit; what its files hold is read by `readSecret`, which throws SECRET_UNREADABLE. */
export async function openCamera({
  id,
  source,
  clock,
  readSecret,
}: {
  id: string;
  source: CameraSettings["source"];
  clock: Clock;
  readSecret: (file: string) => Promise<string>;
}): Promise<Camera & Partial<AsyncDisposable>> {
  switch (source.kind) {
    case "http-snapshot": {
      const { url, credentialsFile, caFile } = source;
      const credentials = credentialsFile === undefined ? undefined : await readSecret(credentialsFile);
      const ca = caFile === undefined ? undefined : await readSecret(caFile);
      return openHttpSnapshotCamera({ id, clock, url, credentials, ca });
    }
    case "file":
      return openFileCamera({ id, path: source.path, clock });
  }
}

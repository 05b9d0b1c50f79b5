// Opens each camera of the kit by the kind of its source. A new kind is one file and one case here.
import type { Clock } from "../core/clock.ts";
import type { Camera } from "./camera.ts";
import { openFileCamera } from "./file-camera.ts";
import { openHttpSnapshotCamera } from "./http-snapshot.ts";

/** What a camera's source says, its secrets already read. */
export type CameraSource =
  | {
      readonly kind: "http-snapshot";
      readonly url: string;
      readonly credentials?: string | undefined;
      readonly ca?: string | undefined;
    }
  | { readonly kind: "file"; readonly path: string };

export function openCamera({
  id,
  source,
  clock,
}: {
  id: string;
  source: CameraSource;
  clock: Clock;
}): Camera & Partial<AsyncDisposable> {
  switch (source.kind) {
    case "http-snapshot":
      return openHttpSnapshotCamera({ id, clock, url: source.url, credentials: source.credentials, ca: source.ca });
    case "file":
      return openFileCamera({ id, path: source.path, clock });
  }
}

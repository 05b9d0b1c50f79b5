// A camera that gives one picture per HTTP GET.
import type { Camera } from "./camera.ts";
import { type HttpCameraDeps, openHttpCamera, wholePicture } from "./http-camera.ts";
import { RawFrame } from "./raw-frame.ts";

/** Throws SECRET_UNREADABLE for credentials that are not user:password. */
export function openHttpSnapshotCamera(deps: HttpCameraDeps): Camera & AsyncDisposable {
  const { id, clock } = deps;
  const camera = openHttpCamera(deps);
  return {
    id,
    async grab(stop) {
      const bytes = wholePicture(await camera.get(() => "collect", stop), id);
      return new RawFrame({ bytes, cameraId: id, takenAtMs: clock.nowMs() });
    },
    [Symbol.asyncDispose]: () => camera[Symbol.asyncDispose](),
  };
}

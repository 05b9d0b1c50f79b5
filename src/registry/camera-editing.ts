// A camera put into the kit, or changed: what it has beside its settings stays.
import { hasOwnLogin } from "./camera-login.ts";
import { pauseOf } from "./camera-pausing.ts";
import type { RegistryData } from "./registry.ts";
import type { CameraSettings } from "../settings/schema.ts";

/** Adds the camera, or changes the one of its id, in place. It keeps its pause, and its login where it still has one. */
export function putCamera(data: RegistryData, camera: CameraSettings): void {
  const known = data.cameras.find(({ id }) => id === camera.id);
  const kept = {
    ...camera,
    ...pauseOf(known),
    ...(hasOwnLogin(data, camera) && known?.passwordHash !== undefined && { passwordHash: known.passwordHash }),
  };
  data.cameras =
    known === undefined ? [...data.cameras, kept] : data.cameras.map((each) => (each === known ? kept : each));
}

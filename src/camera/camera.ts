// The camera port.
import type { Clock } from "../core/clock.ts";
import type { RawFrame } from "./raw-frame.ts";

export type Camera = {
  readonly id: string;
  /**
   * One fresh frame. Called by the snapshot road, one at a time per camera. Ends within LIMITS.grabMs or when `stop` aborts.
   * Throws GatewayError CAMERA_UNREACHABLE, CAMERA_TIMEOUT or PICTURE_REFUSED; no text of it holds a credential, an address
   * with one, or a byte of a picture. The caller disposes the frame.
   */
  grab(stop: AbortSignal): Promise<RawFrame>;
  /**
   * Only of cameras that send by themselves (mqtt, folder): calls back whenever a picture has come, until the returned
   * function is called; `grab` then gives it. The picture is dropped and zeroed after LIMITS.cameraFrameFreshMs or when a newer
   * one comes, whether or not anybody grabs.
   */
  onPicture?(heard: () => void): () => void;
  /**
   * Only of cameras that keep a stream open (warm): told again and again whether it may look now. A resting one keeps no stream
   * and no frame; it rests until it is told otherwise, and `grab` wakes it.
   */
  rest?(isResting: boolean): void;
  /** What people should know of a camera that works, such as a folder that is on a disk; null: nothing. Cheap: asked with each status. */
  caution?(): string | null;
};

/** What every kind of camera is opened with. `grabMs`: for the whole grab, LIMITS.grabMs unless a test shortens it. */
export type CameraDeps = { readonly id: string; readonly clock: Clock; readonly grabMs?: number };

/** A login of the kit, taken apart at the first colon of "user:password". */
export type CameraLogin = {
  readonly user: string;
  readonly password: string;
  /** Set once the camera has asked for digest: from then on nobody on the network can talk it into telling the password (basic). */
  isDigestKnown?: boolean;
};

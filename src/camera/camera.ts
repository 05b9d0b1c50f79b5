// The camera port.
import type { RawFrame } from "./raw-frame.ts";

export type Camera = {
  readonly id: string;
  /**
   * One fresh frame. Called by the snapshot road, one at a time per camera. Ends within LIMITS.grabMs or when `stop` aborts.
   * Throws GatewayError CAMERA_UNREACHABLE, CAMERA_TIMEOUT or PICTURE_REFUSED. The caller disposes the frame.
   */
  grab(stop: AbortSignal): Promise<RawFrame>;
};

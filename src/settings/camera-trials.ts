// What a steward does with a camera before it is agreed on: find it in the network, see what is plugged in, look through it once.
// A port beside settings/site-commands.ts; src/camera-trials.ts implements it.
import type { CameraTest } from "../core/commands.ts";
import type { CameraPolicyEntry, CameraSettings } from "./schema.ts";

/** A camera that answered from `address` (IPv4). `name`, `model`: as it says, untrusted and short; empty where it says none. */
export type FoundCamera = { readonly address: string; readonly name: string; readonly model: string };

export type CameraTrials = {
  /** As the registry has it; undefined: there is none of this id. */
  settingsOf(id: string): CameraSettings | undefined;
  /** Ids that are taken. */
  ids(): readonly string[];
  /** Whether a camera may be at this host, by its name or literal address: not on this machine, and none that is not of a network. */
  mayReach(host: string): boolean;
  /** ONVIF cameras that answer in the local network, after some seconds. Throws TOO_SOON while another search runs. */
  findCameras(stop: AbortSignal): Promise<readonly FoundCamera[]>;
  /** Cameras on a cable of this machine. */
  plugged(): Promise<readonly CameraSettings["source"][]>;
  /**
   * One look through a camera that need not be in the kit, redacted as `policy` says, for a person's eyes: kept nowhere, sent
   * nowhere. `credentials`: user:password; absent: as its settings name them. Throws TOO_SOON while another is tried, USAGE for
   * a paused one and for what only the running kit can receive (mqtt, folder).
   */
  tryCamera(
    ask: { readonly camera: CameraSettings; readonly credentials?: string; readonly policy: CameraPolicyEntry },
    stop: AbortSignal,
  ): Promise<CameraTest>;
};

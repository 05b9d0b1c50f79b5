// What a person may change of a device that exists: its name and zone, and which thing stands in its place.
import type { Credentials } from "./commands.ts";

/**
 * What takes a device's place: one that waits for approval (`proposal`, with a `profile` where it has none of its own), or
 * a new one as in pairDevice.
 */
export type Replacement =
  | { readonly id: string; readonly proposal: string; readonly profile?: string }
  | {
      readonly id: string;
      readonly profile: string;
      readonly topic?: string;
      readonly pin?: number;
      readonly chip?: string;
      readonly activeLow?: boolean;
      readonly pull?: "up" | "down" | "none";
    };

export type DeviceCommands = {
  /** At once, for all that it says from now on. An empty name takes the name away. Throws NOT_FOUND, USAGE. */
  changeDevice(ask: { readonly id: string; readonly name?: string; readonly zone?: string }): Promise<void>;
  /**
   * Another thing takes the device's place: id, name, zone, what it triggers and its history stay; kind, topic and login are
   * the new one's, and the old login is void at once. Throws NOT_FOUND, USAGE, ALREADY_EXISTS, and then nothing has changed.
   */
  replaceDevice(ask: Replacement): Promise<Credentials>;
};

// The source port: where arrivals come from, and what a source owes them.
import type { Arrival, Login } from "../core/arrival.ts";

/**
 * Resolves when everything the arrival changed is on disk, or when it was knowingly not kept and counted: only then may the
 * source acknowledge it (I5). Rejects when neither could be done: the source must not acknowledge. Calls of one login are
 * made in the order of its messages, and may overlap; they settle in that order too.
 */
export type Take = (arrival: Arrival) => Promise<void>;

/**
 * Pictures that cameras publish. They are no arrivals: they go to the camera's place in memory and nowhere else, and their
 * acknowledgement means "taken into memory, or knowingly dropped and counted"; the event about one is made afterwards.
 */
export type Pictures = {
  /** Whether any message of this login may be a picture; cheap, asked for each. */
  hasAny(login: Login): boolean;
  /** The camera whose picture a message of this login on this topic is; null: it is none. */
  cameraOf(login: Login, topic: string): string | null;
  /** Takes ownership of a message of the camera, at once. */
  take(cameraId: string, message: Buffer): void;
  /** Counts one that was not taken; the caller has zeroed it. */
  drop(why: "no-camera" | "no-picture" | "no-room" | "retained-replay"): void;
};

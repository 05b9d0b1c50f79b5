// The source port: where arrivals come from, and what a source owes them.
import type { Arrival } from "../core/arrival.ts";

/**
 * Resolves when everything the arrival changed is on disk, or when it was knowingly not kept and counted: only then may the
 * source acknowledge it (I5). Rejects when neither could be done: the source must not acknowledge. Calls of one login are
 * made in the order of its messages, and may overlap; they settle in that order too.
 */
export type Take = (arrival: Arrival) => Promise<void>;

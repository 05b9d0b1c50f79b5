// Sorts the entries of one delivery by what the platform said of them.
import type { Entry } from "../spool/spool.ts";
import type { Delivery } from "./sink.ts";

/** `why`: the reason to keep with a dead letter, or to log with a loss. */
export type WithReason = { readonly entry: Entry; readonly why: string };

export type SortedOut = {
  readonly accepted: readonly Entry[];
  readonly rejected: readonly WithReason[];
  readonly undeliverable: readonly WithReason[];
  readonly kept: readonly Entry[];
};

/** Each entry in its kind, in the order given; an entry that `deliveries` (by entry id) does not name is in none. */
export function sortOut(entries: readonly Entry[], deliveries: ReadonlyMap<string, Delivery>): SortedOut {
  const accepted: Entry[] = [];
  const rejected: WithReason[] = [];
  const undeliverable: WithReason[] = [];
  const kept: Entry[] = [];
  for (const entry of entries) {
    const delivery = deliveries.get(entry.id);
    if (delivery?.kind === "accepted") accepted.push(entry);
    if (delivery?.kind === "rejected") rejected.push({ entry, why: delivery.why });
    if (delivery?.kind === "undeliverable") undeliverable.push({ entry, why: delivery.why });
    if (delivery?.kind === "kept") kept.push(entry);
  }
  return { accepted, rejected, undeliverable, kept };
}

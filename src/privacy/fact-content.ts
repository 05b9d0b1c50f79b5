// What the house itself has to say, in the words of the contract: from a private fact to the fields of its event.
import type { HouseFact } from "../core/house-fact.ts";
import { LIMITS } from "../core/limits.ts";
import { bucketed, type Disclosure, type Making, recordedMs } from "./disclosure.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

/** The fields of one fact that may leave, and no other. */
export function contentOf(fact: HouseFact, by: Disclosure): Making {
  switch (fact.kind) {
    case "device-status": {
      const { batteryPct, linkPct } = by.policy.events.fields;
      return {
        class: "house",
        type: "device.status",
        about: fact,
        data: {
          state: fact.state,
          flags: [...fact.flags],
          ...(batteryPct && fact.batteryPct !== undefined && { batteryPct: Math.round(fact.batteryPct) }),
          ...(linkPct && fact.linkPct !== undefined && { linkPct: Math.round(fact.linkPct) }),
        },
      };
    }
    case "motion-count":
      return {
        class: "motion",
        type: "motion.count",
        about: fact,
        data: { count: fact.count, from: bucketed(fact.fromMs, by), to: bucketed(fact.toMs, by) },
      };
    case "lamp-fault":
      return {
        class: "house",
        type: "light.fault",
        about: fact,
        data: { fault: fact.fault, present: fact.isPresent },
      };
    case "snapshot-withheld":
      return { class: "house", type: "snapshot.withheld", about: fact, data: { reason: fact.why } };
    case "entries-gone":
      return {
        class: "house",
        type: "tombstone",
        about: fact,
        data: { how: fact.how, ...(fact.why !== undefined && { why: fact.why }), sequences: [...fact.sequences] },
      };
    case "policy-changed":
      return {
        class: "house",
        type: "policy.changed",
        about: fact,
        data: {
          change: fact.change,
          policy: fact.policySha256,
          tighter: fact.tighter,
          looser: fact.looser,
          ...(fact.noticeHours !== undefined && { noticeHours: Math.ceil(fact.noticeHours) }),
        },
      };
    case "erasure-requested":
      return {
        class: "house",
        type: "erasure.requested",
        about: fact,
        // Longer than the house's other words may wait: until the platform has it, its copies stay.
        ttlMs: LIMITS.eventTtlMs,
        data: {
          subjects: fact.subjects.flatMap(({ kind, id }) => by.pseudonyms.namesOf(kind, id, spanOfNames(fact, by))),
          ...(fact.fromMs !== null && { from: bucketed(fact.fromMs, by) }),
          // Up: the bucket may have become coarser since the wish.
          ...(fact.toMs !== null && { to: bucketed(fact.toMs + by.policy.events.timeBucketS * 1000 - 1, by) }),
        },
      };
    case "gateway-status":
      return {
        class: "house",
        type: "gateway.status",
        about: fact,
        data: {
          state: fact.state,
          version: fact.version,
          ...(fact.devices !== undefined && { devices: fact.devices }),
        },
      };
  }
}

/** When names were given for what happened in a span; never ahead of now, since names to come are nobody's business. */
function spanOfNames({ fromMs, toMs }: { fromMs: number | null; toMs: number | null }, by: Disclosure) {
  const nowMs = recordedMs(by);
  return { fromMs: fromMs ?? 0, toMs: Math.min(nowMs, (toMs ?? nowMs) + PRIVACY_LIMITS.recordedLateMs) };
}

// A policy that became tighter acts at once, on what waits in the spool too (I10): at start, before anything is sent, what the
// new policy would not have made is erased, with a tombstone. A looser one changes nothing that waits. Where nobody knows any more
// what was allowed (a damaged spool), all that speaks of readings or pictures goes: it may say more than this policy lets it.
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { messageOf } from "./core/errors.ts";
import type { HouseFact } from "./core/house-fact.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import type { EventRoad } from "./event-road.ts";
import { type Policy, SCHEMAS } from "./settings/schema.ts";
import { UNKNOWN_CAMERA } from "./spool/reconcile.ts";
import { SPOOL_LIMITS } from "./spool/spool-limits.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly policy: Policy;
  readonly spool: Spool;
  readonly tell: EventRoad["tell"];
  readonly nowMs: number;
  readonly log: Log;
};

const KEY = "policy:last";
const HOUR_MS = 3_600_000;

/** Compares with the policy of the last start, erases what is no longer allowed, and remembers this one. */
export async function applyPolicy({ policy, spool, tell, nowMs, log }: Deps): Promise<void> {
  const kept = spool.state(KEY).get(KEY);
  const now = JSON.stringify(policy);
  if (kept === now) {
    // Not waited for either: it writes only where an hour on the disk is damaged and lies too far ahead. A picture of which a
    // damaged disk has forgotten the camera was allowed, too, and keeps the hour of its event.
    const { picturesMs, ...hours } = hoursOf(policy);
    void spool
      .shortenRetention({ ...hours, picturesMs: { ...picturesMs, [UNKNOWN_CAMERA]: LIMITS.eventTtlMs } })
      .catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "hours could not be checked"));
    return;
  }
  if (kept !== undefined || spool.newestSequence() > 0) {
    const before = kept === undefined ? null : keptPolicy(kept);
    const gone = await waitingOf(spool, (entry) => !isStillAllowed(entry, { before, policy }));
    log.warn({ erased: gone.length }, before === null ? "the last policy is not known any more" : "the policy changed");
    for (let at = 0; at < gone.length; at += LIMITS.tombstoneSequences) {
      const sequences = gone.slice(at, at + LIMITS.tombstoneSequences);
      const fact: HouseFact = { kind: "entries-gone", how: "erased", why: "policy", sequences, atMs: nowMs };
      await tell(fact, { sequences, how: "erased" });
    }
    await spool.shortenRetention({
      ...hoursOf(policy, before),
      isAllowed: (letter) => isStillAllowed(letter, { before, policy }),
    });
  }
  // Not waited for: on a full disk it waits for room; if it is lost, the next start compares again.
  spool
    .append({ state: { [KEY]: now } })
    .catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "the policy could not be remembered"));
}

/** Sequences of what waits and is meant; in parts, since a million entries are more than a small machine can hold at once. */
async function waitingOf(spool: Spool, isMeant: (entry: Waiting) => boolean): Promise<number[]> {
  const sequences: number[] = [];
  for (let after = 0; ; ) {
    const part = spool.waiting({ after, entriesMax: SPOOL_LIMITS.lookedAtOnce });
    const last = part.at(-1);
    if (last === undefined) return sequences;
    for (const entry of part) if (isMeant(entry)) sequences.push(entry.sequence);
    after = last.sequence;
    await yieldToOthers();
  }
}

/** For how long the policy keeps what. `before`: a picture that was hidden less than is asked for now is not kept for the page either. */
function hoursOf(policy: Policy, before: Policy | null = policy) {
  const { retentionHours, retentionHoursOf } = policy.events;
  return {
    eventsMs: retentionHours * HOUR_MS,
    classesMs: Object.fromEntries(Object.entries(retentionHoursOf).map(([name, hours]) => [name, hours * HOUR_MS])),
    picturesMs: Object.fromEntries(
      Object.entries(policy.cameras).map(([id, camera]) => [
        id,
        before === null || isMaskedMore(before.cameras[id], camera) ? 0 : camera.retentionHours * HOUR_MS,
      ]),
    ),
  };
}

/** Null for a text that is none (a damaged spool): then nothing is known to have been allowed before and not now. */
function keptPolicy(text: string): Policy | null {
  try {
    return SCHEMAS.policy.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** `before`: null where it is not known any more. */
type Policies = { readonly before: Policy | null; readonly policy: Policy };

/** What an entry says of itself; `cameraId` where it has a picture. */
type Waiting = { readonly type: string; readonly cameraId: string | null };

function isStillAllowed({ type, cameraId }: Waiting, { before, policy }: Policies): boolean {
  const { events, cameras } = policy;
  switch (type) {
    // The house's own words hold no reading.
    case "hedgerow.tombstone.v1":
    case "hedgerow.gateway.status.v1":
    case "hedgerow.policy.changed.v1":
    case "hedgerow.erasure.requested.v1":
      return true;
  }
  if (before === null) return false;
  switch (type) {
    case "hedgerow.motion.detected.v1":
      if (events.motion.mode !== "each") return false;
      break;
    case "hedgerow.motion.count.v1":
      if (events.motion.mode !== "counts" || isFiner(before.events.motion, events.motion)) return false;
      break;
    case "hedgerow.light.level.v1":
    case "hedgerow.light.state.v1":
    case "hedgerow.light.fault.v1":
      if (!events.light) return false;
      break;
    case "hedgerow.device.status.v1":
      if (before.events.fields.batteryPct && !events.fields.batteryPct) return false;
      if (before.events.fields.linkPct && !events.fields.linkPct) return false;
      break;
    case "hedgerow.snapshot.redacted.v1":
      if (cameraId === null || !Object.hasOwn(cameras, cameraId)) return false;
      if (isMaskedMore(before.cameras[cameraId], cameras[cameraId])) return false;
      break;
  }
  // Times are written into events: a coarser bucket cannot be applied to them afterwards.
  return events.timeBucketS <= before.events.timeBucketS;
}

/** Whether counts of the old rule say more than the new one would: shorter windows or a lower threshold. */
function isFiner(before: Policy["events"]["motion"], now: Policy["events"]["motion"]): boolean {
  if (before.mode !== "counts" || now.mode !== "counts") return true;
  return before.windowS < now.windowS || before.atLeast < now.atLeast;
}

/** Whether pictures would now be hidden otherwise: masks, level and mosaic are in the picture and cannot be added to it. */
function isMaskedMore(
  before: Policy["cameras"][string] | undefined,
  now: Policy["cameras"][string] | undefined,
): boolean {
  return JSON.stringify([before?.masks, before?.redact]) !== JSON.stringify([now?.masks, now?.redact]);
}

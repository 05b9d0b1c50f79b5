// What goes when the buffer is full: what nobody waits for, then what the policy's evictFirst names, the oldest first, each with
// its tombstone. What the policy does not name never goes: then acknowledgements are held back, and sensors send again.
import type { Clock } from "./core/clock.ts";
import type { Log } from "./core/log.ts";
import type { EventRoad } from "./event-road.ts";
import type { Policy } from "./settings/schema.ts";
import { SPOOL_LIMITS } from "./spool/spool-limits.ts";
import type { Spool } from "./spool/spool.ts";
import { bury } from "./tombstones.ts";

type Deps = {
  readonly evictFirst: Policy["events"]["evictFirst"];
  readonly spool: Spool;
  readonly tell: EventRoad["tell"];
  readonly clock: Clock;
  readonly log: Log;
};

/** Looks how it stands with the room and makes some where it is short; called about once a second, one call at a time. */
export async function makeRoom(deps: Deps): Promise<void> {
  const { spool, log } = deps;
  await spool.lookAtDisk();
  let evicted = 0;
  for (let step = 0; step < SPOOL_LIMITS.evictionsPerRound; step++) {
    if (spool.condition() === "failed") return;
    const bytes = spool.shortBytes();
    if (bytes === 0) break;
    if (!(await spool.dropSpare(bytes))) {
      const gone = await evict(deps, bytes);
      if (gone === 0) break;
      evicted += gone;
    }
    await spool.lookAtDisk();
  }
  if (evicted > 0)
    log.warn({ entries: evicted, state: spool.condition() }, "the buffer is full: the oldest entries go unsent");
}

/** About so many bytes of the first class that has any, one tombstone's worth at most; resolves to how many entries went. */
async function evict({ evictFirst, spool, tell, clock }: Deps, bytes: number): Promise<number> {
  for (const eventClass of evictFirst) {
    const sequences = spool.evictable({ eventClass, bytes, entriesMax: SPOOL_LIMITS.evictedAtOnce });
    if (sequences.length === 0) continue;
    await bury({ spool, tell, clock }, { how: "evicted", sequences });
    return sequences.length;
  }
  return 0;
}

// A policy that became tighter acts at once, on what waits in the spool too (I10): at start, before anything is sent, what the
// new policy would not have made is said with less, where no sink has seen it, or erased, with a tombstone. A looser one changes
// nothing that waits. Where nobody knows any more what was allowed (a damaged spool), all that speaks of readings or pictures
// goes: it may say more than this policy lets it. What was allowed is remembered at the very end, so that a crash on the way is
// no matter: the next start does it again. And the platform is told, once, under which policy it gets events from now on.
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { messageOf } from "./core/errors.ts";
import type { Sun } from "./core/day-times.ts";
import type { HouseFact } from "./core/house-fact.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import type { EventRoad } from "./event-road.ts";
import { LAST_KEY, TOLD_KEY } from "./policy/kept-standing.ts";
import { comparePolicies } from "./policy/compare.ts";
import { type Disclosure, discloseFact } from "./privacy/disclose.ts";
import { isPictureLessHidden } from "./privacy/picture-rules.ts";
import { createTightening, type Named, spansMore, type Tighten } from "./privacy/tighten.ts";
import type { ReadingKind } from "./core/reading.ts";
import { type Policy, SCHEMAS } from "./settings/schema.ts";
import { UNKNOWN_CAMERA } from "./spool/reconcile.ts";
import { SPOOL_LIMITS } from "./spool/spool-limits.ts";
import type { Spool } from "./spool/spool.ts";

type Thing = { readonly id: string; readonly zone: string };

/** `disclosure`: of the policy in force, and `policySha256` its digest. `kit`: as it is now. */
type Deps = {
  readonly disclosure: Disclosure;
  readonly policySha256: string;
  readonly kit: {
    readonly devices: readonly (Thing & { readonly profile: string })[];
    readonly cameras: readonly Thing[];
  };
  readonly profiles: { get(profileId: string): { readonly kinds: readonly ReadingKind[] } | undefined };
  readonly timezone: string;
  readonly sun: Sun | null;
  readonly spool: Pick<Spool, "state" | "append" | "newestSequence" | "tighten" | "shortenRetention" | "erasable">;
  readonly tell: EventRoad["tell"];
  readonly log: Log;
};

const HOUR_MS = 3_600_000;

/** How many rules a policy makes tighter and looser. */
export type RulesMoved = { readonly tighter: number; readonly looser: number };

/** Compares with the policy of the last start, takes back what is no longer allowed, remembers this one, and tells of it. */
export async function applyPolicy(deps: Deps): Promise<void> {
  const { disclosure, policySha256, spool, log } = deps;
  const { policy, clock } = disclosure;
  const kept = spool.state(LAST_KEY).get(LAST_KEY);
  const now = JSON.stringify(policy);
  const moved = rulesMoved(spool, policy) ?? { tighter: 0, looser: 0 };
  if (kept === now) keepHours(deps);
  else if (kept !== undefined || spool.newestSequence() > 0) await takeBack(deps, keptPolicy(kept));
  // Whole buffers that were found damaged: nobody can tell what is in them, and a person has had them to look at.
  if (moved.tighter > 0) await spool.erasable.drop({ rejected: [], pictures: [], isAsideToo: true });
  const isTold = spool.state(TOLD_KEY).get(TOLD_KEY) === policySha256;
  if (kept === now && isTold) return;
  const fact: HouseFact = { kind: "policy-changed", change: "in-force", policySha256, ...moved, atMs: clock.nowMs() };
  const state = { [LAST_KEY]: now, [TOLD_KEY]: policySha256 };
  // Not waited for: on a full disk it waits for room; if it is lost, the next start compares again.
  spool
    .append({ state, ...(!isTold && { make: [{ event: discloseFact(fact, disclosure) }] }) })
    .catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "the policy could not be remembered"));
}

/** Against the policy of the last start; null where it is the same, for a new gateway, and where nobody knows what was allowed. */
export function rulesMoved(spool: Pick<Spool, "state">, policy: Policy): RulesMoved | null {
  const kept = spool.state(LAST_KEY).get(LAST_KEY);
  const before = kept === JSON.stringify(policy) ? null : keptPolicy(kept);
  if (before === null) return null;
  const effects = comparePolicies(before, policy).map(({ effect }) => effect);
  const count = (which: string): number => effects.filter((effect) => effect === which).length;
  return { tighter: count("tighter"), looser: count("looser") };
}

/** Not waited for either: it writes only where an hour on the disk is damaged and lies too far ahead. */
function keepHours({ disclosure, spool, log }: Deps): void {
  const { picturesMs, ...hours } = hoursOf(disclosure.policy);
  // A picture of which a damaged disk has forgotten the camera was allowed, too, and keeps the hour of its event.
  void spool
    .shortenRetention({ ...hours, picturesMs: { ...picturesMs, [UNKNOWN_CAMERA]: LIMITS.eventTtlMs } })
    .catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "hours could not be checked"));
}

async function takeBack(deps: Deps, before: Policy | null): Promise<void> {
  const { disclosure, kit, spool, log } = deps;
  const { policy: now, pseudonyms } = disclosure;
  const names = namesOutside(deps);
  const named = (subject: string): Named | null => names.get(subject) ?? null;
  const tighten = createTightening({ ...deps, before, now, named, pseudonyms });
  const { erased, rewritten } = await takeBackWaiting(deps, tighten);
  log.warn({ erased, rewritten }, before === null ? "the last policy is not known any more" : "the policy changed");
  await spool.shortenRetention({
    ...hoursOf(now),
    // What was rejected has been seen, and cannot be said anew.
    isAllowed: (letter) => {
      const to = tighten(letter);
      return to.kind === "stays" || (to.kind === "rewritten" && to.ifOffered === "stays");
    },
    notShown: kit.cameras.filter((camera) => !isStillShown(camera, { before, now })).map(({ id }) => id),
  });
}

/** In parts, since a million entries are more than a small machine can hold at once; up to what waits now, and no further. */
async function takeBackWaiting(
  { disclosure, spool, tell }: Deps,
  tighten: Tighten,
): Promise<{ readonly erased: number; readonly rewritten: number }> {
  const upTo = spool.newestSequence();
  let [erased, rewritten] = [0, 0];
  for (let after = 0; after < upTo; ) {
    const part = await spool.tighten({ after, upTo, entriesMax: SPOOL_LIMITS.tightenedAtOnce, tighten });
    if (part.last === null) break;
    for (let at = 0; at < part.erased.length; at += LIMITS.tombstoneSequences) {
      const sequences = part.erased.slice(at, at + LIMITS.tombstoneSequences);
      const atMs = disclosure.clock.nowMs();
      const fact: HouseFact = { kind: "entries-gone", how: "erased", why: "policy", sequences, atMs };
      await tell(fact, { sequences, how: "erased" });
    }
    erased += part.erased.length;
    rewritten += part.rewritten;
    after = part.last;
    await yieldToOthers();
  }
  return { erased, rewritten };
}

/** Every name that what waits can bear: nothing waits for longer than LIMITS.eventTtlMs. */
function namesOutside({ disclosure, kit, profiles }: Deps): Map<string, Named> {
  const { pseudonyms, clock } = disclosure;
  const nowMs = clock.nowMs();
  // Twice as long: the clock may have been set since.
  const span = { fromMs: nowMs - 2 * LIMITS.eventTtlMs, toMs: nowMs + LIMITS.eventTtlMs };
  const things: Named[] = [
    ...kit.devices.map(({ id, zone, profile }) => {
      // Of a device whose profile is not known nobody can tell what it senses.
      const { kinds = ["motion"] } = profiles.get(profile) ?? {};
      return {
        id,
        zone,
        kind: "device" as const,
        sensesMotion: kinds.some((each) => /^(motion|presence)$/.test(each)),
      };
    }),
    ...kit.cameras.map(({ id, zone }) => ({ id, zone, kind: "camera" as const, sensesMotion: false })),
  ];
  return new Map(things.flatMap((each) => pseudonyms.namesOf(each.kind, each.id, span).map((name) => [name, each])));
}

/** For how long the policy keeps what. */
function hoursOf({ events, cameras }: Policy) {
  const { retentionHours, retentionHoursOf } = events;
  return {
    eventsMs: retentionHours * HOUR_MS,
    classesMs: Object.fromEntries(Object.entries(retentionHoursOf).map(([name, hours]) => [name, hours * HOUR_MS])),
    picturesMs: Object.fromEntries(
      Object.entries(cameras).map(([id, camera]) => [id, camera.retentionHours * HOUR_MS]),
    ),
  };
}

/** Of a delivered picture that is kept for the page; nothing is known of it but its camera. */
function isStillShown(
  { id, zone }: Thing,
  { before, now }: { readonly before: Policy | null; readonly now: Policy },
): boolean {
  if (before === null) return false;
  const [old, camera] = [before.cameras, now.cameras].map((all) => (Object.hasOwn(all, id) ? all[id] : undefined));
  if (old === undefined || camera === undefined) return false;
  const isQuiet = now.quiet.zones.includes(zone) && !before.quiet.zones.includes(zone);
  return !isQuiet && spansMore(before, now).length === 0 && !isPictureLessHidden(old, camera, { isMosaic: true });
}

/** Null for a text that is none (a damaged spool): then nothing is known to have been allowed before and not now. */
function keptPolicy(text: string | undefined): Policy | null {
  try {
    return SCHEMAS.policy.safeParse(JSON.parse(text ?? "null")).data ?? null;
  } catch {
    return null;
  }
}

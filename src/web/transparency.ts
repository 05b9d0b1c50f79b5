// What anybody may know: the policy, the counts, the receipts. Renewed at the edges of the policy's time bucket only.
import type { Clock } from "../core/clock.ts";
import type { Commands } from "../core/commands.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Receipt } from "../core/receipt.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import { type DayCounters, openDayCounts } from "./day-counts.ts";

type Counts = Readonly<Record<string, number>>;

/** Readings and pictures apart; `withheld` by reason, `made` by outcome, `sent` by platform. A day is YYYY-MM-DD. */
export type PublicDay = {
  readonly day: string;
  readonly readings: { readonly taken: number; readonly withheld: Counts };
  readonly pictures: { readonly taken: number; readonly made: Counts; readonly withheld: Counts };
  readonly sent: Counts;
};

/** `GET /api/v1/transparency`. `asOf`: the edge of the time bucket at which the counts were taken; nothing is finer. */
export type Transparency = {
  readonly gateway: { readonly id: string; readonly name: string };
  readonly asOf: string;
  readonly controller: { readonly name: string; readonly contact: string };
  readonly languages: readonly string[];
  readonly events: Policy["events"];
  readonly cameras: readonly {
    readonly id: string;
    readonly purpose: Readonly<Record<string, string>>;
    readonly until: string;
    readonly snapshotsPerDay: number;
    readonly retentionHours: number;
    readonly masks: number;
    readonly level: string;
    readonly whenUnsure: "withhold" | "mosaic";
  }[];
  readonly never: readonly string[];
  readonly platforms: readonly { readonly id: string; readonly host: string }[];
  readonly counts: readonly PublicDay[];
  readonly receipts: readonly Receipt[];
};

/** What never leaves, whatever a sensor sends (promise 5). */
const NEVER = [
  "sound or video",
  "names",
  "number plates",
  "free text",
  "MAC, IEEE and IP addresses",
  "Wi-Fi names",
  "GPS positions",
] as const;

type Deps = {
  readonly settings: GatewaySettings;
  readonly policy: Policy;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly receipts: () => readonly Receipt[];
};

/**
 * The public view. Its numbers are taken once at opening and then at each edge of the time bucket, by a timer and never by
 * a visitor's request: whoever reloads the page each second must not see a neighbour come home. Where the policy counts
 * movements only from `atLeast` on, numbers of readings stand still until they grew by as many.
 */
export async function openTransparency(deps: Deps): Promise<AsyncDisposable & { view(): Transparency }> {
  const { settings, clock, log, dataDir } = deps;
  const bucketMs = deps.policy.events.timeBucketS * 1000;
  const dayCounts = await openDayCounts({ dataDir, timezone: settings.gateway.timezone, log });
  const days = () => dayCounts.look({ nowMs: clock.nowMs(), counters: deps.commands.status().counters });
  let current = look(deps, { days: await days(), shown: [] });
  let renewing = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      current = look(deps, { days: await days(), shown: current.counts });
    } catch (cause) {
      log.error({ cause }, "the transparency page keeps its older numbers");
    }
  };
  const toEdgeMs = () => bucketMs - (clock.nowMs() % bucketMs) + 1;
  const atEdge = (): void => {
    renewing = renew();
    timer = setTimeout(atEdge, toEdgeMs()).unref();
  };
  let timer = setTimeout(atEdge, toEdgeMs()).unref();
  return {
    view: () => current,
    [Symbol.asyncDispose]: () => {
      clearTimeout(timer);
      return renewing;
    },
  };
}

type Looking = { readonly days: readonly DayCounters[]; readonly shown: readonly PublicDay[] };

function look({ settings, policy, clock, receipts }: Deps, { days, shown }: Looking): Transparency {
  const bucketMs = policy.events.timeBucketS * 1000;
  return {
    gateway: { id: settings.gateway.id, name: settings.gateway.name ?? settings.gateway.id },
    asOf: new Date(Math.floor(clock.nowMs() / bucketMs) * bucketMs).toISOString(),
    controller: policy.controller,
    languages: policy.languages,
    events: policy.events,
    cameras: Object.entries(policy.cameras).map(
      ([id, { purpose, until, snapshotsPerDay, retentionHours, masks, redact }]) => ({
        id,
        purpose,
        until,
        snapshotsPerDay,
        retentionHours,
        masks: masks.length,
        level: redact.level,
        whenUnsure: redact.whenUnsure,
      }),
    ),
    never: NEVER,
    platforms: settings.platform.map(({ id, url }) => ({ id, host: new URL(url).host })),
    counts: days.map((day) => held(publicDay(day), { shown, policy })),
    receipts: receipts().slice(0, LIMITS.receiptsShown),
  };
}

/** A day's counts, or those shown so far while readings grew by fewer than the policy's `atLeast`. */
function held(fresh: PublicDay, { shown, policy }: { shown: readonly PublicDay[]; policy: Policy }): PublicDay {
  const atLeast = policy.events.motion.mode === "counts" ? policy.events.motion.atLeast : 1;
  const before = shown.find(({ day }) => day === fresh.day) ?? publicDay({ day: fresh.day, counters: {} });
  if (fresh.readings.taken - before.readings.taken >= atLeast) return fresh;
  return { ...before, pictures: fresh.pictures };
}

/** Reasons for which no picture was taken at all. */
const NOT_TAKEN: ReadonlySet<string> = new Set(["policy", "daily-budget", "camera-unreachable", "camera-timeout"]);

/** Sorts a day's counters by what a resident asks: what was taken, what was kept back and why, what was sent. */
export function publicDay({ day, counters }: DayCounters): PublicDay {
  const below = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counters)
        .filter(([name, count]) => name.startsWith(`${prefix}.`) && count > 0)
        .map(([name, count]) => [name.slice(prefix.length + 1), count]),
    );
  const made = below("snapshot.made");
  const withheld = below("snapshot.withheld");
  const taken = [...Object.entries(made), ...Object.entries(withheld).filter(([why]) => !NOT_TAKEN.has(why))];
  return {
    day,
    readings: { taken: counters["reading.taken"] ?? 0, withheld: below("reading.withheld") },
    pictures: { taken: taken.reduce((sum, [, count]) => sum + count, 0), made, withheld },
    sent: below("entry.forwarded"),
  };
}

// What anybody may know: the policy, the counts, the receipts, and how seldom they are renewed.
//
// A number that moves, or a receipt that appears, says that something happened just now: a picture is taken because somebody
// walked by, and its receipt says in how many places it was painted over. So where the policy does not tell each movement
// (`counts` and `none`), everything here is as of the last midnight of the site: finished days, and receipts made before
// today. Where it tells each movement, everything is renewed at each edge of the policy's time bucket, as the events are; but
// what was counted of a day before that policy began to hold waits for midnight.
// Holding numbers until they grew by `atLeast` was tried and dropped: one passer-by is several readings, and a picture. But of a
// whole day it is enough to tell readings in coarse steps (public-days.ts).
import type { Clock } from "../core/clock.ts";
import type { Commands } from "../core/commands.ts";
import { dayIn } from "../core/day-times.ts";
import type { DisclosureCount } from "../core/disclosure-commands.ts";
import { openGatewayKey, type PublicKey } from "../core/gateway-key.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Receipt } from "../core/receipt.ts";
import type { LedgerHead } from "../ledger/ledger-head.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import { type Counters as Counts, type DayCounters, type DayCounts, openDayCounts } from "./day-counts.ts";
import { type PublicDay, publicDays, receiptsOn, usedOn } from "./public-days.ts";
import { type PublicPolicy, publicPolicy, type Site } from "./public-policy.ts";
import { midnightBefore } from "./words.ts";

/** `GET /api/v1/transparency`. `asOf`: midnight of the site or the edge of the time bucket; nothing here is newer. `renewed`: which. `publicKey`: the gateway's now, 32 bytes in base64; `publicKeys`: that one, then those of before, which older receipts were signed with. */
export type Transparency = {
  readonly gateway: { readonly id: string; readonly name: string };
  readonly asOf: string;
  readonly renewed: "daily" | "each-bucket";
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
    /** Of its snapshotsPerDay, on the newest day that may be told; null before there is one. */
    readonly used: { readonly day: string; readonly count: number } | null;
  }[];
  readonly never: readonly string[];
  readonly platforms: readonly { readonly id: string; readonly host: string }[];
  readonly counts: readonly PublicDay[];
  readonly receipts: readonly Receipt[];
  readonly publicKey: string;
  readonly publicKeys: readonly string[];
  /** The newest heads of the ledger that may be known, the newest first: how it stands, and how it stood before. */
  readonly ledgerHeads: readonly LedgerHead[];
  /** As of now: no change of the policy tells who walks by, and nobody should learn of one a day late. */
  readonly policy: PublicPolicy;
  /** What was given to others beside the platforms, by month (YYYY-MM) and ground. */
  readonly disclosures: readonly DisclosureCount[];
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
  readonly receipts: (count: number) => readonly Receipt[];
  /** All of a picture by its SHA-256, the newest first. `number`: from 1, in the order in which they were made. */
  readonly receiptsOf: (image: string) => readonly { readonly number: number; readonly receipt: Receipt }[];
  readonly receiptCount: () => number;
  /** The gateway's, the current one first; as `dataDir` has them at the opening, where it is left out. */
  readonly publicKeys?: () => readonly PublicKey[];
  readonly ledger: Pick<Ledger, "lastNumber" | "headAt" | "heads" | "exported">;
  readonly policyStanding: () => PolicyStanding;
  readonly disclosureCounts?: () => readonly DisclosureCount[];
};

/** The ledger as far as anybody may know it by now. `upTo`: the last line's number. `exported`: no further than that. */
export type PublicLedger = {
  upTo(): number;
  head(): LedgerHead;
  exported: Ledger["exported"];
};

/** `receiptsOf`: of a picture by its SHA-256, the newest first, among those alone that anybody may know of by now. `days`: what was counted, the newest first, for who has a login. */
export type PublicView = {
  view(): Transparency;
  readonly standing: () => PolicyStanding;
  receiptsOf(image: string): readonly Receipt[];
  days(counters: Counts): readonly DayCounters[];
  readonly ledger: PublicLedger;
};

/**
 * The public view. It is taken at opening and looked at again at each edge of the time bucket, by a timer and never by a
 * visitor's request; held to finished days, what is taken at opening shows nothing of today either. Throws KEY_UNREADABLE.
 */
export async function openTransparency(deps: Deps): Promise<AsyncDisposable & PublicView> {
  const { settings, clock, log, dataDir } = deps;
  const bucketMs = deps.policy.events.timeBucketS * 1000;
  const dayCounts = await openDayCounts({ dataDir, timezone: settings.gateway.timezone, log });
  const opened = deps.publicKeys === undefined ? await openGatewayKey(dataDir) : null;
  const publicKeys = deps.publicKeys ?? (() => opened?.publicKeys() ?? []);
  let current = await look(deps, dayCounts, publicKeys);
  let renewing = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      current = await look(deps, dayCounts, publicKeys);
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
    view: () => ({
      ...current.told,
      policy: publicPolicy(deps.policyStanding(), siteOf(deps)),
      disclosures: deps.disclosureCounts?.() ?? [],
    }),
    standing: deps.policyStanding,
    receiptsOf: (image) =>
      deps
        .receiptsOf(image)
        .filter(({ number }) => number <= current.newestReceipt)
        .map(({ receipt }) => receipt),
    days: (counters) => dayCounts.days(counters),
    ledger: {
      upTo: () => current.lastLine,
      head: () => current.head,
      exported: ({ after, upTo }) => deps.ledger.exported({ after, upTo: Math.min(upTo, current.lastLine) }),
    },
    [Symbol.asyncDispose]: () => {
      clearTimeout(timer);
      return renewing;
    },
  };
}

function siteOf({ settings: { gateway }, clock }: Deps): Site {
  return { today: dayIn(gateway.timezone, clock.nowMs()), cell: gateway.cell ?? null };
}

type Looked = {
  readonly told: Omit<Transparency, "policy" | "disclosures">;
  readonly newestReceipt: number;
  readonly lastLine: number;
  readonly head: LedgerHead;
};

async function look(deps: Deps, dayCounts: DayCounts, publicKeys: () => readonly PublicKey[]): Promise<Looked> {
  const { settings, policy, clock, commands, ledger } = deps;
  const nowMs = clock.nowMs();
  const isEach = policy.events.motion.mode === "each";
  await dayCounts.begin({ nowMs, counters: commands.status().counters, isEach });
  // Counters and receipts are read in one breath: a picture made between them would show its receipt.
  const days = dayCounts.days(commands.status().counters);
  const isUpToNow = isEach && days[0]?.isEach === true;
  const { newestReceipt, ...told } = isUpToNow ? upToNow(deps, { days, nowMs }) : upToToday(deps, { days, nowMs });
  const lastLine = ledger.lastNumber(isUpToNow ? "now" : "days-before");
  // In one breath with the key: after a change of keys the page names one that signed this head.
  const head = ledger.headAt(lastLine);
  const ledgerHeads = lastLine === 0 ? [] : [head, ...ledger.heads(lastLine - 1, 1)];
  // Last: a key that took over meanwhile is named beside the one that had signed.
  const keys = publicKeys().map(({ publicKey }) => publicKey);
  const gateway = { id: settings.gateway.id, name: settings.gateway.name ?? settings.gateway.id };
  return {
    told: { ...agreed(deps), ...told, publicKey: keys[0] ?? "", publicKeys: keys, gateway, ledgerHeads },
    newestReceipt,
    lastLine,
    head,
  };
}

type Looking = { readonly days: readonly DayCounters[]; readonly nowMs: number };
type Told = Pick<Transparency, "asOf" | "renewed" | "counts" | "receipts" | "cameras">;
/** `newestReceipt`: the number of the newest that may be known. */
type ToldTo = Told & { readonly newestReceipt: number };

function upToNow(deps: Deps, { days, nowMs }: Looking): ToldTo {
  const { policy, receipts, receiptCount } = deps;
  const bucketMs = policy.events.timeBucketS * 1000;
  return {
    asOf: new Date(Math.floor(nowMs / bucketMs) * bucketMs).toISOString(),
    renewed: "each-bucket",
    counts: publicDays(days, policy),
    cameras: camerasOf(deps, days[0]),
    receipts: receipts(LIMITS.receiptsShown),
    newestReceipt: receiptCount(),
  };
}

/** Without the day that is not over, which is the first; its receipts are the newest, one for each picture made in it. */
function upToToday(deps: Deps, { days: [today, ...finished], nowMs }: Looking): ToldTo {
  const { settings, policy, receipts, receiptCount } = deps;
  const made = receiptsOn(today);
  return {
    asOf: new Date(midnightBefore(nowMs, settings.gateway.timezone)).toISOString(),
    renewed: "daily",
    counts: publicDays(finished, policy),
    cameras: camerasOf(deps, finished[0]),
    receipts: receipts(made + LIMITS.receiptsShown).slice(made),
    newestReceipt: receiptCount() - made,
  };
}

function camerasOf({ policy }: Deps, newest: DayCounters | undefined): Transparency["cameras"] {
  return Object.entries(policy.cameras).map(
    ([id, { purpose, until, snapshotsPerDay, retentionHours, masks, redact }]) => ({
      id,
      purpose,
      until,
      snapshotsPerDay,
      retentionHours,
      masks: masks.length,
      level: redact.level,
      whenUnsure: redact.whenUnsure,
      used: newest === undefined ? null : usedOn(newest, id),
    }),
  );
}

function agreed({
  settings,
  policy,
}: Deps): Pick<Transparency, "controller" | "languages" | "events" | "never" | "platforms"> {
  return {
    controller: policy.controller,
    languages: policy.languages,
    events: policy.events,
    never: NEVER,
    platforms: settings.platform.map(({ id, url }) => ({ id, host: new URL(url).host })),
  };
}

// Keeps what waits for approval within its bounds, and on disk what a restart would lose: announcements come only when a
// device starts. What a device's own messages tell is heard again soon and lives in memory.
import { isDeepStrictEqual } from "node:util";
import type { Login } from "../core/arrival.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { ReadingKind } from "../core/reading.ts";
import type { KeptProposal, Registry } from "./registry.ts";

/**
 * `topic`: the device's own, or "" where it is not known. `profileId`: of a known family that reads it. `entry`: the profile
 * that its announcement gives; `why`: the reason why it gives none. Without an announcement both are null.
 */
export type Waiting = {
  readonly id: string;
  readonly login: Login;
  readonly name: string;
  readonly topic: string;
  readonly profileId: string | null;
  readonly entry: Readonly<Record<string, unknown>> | null;
  readonly why: string | null;
  readonly kinds: readonly ReadingKind[];
  readonly heardAtMs: number;
};

export type ProposalStore = AsyncDisposable & {
  /** The longest unheard first. */
  all(): readonly Waiting[];
  get(id: string): Waiting | undefined;
  /** Adds it, or takes it instead of the one with its id. Answers the one that gave way to it, if any did. */
  put(waiting: Waiting): Waiting | null;
  drop(id: string): void;
};

type Deps = {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** What a profile's entry reads. */
  readonly kindsOf: (entry: Readonly<Record<string, unknown>>) => readonly ReadingKind[];
  /** How long a change waits for company before it is written; tests shorten it. */
  readonly writeMs?: number;
};

/** After so long without a write the wait is the shortest again. */
const QUIET_MS = 3_600_000;

/** Begins with what the registry kept. Writes what is left to write when it is closed, which is before the registry is. */
export function openProposalStore({
  registry,
  clock,
  log,
  kindsOf,
  writeMs = LIMITS.proposalsWriteMs,
}: Deps): ProposalStore {
  // In the order in which they were last heard.
  const kept = registry.data().proposals.toSorted((a, b) => a.heardAtMs - b.heardAtMs);
  const waiting = new Map(kept.map((each) => [each.id, fromDisk(each, kindsOf)]));
  let timer: NodeJS.Timeout | null = null;
  let waitMs = writeMs;
  let wroteAtMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    timer = null;
    const proposals = [...waiting.values()].flatMap(onDisk);
    if (isDeepStrictEqual(whatIsNews(proposals), whatIsNews(registry.data().proposals))) return;
    const nowMs = clock.monotonicMs();
    waitMs = nowMs - wroteAtMs > QUIET_MS ? writeMs : Math.min(waitMs * 2, LIMITS.proposalsWriteMsMax);
    wroteAtMs = nowMs;
    try {
      await registry.update((data) => {
        data.proposals = proposals;
      });
    } catch (cause) {
      // The disk is full or failing, and others say so; these are tried again with the next change.
      log.warn({ cause: messageOf(cause) }, "what waits for approval could not be written");
    }
  };
  const schedule = (): void => {
    timer ??= setTimeout(() => {
      writing = write();
    }, waitMs).unref();
  };

  return {
    all: () => [...waiting.values()],
    get: (id) => waiting.get(id),
    put(proposal) {
      const isKnown = waiting.delete(proposal.id);
      const loser = isKnown ? null : whoGivesWay([...waiting.values()], proposal);
      if (loser !== null) waiting.delete(loser.id);
      waiting.set(proposal.id, proposal);
      schedule();
      return loser;
    },
    drop(id) {
      if (waiting.delete(id)) schedule();
    },
    async [Symbol.asyncDispose]() {
      if (timer !== null) {
        clearTimeout(timer);
        writing = writing.then(write);
      }
      await writing;
    },
  };
}

/** Of a login that has its share the longest unheard; else, when all places are taken, that of the login which has most. */
function whoGivesWay(all: readonly Waiting[], { login }: Waiting): Waiting | null {
  const byLogin = Map.groupBy(all, speaker);
  const own = byLogin.get(speaker({ login })) ?? [];
  if (own.length >= LIMITS.proposalsPerLogin) return own[0] ?? null;
  if (all.length < LIMITS.proposals) return null;
  const most = [...byLogin.values()].toSorted((a, b) => b.length - a.length)[0];
  return most?.[0] ?? null;
}

function speaker({ login }: Pick<Waiting, "login">): string {
  return `${login.kind} ${login.id}`;
}

function fromDisk(kept: Readonly<KeptProposal>, kindsOf: Deps["kindsOf"]): Waiting {
  return { ...kept, profileId: null, kinds: kept.entry === null ? [] : kindsOf(kept.entry) };
}

function onDisk({ profileId: _p, kinds: _k, ...kept }: Waiting): readonly KeptProposal[] {
  const { kind, id } = kept.login;
  // A camera announces nothing: it may publish its pictures only.
  if (kind === "camera" || (kept.entry === null && kept.why === null)) return [];
  return [{ ...kept, login: { kind, id }, entry: kept.entry === null ? null : { ...kept.entry } }];
}

/** When they were heard, and in which order, is no reason to write. */
function whatIsNews(proposals: readonly Readonly<KeptProposal>[]): ReadonlyMap<string, object> {
  return new Map(proposals.map((proposal) => [proposal.id, { ...proposal, heardAtMs: 0 }]));
}

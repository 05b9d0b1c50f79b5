// The policy that holds in this house, and the notice of one that is announced: kept in spool.db, so that a restart forgets
// neither. When the notice is over, the house is opened anew (cli/run.ts): so no room has to change its policy under way.
import type { Clock } from "./core/clock.ts";
import { GatewayError, messageOf } from "./core/errors.ts";
import type { HouseFact } from "./core/house-fact.ts";
import type { Log } from "./core/log.ts";
import type { PolicyView } from "./core/policy-commands.ts";
import { untilAborted, waitFor } from "./core/wait.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { comparePolicies } from "./policy/compare.ts";
import {
  type KeptStanding,
  LAST_KEY,
  lastPolicy,
  STANDING_KEY,
  TOLD_KEY,
  standingIn,
  standingText,
} from "./policy/kept-standing.ts";
import {
  APPROVALS,
  msLeft,
  type NamedPolicy,
  type Notice,
  type PolicyStanding,
  type Settled,
  settlePolicy,
  stewardsIn,
} from "./policy/standing.ts";
import type { Registry } from "./registry/registry.ts";
import type { Policy } from "./settings/schema.ts";
import type { LedgerNote, Spool } from "./spool/spool.ts";

const TICK_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `settings`: as policy.yaml has them. `tickMs`: shorter in tests. */
type Deps = {
  readonly settings: { readonly policy: Policy; readonly policySha256: string };
  readonly spool: Pick<Spool, "state" | "append" | "newestSequence" | "condition">;
  readonly ledger: Pick<Ledger, "lastPolicy">;
  readonly registry: Pick<Registry, "data">;
  readonly clock: Clock;
  readonly log: Log;
  readonly tickMs?: number;
};

export type PolicyInForce = AsyncDisposable &
  NamedPolicy & {
    standing(): PolicyStanding;
    /** A steward's approval of what is announced. Throws NOT_FOUND where nothing is, or something else; ALREADY_EXISTS; USAGE for who was no steward then; SPOOL_FULL. */
    approve(ask: { readonly sha256: string; readonly by: string }): Promise<{ readonly missing: number }>;
    /** Tells the platform, once, what was announced or withdrawn; never rejects. */
    announce(tell: (fact: HouseFact) => Promise<void>): Promise<void>;
    /** Resolves when the announced policy holds: the house is to be opened anew. */
    readonly due: Promise<void>;
  };

/** Settles which policy holds in this run. Waits for no disk: on a full one it is written when there is room. */
export function openPolicyInForce(deps: Deps): PolicyInForce {
  return new InForce(deps);
}

class InForce implements PolicyInForce {
  readonly policy: Policy;
  readonly sha256: string;
  readonly due: Promise<void>;
  readonly #deps: Deps;
  readonly #sinceMs: number | null;
  readonly #settled: Settled;
  readonly #isDue = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #notice: Notice | null;
  #countedMs: number;
  #isKeeping = false;

  constructor(deps: Deps) {
    const { settings, spool, clock } = deps;
    this.#deps = deps;
    this.due = this.#isDue.promise;
    const kept = standingIn(spool.state(STANDING_KEY).get(STANDING_KEY));
    this.#settled = settlePolicy({
      file: { policy: settings.policy, sha256: settings.policySha256 },
      last: lastOf(deps, kept),
      notice: kept?.notice ?? null,
      stewards: stewardsIn(deps.registry.data().accounts, clock.nowMs()),
    });
    const { policy, sha256, notice } = this.#settled;
    this.policy = policy;
    this.sha256 = sha256;
    this.#notice = notice;
    const nowMs = clock.isSynced() ? clock.nowMs() : null;
    this.#sinceMs = kept?.sha256 === sha256 ? kept.sinceMs : nowMs;
    this.#countedMs = clock.monotonicMs();
    if (notice !== null)
      deps.log.warn({ hours: Math.ceil(msLeft(notice, policy) / HOUR_MS) }, "a looser policy is announced");
    void this.#keep();
    this.#running = notice === null ? Promise.resolve() : this.#count();
  }

  standing(): PolicyStanding {
    const { policy, sha256 } = this;
    const notice = this.#shown();
    const announced = notice && {
      policy: notice.policy,
      sha256: notice.sha256,
      hoursLeft: msLeft(notice, policy) / HOUR_MS,
      approvedBy: notice.approvedBy,
    };
    return { policy, sha256, sinceMs: this.#sinceMs, announced };
  }

  async approve({
    sha256,
    by,
  }: {
    readonly sha256: string;
    readonly by: string;
  }): Promise<{ readonly missing: number }> {
    const notice = this.#shown();
    if (notice === null || notice.sha256 !== sha256)
      throw new GatewayError("NOT_FOUND", "no such policy is announced; look at the page once more");
    if (notice.approvedBy.includes(by))
      throw new GatewayError("ALREADY_EXISTS", "you have approved it already; another steward has to, as well");
    // Else whoever approves waits before their screen until somebody makes room.
    if (this.#deps.spool.condition() === "full")
      throw new GatewayError("SPOOL_FULL", "an approval cannot be kept while the disk is full");
    const stewards = stewardsIn(this.#deps.registry.data().accounts).filter((each) => notice.stewards.includes(each));
    const isOneOf = (user: string) => stewards.some((each) => each.startsWith(`${user} `));
    if (!isOneOf(by))
      throw new GatewayError(
        "USAGE",
        "only who was a steward a day before it was announced, and has had the same passphrase since, may approve it",
      );
    // Who is no steward any more does not count.
    const approvedBy = [...notice.approvedBy.filter(isOneOf), by];
    this.#notice = { ...notice, approvedBy };
    await this.#keep([this.#note({ change: "approved", policy: sha256, approvals: approvedBy.length })]);
    if (this.#isOver()) this.#isDue.resolve();
    return { missing: Math.max(0, APPROVALS - approvedBy.length) };
  }

  async announce(tell: (fact: HouseFact) => Promise<void>): Promise<void> {
    try {
      await this.#announce(tell);
    } catch (cause) {
      this.#deps.log.error({ cause: messageOf(cause) }, "what is announced could not be told");
    }
  }

  async #announce(tell: (fact: HouseFact) => Promise<void>): Promise<void> {
    const atMs = this.#deps.clock.nowMs();
    const { withdrawn: policySha256 } = this.#settled;
    if (policySha256 !== null) {
      await tell({ kind: "policy-changed", change: "withdrawn", policySha256, tighter: 0, looser: 0, atMs });
      await this.#keep([this.#note({ change: "withdrawn", policy: policySha256 })]);
    }
    const notice = this.#shown();
    if (notice === null || notice.isTold) return;
    const effects = comparePolicies(this.policy, notice.policy).map(({ effect }) => effect);
    const [tighter, looser] = (["tighter", "looser"] as const).map(
      (each) => effects.filter((effect) => effect === each).length,
    );
    const counts = { tighter: tighter ?? 0, looser: looser ?? 0 };
    const noticeHours = msLeft(notice, this.policy) / HOUR_MS;
    const said = { policySha256: notice.sha256, ...counts, noticeHours };
    await tell({ kind: "policy-changed", change: "announced", ...said, atMs });
    if (this.#notice !== null) this.#notice = { ...this.#notice, isTold: true };
    await this.#keep([this.#note({ change: "announced", policy: notice.sha256, ...counts })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#shown();
    // Not waited for: on a full disk it never comes, and the spool writes what it can at its own end.
    void this.#keep();
  }

  /** With the time since it was counted last. */
  #shown(): Notice | null {
    if (this.#notice === null) return null;
    const nowMs = this.#deps.clock.monotonicMs();
    this.#notice = { ...this.#notice, shownMs: this.#notice.shownMs + Math.max(0, nowMs - this.#countedMs) };
    this.#countedMs = nowMs;
    return this.#notice;
  }

  async #count(): Promise<void> {
    const { tickMs = TICK_MS } = this.#deps;
    const { signal } = this.#closing;
    while (!signal.aborted && !this.#isOver()) {
      await waitFor(tickMs, signal);
      // Not waited for: on a full disk it waits for room, and the notice goes on.
      if (!signal.aborted) void this.#keepHours();
    }
    if (signal.aborted) return;
    // Kept before it is due: on a full disk the house would else be opened anew, and again once the forgotten hours were over.
    const isKept = await Promise.race([this.#keep(), untilAborted(signal)]);
    if (isKept === true) this.#isDue.resolve();
  }

  #isOver(): boolean {
    const notice = this.#shown();
    return notice === null || msLeft(notice, this.policy) === 0;
  }

  /** One at a time: while one waits for room, the next would only lie on top of it. */
  async #keepHours(): Promise<void> {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    await this.#keep();
    this.#isKeeping = false;
  }

  #note(body: Readonly<Record<string, unknown>>): LedgerNote {
    return { kind: "policy-change", body: JSON.stringify(body), atMs: this.#deps.clock.nowMs() };
  }

  /** Whether it is on disk. Throws what the spool throws where there are notes. */
  async #keep(notes: readonly LedgerNote[] = []): Promise<boolean> {
    const notice = this.#notice ?? this.#settled.ended;
    const kept = standingText({ sha256: this.sha256, sinceMs: this.#sinceMs, notice });
    try {
      await this.#deps.spool.append({ state: { [STANDING_KEY]: kept }, notes });
      return true;
    } catch (cause) {
      this.#deps.log.error({ cause: messageOf(cause) }, "what is announced could not be kept");
      if (notes.length > 0) throw cause;
      return false;
    }
  }
}

/** What anybody who looks after the box sees of it at a glance. */
export function policyView({ sha256, announced }: PolicyStanding): PolicyView {
  if (announced === null) return { sha256, announced };
  const { hoursLeft, approvedBy } = announced;
  return { sha256, announced: { sha256: announced.sha256, hoursLeft, approvals: approvedBy.length } };
}

/** What held before this start, as far as it is known; null for a new gateway. */
function lastOf({ settings, spool, ledger }: Deps, kept: KeptStanding | null): NamedPolicy | null {
  const ledgerPolicy = ledger.lastPolicy();
  const isNew = ledgerPolicy === null && spool.newestSequence() === 0;
  const file = { policy: settings.policy, sha256: settings.policySha256 };
  const [text, told] = [LAST_KEY, TOLD_KEY].map((key) => spool.state(key).get(key));
  return lastPolicy({ text, told, kept, ledgerPolicy, isNew, file });
}

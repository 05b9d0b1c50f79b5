// Which policy holds, and which one waits for its notice. A policy file that is looser somewhere does not hold yet: it is
// announced, and until its notice is over the stricter of both holds, rule by rule (meet.ts). Pure; policy-in-force.ts keeps it.
//
// The hours of notice are those in which the gateway ran, and so could show it: no setting of the clock shortens them, and no
// box in a drawer lets them pass. Two stewards end the notice early, so that one person, or one stolen passphrase, cannot. They
// must have been stewards a day before it was announced, with the passphrase of then: else one of them, or who has stolen one
// session, could make a second account, or give another steward's a new passphrase, and approve it twice.
import { createHash } from "node:crypto";
import type { Policy } from "../settings/schema.ts";
import { comparePolicies } from "./compare.ts";
import { meetPolicies } from "./meet.ts";

/** A policy, and the SHA-256 (hex) by which receipts and the ledger name it: of its file, or of its JSON where no file says it. */
export type NamedPolicy = { readonly policy: Policy; readonly sha256: string };

/** What is announced. `shownMs`: for how long it was. `stewards`: who may approve it, by `stewardsIn`. `approvedBy`: user names. `isTold`: whether the platform was told. */
export type Notice = NamedPolicy & {
  readonly shownMs: number;
  readonly stewards: readonly string[];
  readonly approvedBy: readonly string[];
  readonly isTold: boolean;
};

/** `sinceMs`: epoch milliseconds, null where the clock was not believed. `hoursLeft`: of the notice, while the gateway runs. */
export type PolicyStanding = NamedPolicy & {
  readonly sinceMs: number | null;
  readonly announced: (NamedPolicy & { readonly hoursLeft: number; readonly approvedBy: readonly string[] }) | null;
};

/** So many stewards end a notice. */
export const APPROVALS = 2;
const HOUR_MS = 3_600_000;
/** For so long one must have been a steward when it is announced: the others can see on the page People who was added. */
const STEWARD_MS = 24 * HOUR_MS;
/** The schema's own, where nobody knows what was agreed. */
const NOTICE_HOURS = 24;

/**
 * `withdrawn`: the digest of what had been announced and will not come. `ended`: the notice of this policy, where it is over just
 * now: to be kept until all that waits was brought under it, or a start cut off meanwhile would announce it once more.
 */
export type Settled = NamedPolicy & {
  readonly notice: Notice | null;
  readonly ended: Notice | null;
  readonly withdrawn: string | null;
};

/**
 * What holds, with this file. `last`: what held before; null for a new gateway. The first policy that is no draft holds at once:
 * before it nothing was promised to anybody. Once one was agreed on, `draft` in a later file means nothing: else it would be a
 * way around the notice.
 */
export function settlePolicy({
  file: { policy: written, sha256 },
  last: before,
  notice,
  stewards,
}: {
  readonly file: NamedPolicy;
  readonly last: NamedPolicy | null;
  readonly notice: Notice | null;
  readonly stewards: readonly string[];
}): Settled {
  const last = before === null || before.policy.draft ? null : before;
  if (last === null && written.draft)
    return { policy: { ...nothingTold(written), draft: true }, sha256, notice: null, ended: null, withdrawn: null };
  const file = { policy: { ...written, draft: false }, sha256 };
  const isWithdrawn = notice !== null && notice.sha256 !== file.sha256 && notice.sha256 !== last?.sha256;
  const withdrawn = isWithdrawn ? notice.sha256 : null;
  if (last === null || !isLooser(last.policy, file.policy)) return { ...file, notice: null, ended: null, withdrawn };
  const policy = meetPolicies(last.policy, file.policy);
  const running = noticeOf({ ...file, shownMs: 0, stewards, approvedBy: [], isTold: false }, notice);
  if (msLeft(running, policy) === 0) return { ...file, notice: null, ended: running, withdrawn: null };
  // Where nothing became tighter, what held before holds on, under its name.
  const held = comparePolicies(last.policy, policy).length === 0 ? last : { policy, sha256: digestOf(policy) };
  return { ...held, notice: running, ended: null, withdrawn: running.shownMs > 0 ? null : withdrawn };
}

/** The same file goes on; one that is nowhere looser than what was announced keeps the hours, not the approvals. */
function noticeOf(fresh: Notice, notice: Notice | null): Notice {
  if (notice === null) return fresh;
  if (notice.sha256 === fresh.sha256) return { ...notice, policy: fresh.policy };
  return isLooser(notice.policy, fresh.policy) ? fresh : { ...fresh, shownMs: notice.shownMs };
}

type Account = {
  readonly user: string;
  readonly role: string;
  readonly createdAt: string;
  readonly passphraseHash: string;
  readonly since?: string;
};

/**
 * Each steward's account: of a name that is given away and taken anew, or gets another passphrase, another one. `announcedMs`: only
 * those who had been stewards for a day then, with the same passphrase.
 */
export function stewardsIn(accounts: readonly Account[], announcedMs = Number.POSITIVE_INFINITY): string[] {
  return accounts
    .filter(({ role }) => role === "steward")
    .filter(({ createdAt, since = createdAt }) => announcedMs - Date.parse(since) >= STEWARD_MS)
    .map(({ user, createdAt, passphraseHash }) => `${user} ${createdAt} ${markOf(passphraseHash)}`);
}

/** Of a salted hash: enough to see that it is another one. */
function markOf(passphraseHash: string): string {
  return createHash("sha256").update(passphraseHash).digest("hex").slice(0, 8);
}

/** Milliseconds of the notice that are left, by the policy in force. */
export function msLeft({ shownMs, approvedBy }: Notice, { changes }: Policy): number {
  if (approvedBy.length >= APPROVALS) return 0;
  return Math.max(0, changes.noticeHours * HOUR_MS - shownMs);
}

/** Where it is not known what held: as if nothing had been told, so that all that is told now is looser and has its hours of notice. */
export function nothingTold(policy: Policy): Policy {
  const fields = { batteryPct: false, linkPct: false };
  const whereAndWhen = { zones: false, cellLetters: 0, timeBucketS: 86_400, pseudonyms: "monthly" } as const;
  return {
    ...policy,
    events: { ...policy.events, ...whereAndWhen, motion: { mode: "none" }, light: false, fields },
    changes: { noticeHours: Math.max(policy.changes.noticeHours, NOTICE_HOURS) },
    cameras: {},
  };
}

/** Of a policy that stands in no file: of its JSON, as `GET /api/v1/policy | jq -cj .policy` prints it. */
function digestOf(policy: Policy): string {
  return createHash("sha256").update(JSON.stringify(policy)).digest("hex");
}

function isLooser(before: Policy, now: Policy): boolean {
  return comparePolicies(before, now).some(({ effect }) => effect === "looser");
}

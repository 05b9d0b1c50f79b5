// Who is logged in: sessions in memory, bounded, ended by time, by logging out, by a person and by any change to the account.
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Account, Registry } from "../registry/registry.ts";
import { PEOPLE_LIMITS } from "./people-limits.ts";

/** `id`: by which it is named on a page; worth nothing as a cookie. Of a program with a token, `token:` and the token's id. */
export type Session = { readonly user: string; readonly role: Account["role"]; readonly id: string };

/** From where one comes. `browser`: as it calls itself. `isSecure`: by https; a session of one door is none at the other. */
export type CameFrom = { readonly address: string; readonly browser: string; readonly isSecure: boolean };

/** Times in ms since 1970. */
export type SessionView = Session & CameFrom & { readonly startedAtMs: number; readonly usedAtMs: number };

type Kept = {
  readonly id: string;
  readonly user: string;
  readonly passphraseHash: string;
  readonly createdAt: string;
  readonly startedMs: number;
  readonly startedAtMs: number;
  usedMs: number;
  usedAtMs: number;
  from: CameFrom;
};

/**
 * The sessions themselves. Whoever opens the house anew in one process hands the same one on, and nobody has to log in again.
 * A restart of the process ends all sessions: nothing that could be stolen from the disk is written to it.
 */
export class KeptSessions {
  /** By SHA-256 of the token, least recently used first: comparing tokens themselves would tell their bytes by time. */
  readonly byDigest = new Map<string, Kept>();
}

export class Sessions {
  readonly #kept: Map<string, Kept>;
  readonly #clock: Clock;
  readonly #registry: Pick<Registry, "data">;

  constructor({
    clock,
    registry,
    kept = new KeptSessions(),
  }: {
    clock: Clock;
    registry: Pick<Registry, "data">;
    kept?: KeptSessions | undefined;
  }) {
    this.#clock = clock;
    this.#registry = registry;
    this.#kept = kept.byDigest;
  }

  /** Starts a session and returns its token (32 random bytes in base64url), which only the cookie holds. */
  start({ user, passphraseHash, createdAt }: Account, from: CameFrom): string {
    const token = randomBytes(32).toString("base64url");
    const [nowMs, atMs] = [this.#clock.monotonicMs(), this.#clock.nowMs()];
    const times = { startedMs: nowMs, startedAtMs: atMs, usedMs: nowMs, usedAtMs: atMs };
    const id = randomBytes(9).toString("base64url");
    this.#kept.set(digest(token), { id, user, passphraseHash, createdAt, ...times, from });
    const own = [...this.#kept].filter(([, kept]) => kept.user === user).map(([key]) => key);
    const oldest = own.length > PEOPLE_LIMITS.sessionsPerUser ? own[0] : this.#kept.keys().next().value;
    const isFull = own.length > PEOPLE_LIMITS.sessionsPerUser || this.#kept.size > LIMITS.sessions;
    if (isFull && oldest !== undefined) this.#kept.delete(oldest);
    return token;
  }

  /** The session of a token, with the role of now; undefined when it never was, is over, is of the other door, or its account changed. */
  find(token: string | undefined, from: Pick<CameFrom, "isSecure"> & Partial<CameFrom>): Session | undefined {
    if (token === undefined) return undefined;
    const key = digest(token);
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.from.isSecure !== from.isSecure) return undefined;
    this.#kept.delete(key);
    const account = this.#accountOf(kept);
    if (account === undefined) return undefined;
    kept.usedMs = this.#clock.monotonicMs();
    kept.usedAtMs = this.#clock.nowMs();
    kept.from = { ...kept.from, address: from.address ?? kept.from.address };
    this.#kept.set(key, kept);
    return { user: kept.user, role: account.role, id: kept.id };
  }

  end(token: string | undefined): void {
    if (token !== undefined) this.#kept.delete(digest(token));
  }

  /** Ends the session of this id, where it is of this user; null: of anybody. Whether there was one. */
  endOne({ id, user }: { readonly id: string; readonly user: string | null }): boolean {
    for (const [key, kept] of this.#kept)
      if (kept.id === id && (user === null || kept.user === user)) return this.#kept.delete(key);
    return false;
  }

  /** Ends all of a user. */
  endAll(user: string): void {
    for (const [key, kept] of this.#kept) if (kept.user === user) this.#kept.delete(key);
  }

  /** All that are alive, the most recently used first. */
  list(): readonly SessionView[] {
    return [...this.#kept.values()].toReversed().flatMap((kept) => {
      const account = this.#accountOf(kept);
      const { id, user, from, startedAtMs, usedAtMs } = kept;
      return account === undefined ? [] : [{ id, user, role: account.role, ...from, startedAtMs, usedAtMs }];
    });
  }

  /** Its account as it is now; undefined when the session is over or the account is another one. */
  #accountOf({ user, createdAt, passphraseHash, startedMs, usedMs }: Kept): Account | undefined {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - startedMs > LIMITS.sessionMs || nowMs - usedMs > LIMITS.sessionIdleMs) return undefined;
    return this.#registry
      .data()
      .accounts.find(
        (each) => each.user === user && each.createdAt === createdAt && each.passphraseHash === passphraseHash,
      );
  }
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

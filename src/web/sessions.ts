// Who is logged in: sessions in memory, bounded, ended by time, by logging out and by any change to the account.
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Account, Registry } from "../registry/registry.ts";

export type Session = { readonly user: string; readonly role: Account["role"] };

type Kept = Session & { readonly passphraseHash: string; readonly startedMs: number; usedMs: number };

/** A restart ends all sessions: nothing that could be stolen from the disk is written to it. */
export class Sessions {
  /** By SHA-256 of the token, least recently used first: comparing tokens themselves would tell their bytes by time. */
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #registry: Registry;

  constructor({ clock, registry }: { clock: Clock; registry: Registry }) {
    this.#clock = clock;
    this.#registry = registry;
  }

  /** Starts a session and returns its token (32 random bytes in base64url), which only the cookie holds. */
  start(account: Account): string {
    const token = randomBytes(32).toString("base64url");
    const nowMs = this.#clock.monotonicMs();
    const { user, role, passphraseHash } = account;
    this.#kept.set(digest(token), { user, role, passphraseHash, startedMs: nowMs, usedMs: nowMs });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > LIMITS.sessions && oldest !== undefined) this.#kept.delete(oldest);
    return token;
  }

  /** The session of a token, or undefined when it never was, is over, or its account changed. */
  find(token: string | undefined): Session | undefined {
    if (token === undefined) return undefined;
    const key = digest(token);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (!this.#isAlive(kept)) return undefined;
    kept.usedMs = this.#clock.monotonicMs();
    this.#kept.set(key, kept);
    return { user: kept.user, role: kept.role };
  }

  end(token: string | undefined): void {
    if (token !== undefined) this.#kept.delete(digest(token));
  }

  #isAlive(kept: Kept): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - kept.startedMs > LIMITS.sessionMs || nowMs - kept.usedMs > LIMITS.sessionIdleMs) return false;
    const { accounts } = this.#registry.data();
    return accounts.some(({ user, passphraseHash }) => user === kept.user && passphraseHash === kept.passphraseHash);
  }
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

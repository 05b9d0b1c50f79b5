// What is made here and kept nowhere: a one-time link, a token. Who made it can look at it again for ten minutes, so that a reload
// of the page makes no second one; nobody else can, and a restart forgets it.
import { randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { PEOPLE_LIMITS } from "./people-limits.ts";

/** A link for somebody (`user`: whose passphrase it renews), or the token of a program. */
export type Shown =
  | { readonly kind: "invitation"; readonly link: string; readonly user: string | null; readonly expiresAt: string }
  | { readonly kind: "token"; readonly token: string; readonly name: string };

type Kept = { readonly shown: Shown; readonly session: string; readonly sinceMs: number };

export class ShownOnce {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A word for the address of its page. `session`: the id of who made it. */
  keep(shown: Shown, session: string): string {
    const ref = randomBytes(9).toString("base64url");
    this.#kept.set(ref, { shown, session, sinceMs: this.#clock.monotonicMs() });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > PEOPLE_LIMITS.shown && oldest !== undefined) this.#kept.delete(oldest);
    return ref;
  }

  /** Undefined: never was, is over, or another's. */
  find(ref: string, session: string): Shown | undefined {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, { sinceMs }] of this.#kept) if (nowMs - sinceMs >= PEOPLE_LIMITS.shownMs) this.#kept.delete(key);
    const kept = this.#kept.get(ref);
    return kept?.session === session ? kept.shown : undefined;
  }
}

// One-time links: a phone reads the set-up lines of one device or bridge without a login, once, within ten minutes.
//
// The token is the secret: 128 random bits, kept as its hash alone, in no log and no referrer. Looking at a link costs
// nothing, since phones and messengers fetch links ahead; showing the lines is a press of a button, which uses it up.
// The steward who made the login sees the same lines on a page of their own, by a reference that is worth nothing without
// their session, so that reloading it makes no second login.
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Commands, Credentials } from "../core/commands.ts";
import { LIMITS } from "../core/limits.ts";
import { isLoopback } from "./loopback.ts";

/** What has a login of its own. */
export type Owner = { readonly kind: "device" | "bridge"; readonly id: string };

/** A device or bridge that has just got its login. */
export type Paired = {
  readonly kind: Owner["kind"];
  readonly credentials: Credentials;
  /** When its login was made, epoch ms. */
  readonly madeMs: number;
};

type Kept = Owner & {
  readonly ref: string;
  /** Who made it on the page; null: it was made on the command line. */
  readonly owner: string | null;
  readonly madeMs: number;
  readonly sinceMs: number;
  /** What was heard of it before it had this login: a later word is the first with it. */
  readonly heardBefore: string | null;
  credentials: Credentials | null;
  isUsed: boolean;
};

/** `isUsed`: its lines were shown. `heardAt`: when it was first heard with its new login, or last; null: not yet. */
export type OpenLink = { readonly name: string; readonly isUsed: boolean; readonly heardAt: string | null };

type Deps = { readonly commands: Pick<Commands, "status">; readonly clock: Clock };

export class PairingLinks {
  /** By SHA-256 of the token, oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #deps: Deps;
  #base = "";

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Where the page is found, such as http://192.168.1.5:8080; links begin with it. */
  setBase(url: string): void {
    this.#base = url;
  }

  /**
   * Keeps the lines for ten minutes. `ref`: for the owner's own page. `link`: works once. `askedAs`: the name under which a
   * browser found this gateway; others find it so too, unless it is the gateway itself. The oldest of more than twenty
   * gives way.
   */
  make({
    kind,
    credentials,
    owner,
    askedAs,
  }: {
    readonly kind: Owner["kind"];
    readonly credentials: Credentials;
    readonly owner: string | null;
    readonly askedAs?: string;
  }): { readonly ref: string; readonly link: string } {
    const { clock } = this.#deps;
    this.#sweep();
    // Its earlier lines hold credentials that have just ended.
    for (const [key, kept] of this.#kept) if (isOf(kept, { kind, id: credentials.id })) this.#kept.delete(key);
    const token = randomBytes(16).toString("base64url");
    const link = `${this.#baseFor(askedAs)}/pair/${token}`;
    const ref = randomBytes(16).toString("base64url");
    this.#kept.set(digest(token), {
      kind,
      id: credentials.id,
      ref,
      owner,
      madeMs: clock.nowMs(),
      sinceMs: clock.monotonicMs(),
      heardBefore: this.#heardAt(kind, credentials.id),
      credentials: { ...credentials, link },
      isUsed: false,
    });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > LIMITS.pairingLinks && oldest !== undefined) this.#kept.delete(oldest);
    return { ref, link };
  }

  /** What the owner's page shows, with `heardAt` as in OpenLink; undefined: never was, is over, or another's. */
  ofOwner(
    ref: string,
    owner: string,
  ): (Paired & { readonly heardAt: string | null; readonly isUsed: boolean }) | undefined {
    this.#sweep();
    const kept = [...this.#kept.values()].find((each) => each.ref === ref && each.owner === owner);
    if (kept === undefined || kept.credentials === null) return undefined;
    const { kind, credentials, madeMs, isUsed } = kept;
    return { kind, credentials, madeMs, isUsed, heardAt: this.#heardSince(kept) };
  }

  /** Whether there is such a link; uses nothing up. */
  find(token: string): OpenLink | undefined {
    this.#sweep();
    const kept = this.#kept.get(digest(token));
    if (kept === undefined) return undefined;
    return { name: this.#nameOf(kept), isUsed: kept.isUsed, heardAt: this.#heardSince(kept) };
  }

  /** Uses the link up. Undefined: never was, is over, or was used. */
  use(token: string): (Paired & { readonly heardAt: string | null }) | undefined {
    this.#sweep();
    const kept = this.#kept.get(digest(token));
    if (kept === undefined || kept.isUsed || kept.credentials === null) return undefined;
    const { kind, credentials, madeMs } = kept;
    kept.isUsed = true;
    if (kept.owner === null) kept.credentials = null;
    return { kind, credentials, madeMs, heardAt: this.#heardSince(kept) };
  }

  /** Its login ended: the lines are worth nothing any more. */
  forget(login: Owner): void {
    for (const [key, kept] of this.#kept) if (isOf(kept, login)) this.#kept.delete(key);
  }

  #baseFor(askedAs: string | undefined): string {
    const asked = URL.parse(`http://${askedAs ?? ""}`);
    return asked === null || isLoopback(asked.hostname) ? this.#base : asked.origin;
  }

  #sweep(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const [key, { sinceMs }] of this.#kept) if (nowMs - sinceMs >= LIMITS.pairingLinkMs) this.#kept.delete(key);
  }

  #heardSince({ kind, id, heardBefore }: Kept): string | null {
    const heardAt = this.#heardAt(kind, id);
    return heardAt === heardBefore ? null : heardAt;
  }

  #heardAt(kind: Owner["kind"], id: string): string | null {
    return this.#thing(kind, id)?.heardAt ?? null;
  }

  #nameOf({ kind, id }: Kept): string {
    if (kind !== "device") return id;
    return this.#deps.commands.status().devices.find((each) => each.id === id)?.name ?? id;
  }

  #thing(kind: Owner["kind"], id: string): { readonly heardAt: string | null } | undefined {
    const { devices, bridges } = this.#deps.commands.status();
    return (kind === "bridge" ? bridges : devices).find((each) => each.id === id);
  }
}

function isOf(kept: Kept, { kind, id }: Owner): boolean {
  return kept.kind === kind && kept.id === id;
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

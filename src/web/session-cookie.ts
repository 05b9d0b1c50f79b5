// The cookies of who was let in: the session's, and the one by which a browser is known when it comes again.
//
// Each door has its own: by https the names begin with `__Host-`, which no plain page and no other host can set (RFC 6265bis,
// 4.1.3), and a session of the plain door is none at the other, so that what was overheard there is worth nothing here.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { LIMITS } from "../core/limits.ts";
import type { Account } from "../registry/registry.ts";
import type { Admission } from "./accounts.ts";
import type { AppDeps, WebContext } from "./answers.ts";
import { PEOPLE_LIMITS } from "./people-limits.ts";
import type { CameFrom } from "./sessions.ts";

const SESSION = "hedgerow-session";
const BROWSER = "hedgerow-browser";

/** The session's token that the browser came with. */
export function tokenOf(c: WebContext): string | undefined {
  return getCookie(c, nameHere(c, SESSION));
}

export function cameFrom(c: WebContext): CameFrom {
  const browser = (c.req.header("user-agent") ?? "").slice(0, PEOPLE_LIMITS.userAgentChars);
  return { address: c.env.address, browser, isSecure: c.env.isSecure };
}

/** Ends the session the browser came with, if any, and starts a new one: a planted token is worth nothing. */
export function letIn(
  c: WebContext,
  { sessions }: Pick<AppDeps, "sessions">,
  { account }: Extract<Admission, { kind: "admitted" }>,
): void {
  sessions.end(tokenOf(c));
  const maxAge = LIMITS.sessionMs / 1000;
  setCookie(c, nameHere(c, SESSION), sessions.start(account, cameFrom(c)), { ...attributes(c), maxAge });
  setCookie(c, nameHere(c, BROWSER), browserWord(account), { ...attributes(c), maxAge: PEOPLE_LIMITS.knownBrowserS });
}

/** The browser stays known: it tells nothing, and is worth nothing without the passphrase. */
export function letOut(c: WebContext, { sessions, heldTests }: Pick<AppDeps, "sessions" | "heldTests">): void {
  sessions.end(tokenOf(c));
  heldTests.forgetAll(tokenOf(c));
  deleteCookie(c, nameHere(c, SESSION), attributes(c));
}

/** What the browser shows to be known by; judged by `isKnownBrowser`. */
export function browserWordOf(c: WebContext): string | undefined {
  return getCookie(c, nameHere(c, BROWSER));
}

/**
 * The word of a browser that this account was opened in. Signed with the hash of its passphrase: so there is no key to keep,
 * it outlives a restart, and with another passphrase it is void.
 */
export function browserWord(account: Account, nonce = randomBytes(12).toString("base64url")): string {
  return `${nonce}.${signatureOf(nonce, account)}`;
}

/** Whether the word was given to a browser in which this account was opened. As it was given, to the letter: each spelling that passed would have a line of its own to guess in. */
export function isKnownBrowser(word: string | undefined, account: Account): boolean {
  const [nonce = ""] = (word ?? "").slice(0, 256).split(".");
  const [given, right] = [Buffer.from(word ?? ""), Buffer.from(`${nonce}.${signatureOf(nonce, account)}`)];
  return nonce.length === 16 && given.length === right.length && timingSafeEqual(given, right);
}

function signatureOf(nonce: string, { user, createdAt, passphraseHash }: Account): string {
  return createHmac("sha256", passphraseHash)
    .update(`hedgerow browser ${nonce} ${user} ${createdAt}`)
    .digest("base64url");
}

function nameHere({ env }: WebContext, name: string): string {
  return env.isSecure ? `__Host-${name}` : name;
}

function attributes({ env }: WebContext) {
  return { path: "/", httpOnly: true, sameSite: "Strict", secure: env.isSecure } as const;
}

// How every route answers: in the page's frame, as a sentence when refused, with the session's cookie when let in.
import type { Context } from "hono";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import type { Commands } from "../core/commands.ts";
import type { Log } from "../core/log.ts";
import type { Receipt } from "../core/receipt.ts";
import { type Language, languageOf, type MessageKey, type MessageValues } from "../languages/say.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import type { Registry } from "../registry/registry.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import type { CameraTrials } from "../settings/camera-trials.ts";
import type { SiteCommands } from "../settings/site-commands.ts";
import type { Accounts } from "./accounts.ts";
import type { Attempts } from "./attempts.ts";
import type { Assets } from "./assets.ts";
import type { CameraDrafts } from "./camera-drafts.ts";
import type { HeldTests } from "./camera-tests.ts";
import { rememberLanguage, spokenFor } from "./chosen-language.ts";
import type { Html } from "./html.ts";
import type { JournalStore } from "./journal-store.ts";
import { page, type Spoken } from "./layout.ts";
import type { PairingLinks } from "./pairing-links.ts";
import { refusalPage } from "./refusal-page.ts";
import { letIn, letOut, tokenOf } from "./session-cookie.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { ShownOnce } from "./shown-once.ts";
import type { StatusStreams } from "./stream.ts";
import type { PageTls } from "./tls-door.ts";
import type { PublicView } from "./transparency.ts";
import type { Now } from "./words.ts";

/** `address`: the other end of the connection. `isSecure`: by https. `session`: undefined for a stranger. `isStillIn`: whether it holds; asked by what goes on for hours. */
export type WebEnv = {
  Bindings: { address: string; isSecure: boolean };
  Variables: { session: Session | undefined; isStillIn: () => boolean };
};
export type WebContext = Context<WebEnv>;

export { letIn, letOut, tokenOf };

export type AppDeps = {
  readonly settings: GatewaySettings;
  readonly policy: Policy;
  readonly commands: Commands;
  readonly site: SiteCommands;
  readonly trials: CameraTrials;
  readonly board: Board;
  readonly clock: Clock;
  readonly log: Log;
  readonly assets: Assets;
  readonly accounts: Accounts;
  /** Who was let in just now; all else is asked of `commands`. */
  readonly registry: Pick<Registry, "data">;
  readonly sessions: Sessions;
  /** Each POST that succeeds is noted by itself (noted-changes.ts); what comes on another way is noted here. */
  readonly journal: JournalStore;
  readonly shownOnce: ShownOnce;
  readonly links: PairingLinks;
  readonly linkAttempts: Attempts;
  readonly tokenAttempts: Attempts;
  readonly streams: StatusStreams;
  /** Null where the page is shown by plain http alone. */
  readonly tls: PageTls | null;
  readonly transparency: PublicView;
  readonly policyStanding: () => PolicyStanding;
  /** What it says of policies. */
  readonly ledger: Pick<Ledger, "newest">;
  readonly heldTests: HeldTests;
  readonly drafts: CameraDrafts;
  /** All of a picture by its SHA-256, the newest first; for who has a login. */
  readonly receiptsOf: (image: string) => readonly { readonly receipt: Receipt }[];
};

type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429 | 500 | 503;

/** Why not, by the keys of what is said: in the reader's language on a page, in English to a program. */
export type Refusal = {
  readonly status: RefusalStatus;
  readonly title: MessageKey;
  readonly key: MessageKey;
  readonly values?: MessageValues;
};

/** The same in words that are in the reader's language already; `facts`: in English, see refusalOf. */
export type Sentence = {
  readonly status: RefusalStatus;
  readonly title: string;
  readonly sentence: string;
  readonly facts?: string | null;
};

/** A refusal as a page for people, as JSON for programs; never a stack. */
export function sayNo(c: WebContext, deps: AppDeps, refusal: Refusal | Sentence): Response | Promise<Response> {
  if (isForPrograms(c.req.path)) {
    const { status, sentence, facts = null } = inWords(refusal, languageOf("en"));
    return c.json({ error: facts ?? sentence }, status);
  }
  const { language } = spokenFor(c, deps);
  const { status, ...words } = inWords(refusal, language);
  return c.html(framed(c, deps, { title: words.title, body: refusalPage(words, language) }), status);
}

function inWords(refusal: Refusal | Sentence, { say }: Language): Sentence {
  if ("sentence" in refusal) return refusal;
  const { status, title, key, values } = refusal;
  return { status, title: say(title), sentence: say(key, values) };
}

/** Whether a path is asked for by programs, which want a status code where people want a page. */
export function isForPrograms(path: string): boolean {
  return path.startsWith("/api/") || /\.jpg$|\.jsonl?$/.test(path) || path === "/metrics";
}

type Body = {
  readonly title: string;
  readonly body: Html;
  readonly isLive?: boolean;
  readonly isPolled?: boolean;
  readonly script?: "camera" | "masks" | "receipts" | "setup";
  /** Of a public page: how it speaks, see spokenFor. */
  readonly spoken?: Spoken;
};

export function framed(
  c: WebContext,
  deps: AppDeps,
  { title, body, isLive = false, isPolled = false, script, spoken }: Body,
): Html {
  const { settings, assets } = deps;
  if (spoken === undefined) rememberLanguage(c);
  const site = settings.gateway.name ?? settings.gateway.id;
  const urls = { css: assets.css.url, js: assets.js.url, icon: assets.icon.url };
  const own = script === undefined ? undefined : assets[script].url;
  const reader = { path: c.req.path, session: c.get("session") };
  const speaks = { spoken: spoken ?? spokenFor(c, deps), isPublic: spoken !== undefined };
  return page({ title, site, ...reader, assets: urls, isLive, isPolled, script: own, ...speaks }, body);
}

/** Ends the wait for one's turn when the asker goes away or the gateway stops. */
export function whileAsking(c: WebContext, stop: AbortSignal): AbortSignal {
  return AbortSignal.any([stop, c.req.raw.signal]);
}

/** For who asks: what times are told against, in their language. */
export function nowOf(c: WebContext, deps: AppDeps): Now {
  const { clock, settings } = deps;
  return { nowMs: clock.nowMs(), timezone: settings.gateway.timezone, language: spokenFor(c, deps).language };
}

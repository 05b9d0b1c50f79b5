// The local page as a room: opens what it keeps (code, sessions, counts by day), then its door.
import type { Board } from "../core/board.ts";
import type { ChangeJournal } from "../core/change-journal.ts";
import type { Clock } from "../core/clock.ts";
import type { Commands } from "../core/commands.ts";
import type { DisclosureCount } from "../core/disclosure-commands.ts";
import { messageOf } from "../core/errors.ts";
import type { GatewayKey, PublicKey } from "../core/gateway-key.ts";
import type { Log } from "../core/log.ts";
import { ownAddress } from "../core/own-address.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import type { Registry } from "../registry/registry.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import type { CameraTrials } from "../settings/camera-trials.ts";
import type { SiteCommands } from "../settings/site-commands.ts";
import { accountsOf } from "./accounts.ts";
import { createApp } from "./app.ts";
import { type AttemptDelays, Attempts } from "./attempts.ts";
import { readAssets } from "./assets.ts";
import { CameraDrafts } from "./camera-drafts.ts";
import { HeldTests } from "./camera-tests.ts";
import { openJournal } from "./journal-store.ts";
import { PairingLinks } from "./pairing-links.ts";
import { openServer } from "./server.ts";
import { type KeptSessions, Sessions } from "./sessions.ts";
import { openSetupCode } from "./setup-code.ts";
import { ShownOnce } from "./shown-once.ts";
import { type StreamLimits, StatusStreams } from "./stream.ts";
import { openTlsDoor, type TlsDoor } from "./tls-door.ts";
import { openTransparency } from "./transparency.ts";

/** `receipts`: at most so many of the latest, newest first. `receiptsOf`: of a picture by its SHA-256, with their numbers from 1 in the order in which they were made. `limits`: smaller ones for tests. */
export type WebDeps = {
  readonly settings: GatewaySettings;
  readonly policy: Policy;
  readonly commands: Commands;
  /** How the house is set up; see settings/site-commands.ts. */
  readonly site: SiteCommands;
  readonly trials: CameraTrials;
  readonly registry: Registry;
  readonly board: Board;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly receipts: (count: number) => readonly Receipt[];
  readonly receiptsOf: (image: string) => readonly { readonly number: number; readonly receipt: Receipt }[];
  readonly receiptCount: () => number;
  /** All that receipts were signed with, the current one first; see openTransparency. */
  readonly publicKeys?: () => readonly PublicKey[];
  readonly ledger: Pick<Ledger, "lastNumber" | "headAt" | "heads" | "exported" | "newest">;
  /** Which policy holds, and what is announced. */
  readonly policyStanding: () => PolicyStanding;
  readonly disclosureCounts?: () => readonly DisclosureCount[];
  readonly limits?: AttemptDelays & StreamLimits;
  /** Of the house before this one, where it was opened anew. */
  readonly sessions?: KeptSessions | undefined;
};

/** What the page shows of receipts, and what they are checked with. */
export function receiptsIn(
  ledger: Pick<Ledger, "latestReceipts" | "receiptsOf" | "receiptCount">,
  key: Pick<GatewayKey, "publicKeys">,
): Required<Pick<WebDeps, "receipts" | "receiptsOf" | "receiptCount" | "publicKeys">> {
  return {
    receipts: (count) => ledger.latestReceipts(count),
    receiptsOf: (image) => ledger.receiptsOf(image),
    receiptCount: () => ledger.receiptCount(),
    publicKeys: () => key.publicKeys(),
  };
}

export type Web = AsyncDisposable & {
  /** What can be asked, as the router writes it. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  readonly address: { readonly host: string; readonly port: number };
  /** https beside it; null where there is none. */
  readonly tls: TlsDoor | null;
  /** The one-time code of the first start, for the console; null once a steward exists. */
  readonly setupCode: string | null;
  /** Where logins made elsewhere get their one-time link, too. */
  readonly links: PairingLinks;
  /** Where what people do elsewhere is noted, too. */
  readonly journal: ChangeJournal;
};

/** Opens the local page; streams end when `stop` aborts, the rest on dispose. Throws PORT_IN_USE, CONFIG_INVALID or DATA_DIR_UNUSABLE. */
export async function openWeb(deps: WebDeps, stop: AbortSignal): Promise<Web> {
  await using stack = new AsyncDisposableStack();
  const { registry, commands, board, clock, log, dataDir, limits } = deps;
  const ended = new AbortController();
  const isEnding = AbortSignal.any([stop, ended.signal]);
  const isSetUp = registry.data().accounts.some(({ role }) => role === "steward");
  const setupCode = await openSetupCode({ dataDir, isSetUp });
  // The first steward may have been made elsewhere (`hedgerow user add`): the code is void from then on.
  const endCode = (): void => {
    if (setupCode.current === null || !registry.data().accounts.some(({ role }) => role === "steward")) return;
    setupCode.end().catch((cause: unknown) => log.warn({ cause: messageOf(cause) }, "the set-up code's file is left"));
  };
  stack.defer(registry.onChange(endCode));
  const journal = stack.use(openJournal({ dataDir, clock, board, log }));
  const attempts = new Attempts({ clock, ...(limits !== undefined && { delays: limits }) });
  const links = new PairingLinks({ commands, clock });
  const heldTests = new HeldTests({ clock });
  stack.defer(commands.onErased((cameras) => heldTests.forgetCameras(cameras)));
  const tls = await openTlsDoor(deps);
  const app = createApp(
    {
      ...deps,
      tls,
      assets: await readAssets(),
      accounts: accountsOf({ registry, setupCode, attempts, board, clock, users: commands, journal }),
      sessions: new Sessions({ clock, registry, kept: deps.sessions }),
      journal,
      shownOnce: new ShownOnce(clock),
      heldTests,
      drafts: new CameraDrafts({ clock }),
      links,
      linkAttempts: new Attempts({ clock, ...(limits !== undefined && { delays: limits }) }),
      tokenAttempts: new Attempts({ clock, ...(limits !== undefined && { delays: limits }) }),
      streams: new StatusStreams({ commands, log, ...(limits !== undefined && { limits }) }, isEnding),
      transparency: stack.use(await openTransparency(deps)),
    },
    isEnding,
  );
  const server = stack.use(await openServer(app, deps.settings.status));
  if (tls !== null) stack.use(await tls.open(app));
  links.setBase(pageAddress(server.address));
  stack.defer(() => ended.abort());
  const owned = stack.move();
  return {
    routes: app.routes,
    address: server.address,
    tls,
    links,
    journal,
    get setupCode() {
      return setupCode.current;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function pageAddress({ host, port }: { host: string; port: number }): string {
  const own = ownAddress(host);
  return `http://${own.includes(":") ? `[${own}]` : own}:${port}`;
}

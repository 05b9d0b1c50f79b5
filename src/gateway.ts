// The composition root: opens the rooms in order, the doors last, and closes them in reverse.
import manifest from "../package.json" with { type: "json" };
import { openApprovals } from "./approvals.ts";
import { openCameras } from "./cameras.ts";
import { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { Commands } from "./core/commands.ts";
import { openDataDir } from "./core/data-dir-lock.ts";
import { messageOf } from "./core/errors.ts";
import { type GatewayKey, openGatewayKey } from "./core/gateway-key.ts";
import type { Log } from "./core/log.ts";
import { openDisclosureLog } from "./disclosure-log.ts";
import { openErasing } from "./erasing.ts";
import { createEventRoad } from "./event-road.ts";
import { createCommands } from "./gateway-commands.ts";
import { History } from "./history/history.ts";
import { watchHistory } from "./history/watch-history.ts";
import { openHousekeeping } from "./housekeeping.ts";
import type { GpioLines } from "./ingest/gpio-lines.ts";
import { openSources, type Sources } from "./ingest/sources.ts";
import { openKitLookup } from "./kit-lookup.ts";
import { createLampSwitch, watchLamps } from "./lamps.ts";
import { openLedgerClerk } from "./ledger-clerk.ts";
import { openLedger } from "./ledger/ledger.ts";
import { notingForeignTopics } from "./normalise/journal.ts";
import { sunOf } from "./normalise/sun.ts";
import { type CorrectTime, createTimeCorrection } from "./privacy/correct-time.ts";
import type { SiteDisclosure } from "./privacy/disclose.ts";
import { openNoticing } from "./noticing.ts";
import { openPlatforms } from "./platforms.ts";
import { applyPolicy, rulesMoved } from "./policy-change.ts";
import { openPolicyInForce } from "./policy-in-force.ts";
import { openPseudonyms } from "./privacy/pseudonyms.ts";
import { createQuiet } from "./privacy/quiet.ts";
import type { RedactorDeps } from "./privacy/redact.ts";
import { kitDiffers } from "./registry/kit-difference.ts";
import { openRegistry } from "./registry/open-registry.ts";
import type { Settings } from "./settings/load.ts";
import { openKnownProfiles } from "./settings/own-profiles.ts";
import { readSecret } from "./settings/secrets.ts";
import { createSite, type Undo } from "./site.ts";
import { openSpool } from "./spool/sqlite-spool.ts";
import { openLocalSocket } from "./web/local-socket.ts";
import type { KeptSessions } from "./web/sessions.ts";
import { openWeb, receiptsIn } from "./web/web.ts";

export type Gateway = AsyncDisposable & {
  readonly key: GatewayKey;
  readonly commands: Commands;
  /** The embedded broker's port; null where the site's broker is used. */
  readonly brokerPort: number | null;
  readonly statusPort: number;
  /** The one-time code of the first start, or null once a steward exists. */
  readonly setupCode: string | null;
  /** Resolves when an announced policy holds, or with what takes back the settings that a steward has changed: to be opened anew. */
  readonly due: Promise<Undo | null>;
  /** Rejects when the gateway cannot go on, such as after a failed write; it never resolves. */
  readonly failed: Promise<never>;
};

/** `redactor`: another child program, model folder or limits, for tests that break the detector. `lines`: of wired sensors, where they are simulated. `sessions`: of the house that was closed to open this one. `isLocalReached`: cameras of this machine may be set up from the page, where they are simulated. `trouble`: why it could not be opened with what was changed. */
type Deps = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor?: Pick<RedactorDeps, "childScript" | "modelDirectory" | "limits">;
  readonly lines?: GpioLines;
  readonly isLocalReached?: boolean;
  readonly sessions?: KeptSessions;
  readonly trouble?: string | null;
};

/** Opens everything that the settings name. Throws GatewayError, and then has closed what had opened. */
export async function openGateway(
  { settings, clock, log, redactor: detection, lines, isLocalReached, sessions, trouble = null }: Deps,
  stopped: AbortSignal,
): Promise<Gateway> {
  await using stack = new AsyncDisposableStack();
  // What listens for the stop is let go with the house: else a process that opens it anew keeps the old one in memory.
  const closed = new AbortController();
  stack.defer(() => closed.abort());
  const stop = AbortSignal.any([stopped, closed.signal]);
  const { gateway } = settings;
  const { dataDir, id: gatewayId, cell, timezone } = gateway.gateway;
  const board = new Board();
  // What SQLite makes beside our own files is for this user alone, too.
  process.umask(0o077);
  stack.use(await openDataDir(dataDir));
  const key = await openGatewayKey(dataDir);
  const registry = stack.use(await openRegistry({ dataDir, kit: settings.kit, log }));
  for (const difference of kitDiffers(settings.kit, registry.data(), { isForLog: true })) {
    log.warn({ remedy: "hedgerow kit import" }, difference);
  }
  const { profiles, mistakes } = await openKnownProfiles(gateway.profiles);
  for (const { file, line, text } of mistakes) log.warn({ code: "PROFILE_INVALID", file, line }, text);
  const { router, device, zoneOf } = stack.use(openKitLookup(registry, profiles));
  const approvals = stack.use(openApprovals({ registry, profiles, router, clock, board, log }));

  const ledger = stack.use(await openLedger({ dataDir, key, gatewayId, timezone, clock, log }));
  const sinkIds = gateway.platform.map(({ id }) => id);
  // By the policy in force, which is known once the spool is open; it is asked for later.
  const correctTime: CorrectTime = (...said) => createTimeCorrection(policy.events)(...said);
  const spool = stack.use(await openSpool({ dataDir, ...gateway.spool, sinkIds, correctTime, clock, board, log }));
  const inForce = stack.use(openPolicyInForce({ settings, spool, ledger, registry, clock, log }));
  const { policy, sha256: policySha256 } = inForce;
  const pseudonyms = await openPseudonyms({ dataDir, rhythm: policy.events.pseudonyms, timezone });
  const hours = { timezone, sun: sunOf(cell) };
  const quiet = createQuiet({ rule: policy.quiet, ...hours, clock });
  const site = { gatewayId, zoneOf, timezone, earliestNowMs: () => spool.earliestNowMs(), ...(cell && { cell }) };
  const disclosure: SiteDisclosure = { ...site, policy, pseudonyms, clock, quiet };
  const eyes = { dataDir, policy, policySha256, fileSays: settings.policy, ...gateway.redactor, detection, disclosure };
  const {
    redactor,
    watch,
    kit: cameraKit,
    trials,
  } = stack.use(
    await openCameras({ ...eyes, isLocalReached, registry, ledger, hours, quiet, spool, clock, board, log }, stop),
  );
  const lampFaults = stack.use(watchLamps({ registry, cell, kept: spool.state("lamp:"), clock, log }));
  const eventRoad = createEventRoad({
    lamps: lampFaults,
    profiles,
    router,
    announced: (arrival) => approvals.hear(arrival),
    device,
    disclosure,
    spool,
    clock,
    board,
    version: manifest.version,
    onMotion: (deviceId) => watch.onMotion(deviceId),
  });
  const recipients = gateway.platform.map(({ id, kind, url }) => ({ id, kind, host: new URL(url).host }));
  const noted = { policySha256, moved: rulesMoved(spool, policy), recipients };
  const clerk = stack.use(await openLedgerClerk({ ledger, spool, ...noted, board, log }, stop));
  // Before anything is sent: what a tighter policy would not have made does not leave (I10).
  const tell: typeof eventRoad.tell = (...said) => eventRoad.tell(...said);
  await applyPolicy({ disclosure, policySha256, kit: registry.data(), profiles, ...hours, spool, tell, log });
  // Likewise what a person wished to be erased, and was cut off.
  const live = { road: eventRoad, lamps: lampFaults };
  const history = new History({ kept: spool.state("history:"), clock, timezone });
  const asked = { spool, disclosure, registry, approvals, platforms: sinkIds, live, history, clock, log };
  const erasing = stack.use(await openErasing(asked));
  const disclosureLog = await openDisclosureLog({ dataDir, timezone, spool, clock, log });
  const line = { version: manifest.version, sun: sunOf(cell) };
  const sendsTo = { ...gateway, platform: policy.draft ? [] : gateway.platform };
  const { pumps } = stack.use(await openPlatforms({ settings: sendsTo, key, spool, clock, board, log, ...line }, stop));
  const { evictFirst } = policy.events;
  const housekeeping = stack.use(openHousekeeping({ eventRoad, spool, evictFirst, clock, log }));
  const noticing = stack.use(openNoticing({ settings: gateway, commands: () => commands, spool, key, clock, log }));

  // Asked for by the page, which opens before the doors.
  let doors: Sources | null = null;
  const send: Sources["send"] = async (command) => (await doors?.send(command)) ?? false;
  const commands = createCommands({
    settings: { ...settings, policy, policySha256 },
    inForce,
    key,
    registry,
    profiles,
    approvals,
    eventRoad,
    watch,
    redactor,
    spool,
    pumps,
    board,
    clock,
    log,
    version: manifest.version,
    disconnect: (login) => doors?.disconnect(login),
    siteBroker: () => doors?.siteBroker() ?? null,
    lampFaults,
    ledgerTrouble: () => clerk.trouble(),
    switchLamp: createLampSwitch({ registry, profiles, ledger, clock, send }),
    erasing,
    disclosureLog,
    history,
    noticing,
    stop,
  });
  stack.use(watchHistory({ history, status: () => commands.status(), spool, log }));
  const changed = Promise.withResolvers<Undo>();
  const held = { settings: gateway, sessions, policy, commands, trials, registry, board, clock, log, dataDir };
  const web = stack.use(
    await openWeb(
      {
        ...held,
        site: stack.use(createSite({ settings, registry, profiles, clock, changed: changed.resolve, trouble })),
        ...receiptsIn(ledger, key),
        ledger,
        policyStanding: () => inForce.standing(),
        disclosureCounts: () => disclosureLog.disclosureCounts(),
      },
      stop,
    ),
  );
  stack.use(await openLocalSocket({ dataDir, commands, log, links: web.links, journal: web.journal }, stop));
  const sources = stack.use(
    await openSources(
      {
        settings: gateway.broker,
        registry,
        gatewayId,
        publishFilters: (profileId, topic) => profiles.publishFilters(profileId, topic),
        readSecret,
        lines,
        mayPublish: notingForeignTopics({ journal: eventRoad.journal, clock }, (...said) =>
          router().mayPublish(...said),
        ),
        maySubscribe: (login, filter) => router().maySubscribe(login, filter),
        take: (arrival) => eventRoad.take(arrival),
        pictures: cameraKit.inbox,
        settled: () => spool.settled(),
        isHeldBack: () => spool.condition() === "full",
        clock,
        board,
        log,
      },
      stop,
    ),
  );
  doors = sources;
  // Not waited for: on a full disk it waits too, and the doors must open, since deliveries are what makes room.
  eventRoad
    .tell({ kind: "gateway-status", state: "started", version: manifest.version, atMs: clock.nowMs() })
    .catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "the start could not be told"));
  void inForce.announce((fact) => eventRoad.tell(fact));
  log.info({ broker: sources.port, status: web.address.port, keyId: key.keyId }, "gateway open");

  const owned = stack.move();
  return {
    key,
    commands,
    brokerPort: sources.port,
    statusPort: web.address.port,
    get setupCode() {
      return web.setupCode;
    },
    due: Promise.race([inForce.due.then(() => null), changed.promise]),
    failed: housekeeping.failed,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

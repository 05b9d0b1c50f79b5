// How `erase` and `disclosure` reach the house: through the running gateway where there is one, else on the data directory
// itself, alone, with the rooms opened that they need.
import { openApprovals } from "../approvals.ts";
import { Board } from "../core/board.ts";
import { systemClock } from "../core/clock.ts";
import { lockDataDir } from "../core/data-dir-lock.ts";
import { openLog } from "../core/log.ts";
import { openDisclosureLog, type DisclosureLog } from "../disclosure-log.ts";
import { type Erasing, openErasing } from "../erasing.ts";
import { History } from "../history/history.ts";
import { openPseudonyms } from "../privacy/pseudonyms.ts";
import { createRouter } from "../profiles/router.ts";
import { openRegistry } from "../registry/open-registry.ts";
import { loadSettings, type Settings } from "../settings/load.ts";
import { openKnownProfiles } from "../settings/own-profiles.ts";
import { type Policy, SCHEMAS } from "../settings/schema.ts";
import type { Spool } from "../spool/spool.ts";
import { openSpool } from "../spool/sqlite-spool.ts";
import type { Answer, Ask, CommandName } from "../web/local-protocol.ts";
import { callGateway } from "../web/local-socket.ts";
import { configFile } from "./config-file.ts";
import { becomeOwnerOf, makeDataDir } from "./kit-access.ts";

type Here = { readonly erasing: Erasing; readonly disclosureLog: DisclosureLog };

export type HouseAccess = {
  readonly settings: Settings;
  /** In the running gateway; where none runs, `use` alone. Throws what either throws, and DATA_DIR_LOCKED. */
  act<N extends CommandName, T>(name: N, ask: Ask<N>, use: (here: Here) => T | Promise<T>): Promise<Answer<N> | T>;
};

/** Goes on as the user who owns the data. */
export async function houseAccess({ config }: { readonly config?: string }): Promise<HouseAccess> {
  const settings = await loadSettings(await configFile(config));
  const { dataDir } = settings.gateway.gateway;
  await becomeOwnerOf(dataDir);
  return {
    settings,
    act: async (name, ask, use) => (await callGateway(dataDir, name, ask)) ?? (await withHouse(settings, use)),
  };
}

/** Nothing is heard and nothing is sent meanwhile: what is told waits for the next start. */
async function withHouse<T>(settings: Settings, use: (here: Here) => T | Promise<T>): Promise<T> {
  const { gateway } = settings;
  const { dataDir, id: gatewayId, cell, timezone } = gateway.gateway;
  const [clock, board, log] = [systemClock, new Board(), openLog({ level: "warn", fd: 2 })];
  await makeDataDir(dataDir);
  await using _lock = await lockDataDir(dataDir);
  await using registry = await openRegistry({ dataDir, kit: settings.kit, log });
  const { profiles } = await openKnownProfiles(gateway.profiles);
  const router = () => createRouter(profiles, registry.data());
  await using approvals = openApprovals({ registry, profiles, router, clock, board, log });
  const platforms = gateway.platform.map(({ id }) => id);
  await using spool = await openSpool({ dataDir, ...gateway.spool, sinkIds: platforms, clock, board, log });
  const policy = lastPolicy(spool) ?? settings.policy;
  const pseudonyms = await openPseudonyms({ dataDir, rhythm: policy.events.pseudonyms, timezone });
  const zoneOf = () => "unknown"; // nothing is told here that has a zone
  const earliestNowMs = () => spool.earliestNowMs();
  const site = { gatewayId, zoneOf, timezone, earliestNowMs, ...(cell !== undefined && { cell }) };
  const disclosure = { ...site, policy, pseudonyms, clock };
  const history = new History({ kept: spool.state("history:"), clock, timezone });
  const deps = { spool, disclosure, registry, approvals, platforms, live: null, history, clock, log };
  using erasing = await openErasing({ ...deps, answerMs: Number.POSITIVE_INFINITY });
  const disclosureLog = await openDisclosureLog({ dataDir, timezone, spool, clock, log });
  return await use({ erasing, disclosureLog });
}

/** Under which all that waits was made or brought (policy-change.ts); policy.yaml may only be announced yet. */
function lastPolicy(spool: Pick<Spool, "state">): Policy | null {
  const text = spool.state("policy:last").get("policy:last");
  try {
    return SCHEMAS.policy.safeParse(JSON.parse(text ?? "null")).data ?? null;
  } catch {
    return null; // damaged: policy.yaml's has to do
  }
}

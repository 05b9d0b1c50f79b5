// What a person may do and see: the port core/commands.ts over the rooms that the gateway opened.
import type { Approvals } from "./approvals.ts";
import { createCameraCommands } from "./camera-commands.ts";
import type { CameraWatch } from "./camera-watch.ts";
import { watchConservation } from "./conservation-watch.ts";
import type { Login } from "./core/arrival.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { BridgeView, Commands, DeviceView, GatewayStatus } from "./core/commands.ts";
import type { DisclosureCommands } from "./core/disclosure-commands.ts";
import type { ErasureCommands } from "./core/erasure-commands.ts";
import { GatewayError } from "./core/errors.ts";
import { type GatewayKey, rotateKey } from "./core/gateway-key.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import type { EventRoad } from "./event-road.ts";
import type { History } from "./history/history.ts";
import type { SiteState } from "./ingest/external-broker.ts";
import type { Pump } from "./forward/pump.ts";
import { createDeviceCommands } from "./device-changes.ts";
import { createDoctorCommands } from "./examining.ts";
import { lampView } from "./lamps.ts";
import type { LampFaults } from "./normalise/lamp-faults.ts";
import { view } from "./normalise/presence.ts";
import type { Redactor } from "./privacy/redactor.ts";
import type { Notices } from "./notices/notices.ts";
import { type PolicyInForce, policyView } from "./policy-in-force.ts";
import { fillSetup, type Profiles } from "./profiles/profiles.ts";
import type { RegisteredDevice, Registry } from "./registry/registry.ts";
import { addBridge, pairDevice, renewCredentials } from "./registry/pairing.ts";
import { isPaired } from "./registry/place.ts";
import { pause, remove, revoke } from "./registry/removal.ts";
import { createPeopleCommands } from "./registry/people.ts";
import { brokerAddress } from "./settings/broker-address.ts";
import type { Settings } from "./settings/load.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly settings: Settings;
  readonly key: GatewayKey;
  readonly registry: Registry;
  readonly profiles: Profiles;
  readonly approvals: Approvals;
  readonly eventRoad: EventRoad;
  readonly watch: CameraWatch;
  readonly redactor: Redactor;
  readonly spool: Spool;
  readonly log: Log;
  readonly pumps: readonly Pump[];
  readonly board: Board;
  readonly clock: Clock;
  readonly version: string;
  /** Ends the connections of a login whose credentials changed. */
  readonly disconnect: (login: Login) => void;
  /** How it stands with the site's broker; null where there is none, or before it is opened. */
  readonly siteBroker: () => SiteState | null;
  readonly lampFaults: LampFaults;
  readonly inForce: Pick<PolicyInForce, "approve" | "standing">;
  readonly ledgerTrouble: () => string | null;
  readonly switchLamp: Commands["switchLamp"];
  readonly erasing: ErasureCommands;
  readonly disclosureLog: DisclosureCommands;
  readonly history: Pick<History, "historyOf">;
  readonly noticing: Pick<Notices, "commands">;
  readonly stop: AbortSignal;
};

export function createCommands(deps: Deps): Commands {
  const { registry, profiles, spool, board, pumps, clock, settings } = deps;
  const broker = brokerAddress(settings.gateway.broker);
  const { isSites } = broker;
  // The site's broker keeps the logins, and lets in whom it knows.
  const isHeard = (device: RegisteredDevice): boolean => isSites || isPaired(registry.data(), device);
  const cameras = createCameraCommands({ ...deps, policy: settings.policy });
  const sinkIds = settings.gateway.platform.map(({ id }) => id);
  const conservation = watchConservation({ spool, sinkIds, clock });
  const startedAt = new Date(clock.nowMs()).toISOString();
  const pairing = { registry, profiles, fillSetup, broker };

  const bridges = (): readonly BridgeView[] =>
    registry.data().bridges.map(({ id, family, base, passwordHash }) => ({
      id,
      family,
      base,
      isPaired: isSites || passwordHash !== null,
      state: deps.eventRoad.bridges.get(id).state,
      heardAt: isoOrNull(deps.eventRoad.bridges.get(id).heardAtMs),
    }));

  const status = (): GatewayStatus => {
    const nowMs = clock.nowMs();
    const { state: disk, oldestAtMs, ...buffer } = spool.stats(nowMs);
    return {
      gateway: {
        id: settings.gateway.gateway.id,
        name: settings.gateway.gateway.name ?? settings.gateway.gateway.id,
        version: deps.version,
        startedAt,
        clock: clock.isSynced() ? "synced" : "unsure",
      },
      devices: registry.data().devices.map((device): DeviceView => {
        const memory = deps.eventRoad.memories.get(device.id);
        const seen = view(memory);
        return {
          id: device.id,
          name: device.name ?? device.id,
          zone: device.zone,
          profile: device.profile,
          state: device.paused === true ? "paused" : seen.state,
          flags: seen.flags,
          heardAt: isoOrNull(seen.heardAtMs),
          batteryPct: seen.batteryPct,
          linkPct: seen.linkPct,
          isPaired: isHeard(device),
          lamp: lampView(device, { profiles, faults: deps.lampFaults, memory }),
        };
      }),
      bridges: bridges(),
      proposals: deps.approvals.count(),
      cameras: cameras.views(),
      buffer: { ...buffer, disk, bytesMax: settings.gateway.spool.bytesMax, oldestAt: isoOrNull(oldestAtMs) },
      conservation: conservation(),
      policy: policyView(deps.inForce.standing()),
      sinks: pumps.map((pump) => {
        const { id, state, why, lastAcceptedAtMs, sinceMs, untilMs } = pump.state();
        const [since, until] = [isoOrNull(sinceMs ?? null), isoOrNull(untilMs ?? null)];
        return { id, state, why: why ?? null, lastAcceptedAt: isoOrNull(lastAcceptedAtMs), since, until };
      }),
      siteBroker: siteBrokerView(deps.siteBroker()),
      ledger: { trouble: deps.ledgerTrouble() },
      // What is counted on both is counted on the disk over all runs.
      counters: { ...board.all(), ...spool.counters() },
    };
  };

  return {
    status,
    ...createDoctorCommands({ ...deps, status }, deps.stop),
    ...cameras,
    onChange(watcher) {
      const ends = [
        board.watch(watcher),
        spool.onAppend(watcher),
        registry.onChange(watcher),
        deps.approvals.onChange(watcher),
        ...pumps.map((pump) => pump.onChange(watcher)),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
    async lastImage(cameraId) {
      const picture = spool.lastPicture(cameraId);
      return picture === null ? null : await spool.image(picture.sha256);
    },
    deadLetters: () =>
      spool.deadLetters(LIMITS.deadLettersShown).map(({ sinkId, id, type, why, atMs, expiresAtMs }) => {
        return { sinkId, id, type, why, at: isoOf(atMs), expiresAt: isoOf(expiresAtMs) };
      }),
    requeue: (ask) => spool.requeue(ask),
    listDevices: () =>
      registry.data().devices.map((device) => {
        const { id, name, profile, topic, zone } = device;
        const outside = deps.eventRoad.nameOutside(id);
        return { id, name: name ?? id, profile, topic, zone, isPaired: isHeard(device), outside };
      }),
    listBridges: bridges,
    deviceHeard(id) {
      if (!registry.data().devices.some((device) => device.id === id))
        throw new GatewayError("NOT_FOUND", `there is no device ${id}`);
      return deps.eventRoad.journal
        .of(id)
        .map(({ atMs, ...noted }) => ({ at: new Date(atMs).toISOString(), ...noted }));
    },
    listFamilies: () =>
      profiles.families().map(({ id, title, about, brands, bridge, profiles: entries }) => ({
        id,
        title,
        about,
        brands,
        bridgeBase: bridge?.base ?? null,
        profiles: entries.map((entry) => ({ id: entry.id, title: entry.title, kinds: entry.kinds })),
      })),
    listProposals: () => deps.approvals.list(),
    approve: (ask) => deps.approvals.approve(ask),
    dismiss: (ask) => deps.approvals.dismiss(ask),
    revoke: (ask) => revoke(deps, ask),
    remove: (ask) => remove(deps, ask),
    pause: (ask) => pause(registry, ask),
    async sendNow({ id }) {
      const asked = pumps.filter((pump) => id === undefined || pump.state().id === id);
      if (id !== undefined && asked.length === 0) throw new GatewayError("NOT_FOUND", `there is no platform ${id}`);
      for (const pump of asked) pump.resume();
    },
    switchLamp: deps.switchLamp,
    holdings: (ask) => deps.erasing.holdings(ask),
    erase: (ask) => deps.erasing.erase(ask),
    historyOf: (kind, id) => deps.history.historyOf(kind, id),
    onErased: (watcher) => deps.erasing.onErased(watcher),
    listDisclosures: () => deps.disclosureLog.listDisclosures(),
    addDisclosure: (ask) => deps.disclosureLog.addDisclosure(ask),
    ...createPeopleCommands(deps),
    ...deps.noticing.commands,
    approvePolicy: (ask) => deps.inForce.approve(ask),
    rotateKey: ({ isFinal }) => rotateKey(deps.key, { isFinal, nowMs: clock.nowMs() }),
    pairDevice: (ask) => pairDevice({ ...pairing, ask }),
    addBridge: (ask) => addBridge({ ...pairing, ask }),
    ...createDeviceCommands({ ...pairing, ...deps, memories: deps.eventRoad.memories }),
    async renewCredentials(ask) {
      const credentials = await renewCredentials({ ...pairing, ask });
      deps.disconnect(ask);
      return credentials;
    },
  };
}

function siteBrokerView(state: SiteState | null): NonNullable<GatewayStatus["siteBroker"]> | null {
  if (state === null) return null;
  return { isUp: state.isUp, why: state.why, refused: state.refused.map(({ filter }) => filter) };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoOf(ms);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

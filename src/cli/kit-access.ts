// How commands act on the kit: through the running gateway when there is one, else on the registry itself, under the lock.
import { stat } from "node:fs/promises";
import { type Approvals, openApprovals } from "../approvals.ts";
import { Board } from "../core/board.ts";
import { systemClock } from "../core/clock.ts";
import type { Commands, ProposalView } from "../core/commands.ts";
import { lockDataDir } from "../core/data-dir-lock.ts";
import { makePrivateDirectory } from "../core/durable-file.ts";
import type { DeviceCommands } from "../core/device-commands.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { type Log, openLog } from "../core/log.ts";
import { readSmallFile } from "../core/small-file.ts";
import { createDeviceCommands } from "../device-changes.ts";
import { fillSetup, type Profiles } from "../profiles/profiles.ts";
import { createRouter } from "../profiles/router.ts";
import { pauseCamera } from "../registry/camera-pausing.ts";
import { openRegistry } from "../registry/open-registry.ts";
import { addBridge, pairDevice, renewCredentials } from "../registry/pairing.ts";
import { isPaired } from "../registry/place.ts";
import type { Registry } from "../registry/registry.ts";
import { pause, remove, revoke } from "../registry/removal.ts";
import { brokerAddress } from "../settings/broker-address.ts";
import type { Settings } from "../settings/load.ts";
import { openKnownProfiles } from "../settings/own-profiles.ts";
import type { Answer, Ask, CommandName } from "../web/local-protocol.ts";
import { callGateway } from "../web/local-socket.ts";

export type DeviceRow = ReturnType<Commands["listDevices"]>[number];
export type BridgeRow = ReturnType<Commands["listBridges"]>[number];

/** The kit's part of core/commands.ts, each command answering later. `broker`: where devices find it. */
export type KitAccess = {
  readonly broker: { readonly host: string; readonly port: number };
  listDevices(): Promise<readonly DeviceRow[]>;
  listBridges(): Promise<readonly BridgeRow[]>;
  listProposals(): Promise<readonly ProposalView[]>;
} & Pick<
  Commands,
  | "pairDevice"
  | "changeDevice"
  | "replaceDevice"
  | "addBridge"
  | "renewCredentials"
  | "approve"
  | "dismiss"
  | "revoke"
  | "remove"
  | "pause"
  | "pauseCamera"
>;

/** Each call finds out anew whether a gateway runs. Throws what the gateway or the registry throws, and DATA_DIR_LOCKED. */
export async function kitAccess(settings: Settings): Promise<KitAccess> {
  const { dataDir } = settings.gateway.gateway;
  await becomeOwnerOf(dataDir);
  /** In the running gateway; where none runs, alone. */
  const act = async <N extends CommandName, T extends object>(
    name: N,
    ask: Ask<N>,
    use: (work: Work) => T | Promise<T>,
  ): Promise<Answer<N> | T> => (await callGateway(dataDir, name, ask)) ?? (await withRegistry(settings, use));
  // Nobody is connected while no gateway runs.
  const disconnect = () => undefined;
  return {
    broker: brokerAddress(settings.gateway.broker),
    listDevices: () => act("listDevices", {}, ({ registry }) => deviceRows(registry)),
    listBridges: () => act("listBridges", {}, ({ registry }) => bridgeRows(registry)),
    listProposals: () => act("listProposals", {}, (work) => withApprovals(work, (approvals) => approvals.list())),
    pairDevice: (ask) => act("pairDevice", ask, (work) => pairDevice({ ...work, ask })),
    changeDevice: async (ask) =>
      void (await act("changeDevice", ask, (work) => inKit(work, (kit) => done(kit.changeDevice(ask))))),
    replaceDevice: (ask) => act("replaceDevice", ask, (work) => inKit(work, (kit) => kit.replaceDevice(ask))),
    addBridge: (ask) => act("addBridge", ask, (work) => addBridge({ ...work, ask })),
    renewCredentials: (ask) => act("renewCredentials", ask, (work) => renewCredentials({ ...work, ask })),
    approve: (ask) => act("approve", ask, (work) => withApprovals(work, (approvals) => approvals.approve(ask))),
    dismiss: async (ask) =>
      void (await act("dismiss", ask, (work) => withApprovals(work, ({ dismiss }) => done(dismiss(ask))))),
    revoke: async (ask) => void (await act("revoke", ask, (work) => done(revoke({ ...work, disconnect }, ask)))),
    remove: async (ask) => void (await act("remove", ask, (work) => done(remove({ ...work, disconnect }, ask)))),
    pause: async (ask) => void (await act("pause", ask, ({ registry }) => done(pause(registry, ask)))),
    pauseCamera: async (ask) =>
      void (await act("pauseCamera", ask, ({ registry }) => done(pauseCamera(registry, ask)))),
  };
}

/** The answer of a command that has nothing to tell (web/local-protocol.ts). */
async function done(work: Promise<void>): Promise<object> {
  await work;
  return {};
}

type Work = Omit<Parameters<typeof pairDevice>[0], "ask"> & { readonly profiles: Profiles };

/** Opens the registry under the lock of its directory, and closes both when `use` ends. */
export async function withRegistry<T>(settings: Settings, use: (work: Work) => T | Promise<T>): Promise<T> {
  const { dataDir } = settings.gateway.gateway;
  await makeDataDir(dataDir);
  await using _lock = await lockDataDir(dataDir);
  await using registry = await openRegistry({ dataDir, kit: settings.kit, log: ownLog() });
  const { profiles } = await openKnownProfiles(settings.gateway.profiles);
  profiles.learn(registry.data().discovered);
  return await use({ registry, profiles, fillSetup, broker: brokerAddress(settings.gateway.broker) });
}

/** What was announced and kept; what devices say by themselves only the running gateway hears. */
async function withApprovals<T>(
  { registry, profiles }: Work,
  use: (approvals: Approvals) => T | Promise<T>,
): Promise<T> {
  const router = createRouter(profiles, registry.data());
  const deps = { registry, profiles, router: () => router, clock: systemClock, board: new Board(), log: ownLog() };
  await using approvals = openApprovals(deps);
  return await use(approvals);
}

/** What may be changed of a device, while no gateway remembers it. */
function inKit<T>(work: Work, use: (kit: DeviceCommands) => T | Promise<T>): Promise<T> {
  const alone = { memories: null, disconnect: () => undefined };
  return withApprovals(work, (approvals) => use(createDeviceCommands({ ...work, ...alone, approvals })));
}

function ownLog(): Log {
  return openLog({ level: "warn", fd: 2 });
}

/**
 * Started by root (sudo), a command goes on as the user who owns the data: else files would be left behind that the
 * gateway may not read. For good: a process that has given root away does not get it back.
 */
export async function becomeOwnerOf(dataDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  try {
    const { uid, gid } = await stat(dataDir);
    if (uid === 0) return;
    process.setgroups?.([gid, ...(await moreGroupsOf(uid))]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") throw cause;
  }
}

/** Groups that a user is a member of, such as gpio and video, as its service has them; none where files of /etc do not say. */
async function moreGroupsOf(uid: number): Promise<number[]> {
  const [users, groups] = await Promise.all(
    ["/etc/passwd", "/etc/group"].map(async (path) => {
      const file = await readSmallFile(path, { bytesMax: LIMITS.settingsBytes });
      return file.kind === "bytes"
        ? file.bytes
            .toString("utf8")
            .split("\n")
            .map((line) => line.split(":"))
        : [];
    }),
  );
  const name = users?.find(([, , id]) => Number(id) === uid)?.[0];
  if (name === undefined || groups === undefined) return [];
  return groups.filter(([, , , members]) => members?.split(",").includes(name)).map(([, , gid]) => Number(gid));
}

/** Makes the directory when it is not there. Throws DATA_DIR_UNUSABLE. */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await makePrivateDirectory(dataDir);
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `the data directory ${dataDir} cannot be used: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function deviceRows(registry: Registry): DeviceRow[] {
  return registry.data().devices.map((device) => {
    const { id, name, profile, topic, zone } = device;
    return { id, name: name ?? id, profile, topic, zone, isPaired: isPaired(registry.data(), device) };
  });
}

function bridgeRows(registry: Registry): BridgeRow[] {
  return registry.data().bridges.map(({ id, family, base, passwordHash }) => ({
    id,
    family,
    base,
    isPaired: passwordHash !== null,
    state: "unknown",
    heardAt: null,
  }));
}

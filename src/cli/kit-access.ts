// How commands act on the kit: through the running gateway when there is one, else on the registry itself, under the lock.
import { stat } from "node:fs/promises";
import type { Commands, Credentials } from "../core/commands.ts";
import { lockDataDir } from "../core/data-dir-lock.ts";
import { makePrivateDirectory } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { openLog } from "../core/log.ts";
import { ownAddress } from "../core/own-address.ts";
import { bridgeFor } from "../core/topics.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../profiles/profiles.ts";
import { openRegistry } from "../registry/open-registry.ts";
import { addBridge, pairDevice, renewCredentials } from "../registry/pairing.ts";
import type { Registry } from "../registry/registry.ts";
import type { Settings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";

export type DeviceRow = ReturnType<Commands["listDevices"]>[number];
export type BridgeRow = ReturnType<Commands["listBridges"]>[number];

/** The kit's part of core/commands.ts. */
export type KitAccess = {
  listDevices(): Promise<readonly DeviceRow[]>;
  listBridges(): Promise<readonly BridgeRow[]>;
  pairDevice(ask: Parameters<Commands["pairDevice"]>[0]): Promise<Credentials>;
  addBridge(ask: Parameters<Commands["addBridge"]>[0]): Promise<Credentials>;
  renewCredentials(ask: Parameters<Commands["renewCredentials"]>[0]): Promise<Credentials>;
};

/** Each call finds out anew whether a gateway runs. Throws what the gateway or the registry throws, and DATA_DIR_LOCKED. */
export async function kitAccess(settings: Settings): Promise<KitAccess> {
  const { dataDir } = settings.gateway.gateway;
  await becomeOwnerOf(dataDir);
  const alone = <T>(use: (work: Work) => T | Promise<T>): Promise<T> => withRegistry(settings, use);
  return {
    listDevices: async () =>
      (await callGateway(dataDir, "listDevices", {})) ?? (await alone(({ registry }) => deviceRows(registry))),
    listBridges: async () =>
      (await callGateway(dataDir, "listBridges", {})) ?? (await alone(({ registry }) => bridgeRows(registry))),
    pairDevice: async (ask) =>
      (await callGateway(dataDir, "pairDevice", ask)) ?? (await alone((work) => pairDevice({ ...work, ask }))),
    addBridge: async (ask) =>
      (await callGateway(dataDir, "addBridge", ask)) ?? (await alone((work) => addBridge({ ...work, ask }))),
    renewCredentials: async (ask) =>
      (await callGateway(dataDir, "renewCredentials", ask)) ??
      (await alone((work) => renewCredentials({ ...work, ask }))),
  };
}

type Work = Omit<Parameters<typeof pairDevice>[0], "ask">;

/** Opens the registry under the lock of its directory, and closes both when `use` ends. */
export async function withRegistry<T>({ gateway, kit }: Settings, use: (work: Work) => T | Promise<T>): Promise<T> {
  const { dataDir } = gateway.gateway;
  await makeDataDir(dataDir);
  await using _lock = await lockDataDir(dataDir);
  await using registry = await openRegistry({ dataDir, kit, log: openLog({ level: "warn", fd: 2 }) });
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  const { host, port } = gateway.broker.listen;
  return await use({ registry, profiles, fillSetup, broker: { host: ownAddress(host), port } });
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
    process.setgroups?.([gid]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") throw cause;
  }
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
  const { devices, bridges } = registry.data();
  return devices.map(({ id, name, profile, topic, zone, passwordHash }) => {
    const hash = bridgeFor(bridges, topic)?.passwordHash ?? passwordHash;
    return { id, name: name ?? id, profile, topic, zone, isPaired: hash !== null };
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

// The house behind a page under test, made by hand: what the gateway would say and do, and a registry in memory.
import type { Commands, GatewayStatus } from "../../src/core/commands.ts";
import type { Registry, RegistryData } from "../../src/registry/registry.ts";

/** The house behind the page; change it with `set`, which tells the watchers. */
export type FakeHouse = {
  readonly commands: Commands;
  set(change: Partial<GatewayStatus>): void;
  picture: Buffer | null;
  readonly watchers: ReadonlySet<() => void>;
};

export function fakeHouse(change: Partial<GatewayStatus> = {}): FakeHouse {
  const watchers = new Set<() => void>();
  let status: GatewayStatus = { ...fakeStatus(), ...change };
  const house: FakeHouse = {
    watchers,
    picture: Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
    set: (more) => {
      status = { ...status, ...more };
      for (const watcher of watchers) watcher();
    },
    commands: {
      status: () => status,
      deadLetters: () => [],
      onChange: (watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
      lastImage: async () => house.picture,
      listDevices: () =>
        status.devices.map(({ id, name, profile, zone, isPaired }) => ({
          id,
          name,
          profile,
          zone,
          isPaired,
          topic: `kit/${id}`,
        })),
      listBridges: () => [
        { id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt", isPaired: true, state: "online", heardAt: null },
      ],
      pairDevice: async ({ zone }) => ({
        id: `${zone}-1`,
        username: "u",
        password: "p",
        topic: "t",
        setup: ["one", "two"],
      }),
      addBridge: async ({ base }) => ({ id: base, username: "u", password: "p", topic: `${base}/#`, setup: [] }),
      deviceHeard: () => [],
      listFamilies: () => [],
      listProposals: () => [],
      approve: async ({ zone }) => ({ id: `${zone}-1` }),
      dismiss: async () => undefined,
      revoke: async () => undefined,
      remove: async () => undefined,
      pause: async () => undefined,
      switchLamp: async () => undefined,
      renewCredentials: async ({ id }) => ({ id, username: "u", password: "p", topic: "t", setup: [] }),
    },
  };
  return house;
}

/** A kit in good order but for what the caller changes. */
export function fakeStatus(): GatewayStatus {
  const agoIso = (ms: number) => new Date(Date.now() - ms).toISOString();
  const device = {
    zone: "porch",
    profile: "zigbee2mqtt/occupancy",
    flags: [],
    batteryPct: 87,
    isPaired: true,
    lamp: null,
  } as const;
  return {
    gateway: { id: "elm-street", name: "Elm Street", version: "0.1.0", startedAt: agoIso(3_600_000), clock: "synced" },
    bridges: [],
    proposals: 0,
    devices: [
      { ...device, id: "porch-motion", name: "Porch motion", state: "ok", heardAt: agoIso(180_000) },
      { ...device, id: "lamp-3", name: "Lamp 3", zone: "path", state: "ok", heardAt: agoIso(60_000), batteryPct: null },
    ],
    cameras: [
      {
        id: "gate-cam",
        name: "Gate camera",
        zone: "gate",
        state: "ok",
        why: null,
        lastSnapshotAt: agoIso(600_000),
        lastImageSha256: "ab".repeat(32),
        lastRegions: 2,
        takenToday: 7,
        perDay: 24,
      },
    ],
    buffer: { entries: 12, bytes: 48_000, oldestAt: agoIso(300_000), hoursLeft: 61, deadLetters: 0 },
    sinks: [{ id: "main", state: "connected", why: null, lastAcceptedAt: agoIso(20_000) }],
    counters: {
      "reading.taken": 120,
      "reading.withheld.policy": 4,
      "snapshot.made.redacted": 7,
      "snapshot.withheld.unsure": 1,
      "entry.forwarded.main": 80,
    },
  };
}

export function memoryRegistry(): Registry {
  let data: RegistryData = {
    version: 2,
    bridges: [],
    devices: [],
    cameras: [],
    accounts: [],
    discovered: [],
    proposals: [],
  };
  const watchers = new Set<() => void>();
  return {
    data: () => data,
    update: async (change) => {
      const copy = structuredClone(data);
      change(copy);
      data = copy;
      for (const watcher of watchers) watcher();
    },
    onChange: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

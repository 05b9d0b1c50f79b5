// The house behind a page under test, made by hand: what the gateway would say and do.
import type { CameraDetails } from "../../src/core/camera-commands.ts";
import type { CameraTest, Commands, GatewayStatus, HeardView, ProposalView } from "../../src/core/commands.ts";
import { conservationOf } from "../../src/core/conservation.ts";
import type { DisclosureEntry } from "../../src/core/disclosure-commands.ts";
import type { NoticesView, NoticeTest } from "../../src/core/notices-commands.ts";
import type { GatewayError } from "../../src/core/errors.ts";
import type { ThingHistory } from "../../src/core/history-commands.ts";
import type { DeadLetterView, RequeuedView } from "../../src/core/spool-commands.ts";
import { FAMILIES } from "./fake-families.ts";
import { fakeDoctor } from "./fake-doctor.ts";
import { fakeCameraCommands, fakeTrials, type FakeTrials } from "./fake-trials.ts";
import { fakeHoldings } from "./fake-holdings.ts";
import { fakePeople } from "./fake-people.ts";

/** The house behind the page; change it with `set`, which tells the watchers. */
export type FakeHouse = {
  readonly commands: Commands;
  set(change: Partial<GatewayStatus>): void;
  picture: Buffer | null;
  /** What the page asked for, as [command, ask]. */
  readonly asked: (readonly [string, unknown])[];
  heard: readonly HeardView[];
  proposals: readonly ProposalView[];
  deadLetters: readonly DeadLetterView[];
  /** What comes of the next requeue. */
  requeued: RequeuedView;
  /** What a look through any camera finds; null: the usual two faces, well redacted. */
  cameraTest: CameraTest | null;
  disclosures: readonly DisclosureEntry[];
  readonly trials: FakeTrials;
  details: CameraDetails;
  notices: NoticesView;
  noticeTests: readonly NoticeTest[];
  /** Thrown by the next change, then forgotten. */
  refusal: GatewayError | null;
  readonly watchers: ReadonlySet<() => void>;
  /** By kind and id, such as `device:porch-motion`. */
  readonly histories: Map<string, ThingHistory>;
};

export function fakeHouse(change: Partial<GatewayStatus> = {}): FakeHouse {
  const watchers = new Set<() => void>();
  let status: GatewayStatus = { ...fakeStatus(), ...change };
  const note = <T>(command: string, ask: unknown, answer: T): Promise<T> => {
    house.asked.push([command, ask]);
    const { refusal } = house;
    house.refusal = null;
    return refusal === null ? Promise.resolve(answer) : Promise.reject(refusal);
  };
  const login = { username: "u-3f8a", password: "made-up-password", link: null };
  const house: FakeHouse = {
    watchers,
    histories: new Map(),
    asked: [],
    heard: [],
    proposals: [],
    deadLetters: [],
    requeued: { requeued: 1, left: [] },
    cameraTest: null,
    disclosures: [],
    trials: fakeTrials(() => status.cameras),
    details: { triggers: ["Porch motion"], missed: {}, pictures: [] },
    notices: { paused: null, ways: [], messages: [] },
    noticeTests: [],
    refusal: null,
    picture: Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
    set: (more) => {
      status = { ...status, ...more };
      for (const watcher of watchers) watcher();
    },
    commands: {
      status: () => status,
      deadLetters: () => house.deadLetters,
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
      listBridges: () => status.bridges,
      approvePolicy: (ask) => note("approvePolicy", ask, { missing: 1 }),
      notices: () => house.notices,
      testNotices: () => note("testNotices", {}, house.noticeTests),
      pauseNotices: (ask) => note("pauseNotices", ask, undefined),
      listUsers: () => [],
      ...fakePeople,
      setRole: (ask) => note("setRole", ask, undefined),
      holdings: (ask) => note("holdings", ask, fakeHoldings(ask)),
      erase: (ask) => note("erase", ask, { isDone: true, erased: fakeHoldings(ask) }),
      ...fakeDoctor((command) => house.asked.push([command, {}])),
      historyOf: (kind, id) => house.histories.get(`${kind}:${id}`) ?? null,
      onErased: () => () => undefined,
      listDisclosures: () => house.disclosures,
      addDisclosure: (ask) => {
        const entry = { number: house.disclosures.length + 1, detail: "", requestedAt: null, ...ask, at: NOW };
        return note("addDisclosure", ask, entry);
      },
      addUser: (ask) => note("addUser", ask, { user: ask.user, role: ask.role, passphrase: null }),
      resetUser: (ask) => note("resetUser", ask, { user: ask.user, role: "steward", passphrase: null }),
      removeUser: (ask) => note("removeUser", ask, undefined),
      deviceHeard: () => house.heard,
      listFamilies: () => FAMILIES,
      listProposals: () => house.proposals,
      pairDevice: (ask) => {
        const id = `${ask.zone}-1`;
        const line = `Backlog Topic ${id}; MqttUser ${login.username}; MqttPassword ${login.password}`;
        const setup = ["Open the device's page, Console, and type this one line:", line, "It restarts by itself."];
        return note("pairDevice", ask, { id, ...login, topic: id, setup });
      },
      addBridge: (ask) =>
        note("addBridge", ask, { id: "z2m", ...login, topic: ask.base, setup: ["mqtt:", "  user: x"] }),
      approve: (ask) => note("approve", ask, { id: "porch-motion" }),
      dismiss: (ask) => note("dismiss", ask, undefined),
      revoke: (ask) => note("revoke", ask, undefined),
      remove: (ask) => note("remove", ask, undefined),
      pause: (ask) => note("pause", ask, undefined),
      changeDevice: (ask) => note("changeDevice", ask, undefined),
      replaceDevice: (ask) =>
        "proposal" in ask
          ? note("replaceDevice", ask, { id: ask.id, username: null, password: null, topic: "t", setup: [] })
          : note("replaceDevice", ask, { id: ask.id, ...login, topic: "t", setup: [] }),
      testCamera: (ask) =>
        note<CameraTest>(
          "testCamera",
          ask,
          house.cameraTest ?? {
            outcome: "redacted",
            detail: null,
            width: 1280,
            height: 720,
            boxes: [
              [422, 312, 70, 84, 0.9],
              [712, 312, 70, 84, 0.7],
            ],
            jpeg: house.picture ?? Buffer.alloc(0),
            ms: {
              grab: 740,
              decode: 28,
              canary: 110,
              detect: 240,
              judge: 4,
              paint: 31,
              encode: 22,
              again: 96,
              total: 1271,
            },
            frameBytes: 281_000,
          },
        ),
      ...fakeCameraCommands(note, () => house),
      lookNow: (ask) => note("lookNow", ask, { outcome: "taken", why: null }),
      sendNow: (ask) => note("sendNow", ask, undefined),
      requeue: (ask) => note("requeue", ask, house.requeued),
      rotateKey: (ask) => note("rotateKey", ask, { publicKey: "made", keyId: "made" }),
      switchLamp: (ask) => note("switchLamp", ask, undefined),
      renewCredentials: (ask) => note("renewCredentials", ask, { id: ask.id, ...login, topic: "t", setup: [] }),
    },
  };
  return house;
}

const NOW = "2026-11-21T12:00:00.000Z";

/** A bridge in good order. */
export const fakeBridge = {
  id: "z2m",
  family: "zigbee2mqtt",
  base: "zigbee2mqtt",
  isPaired: true,
  state: "online",
  heardAt: new Date(Date.now() - 60_000).toISOString(),
} as const;

/** Something that announced itself and has a profile. */
export function fakeProposal(change: Partial<ProposalView> = {}): ProposalView {
  return {
    id: "p-1",
    name: "Hall motion",
    topic: "zigbee2mqtt/hall_motion",
    via: "z2m",
    profile: "zigbee2mqtt/occupancy",
    why: null,
    kinds: ["motion", "battery"],
    deviceId: null,
    heardAt: new Date(Date.now() - 120_000).toISOString(),
    ...change,
  };
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
    bridges: [fakeBridge],
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
        source: "rtsp",
        caution: null,
        schedule: { between: ["sunset", "sunrise"], at: ["22:00"] },
      },
    ],
    buffer: { ...EMPTY_BUFFER, entries: 12, pictures: 2, bytes: 48_000, oldestAt: agoIso(300_000), hoursLeft: 61 },
    policy: { sha256: "cd".repeat(32), announced: null },
    conservation: conservationOf({ counters: {}, waiting: new Map(), sinkIds: ["main"] }),
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

const EMPTY_BUFFER = { bytesMax: 2_147_483_648, disk: "ok", deadLetters: 0 } as const;

// The commands of a running gateway for tests of the command line: they note what they are asked and answer something fixed.
import type { Commands } from "../../src/core/commands.ts";
import { conservationOf } from "../../src/core/conservation.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { fakeDoctor } from "./fake-doctor.ts";
import { fakePeople } from "./fake-people.ts";

export function commandsThatNote(asked: unknown[]): Commands {
  const made = { id: "made", username: "made", password: "secret", topic: "b", setup: [] };
  const note = async (ask: unknown) => {
    asked.push(ask);
    return made;
  };
  return {
    deadLetters: () => [],
    deviceHeard: () => [],
    listFamilies: () => [],
    listProposals: () => [],
    approve: note,
    dismiss: async (ask) => void asked.push(ask),
    revoke: async (ask) => void asked.push(ask),
    remove: async (ask) => void asked.push(ask),
    pause: async (ask) => void asked.push(ask),
    changeDevice: async (ask) => void asked.push(ask),
    replaceDevice: note,
    testCamera: async (ask) => {
      asked.push(ask);
      return {
        outcome: "withheld",
        reason: "camera-timeout",
        detail: "no picture",
        hint: "Is it plugged in?",
        ms: { grab: 8000 },
        frameBytes: null,
      };
    },
    pauseCamera: async (ask) => void asked.push(ask),
    cameraDetails: () => ({ triggers: [], missed: {}, pictures: [] }),
    cameraPicture: async () => null,
    lookNow: async (ask) => {
      asked.push(ask);
      return { outcome: "refused", why: "daily-budget" };
    },
    sendNow: async (ask) => void asked.push(ask),
    requeue: async (ask) => ({ requeued: asked.push(ask), left: [] }),
    approvePolicy: async (ask) => ({ missing: 2 - asked.push(ask) }),
    holdings: () => Promise.reject(new GatewayError("USAGE", "not asked for here")),
    erase: () => Promise.reject(new GatewayError("USAGE", "not asked for here")),
    ...fakeDoctor(),
    historyOf: () => null,
    onErased: () => () => undefined,
    listDisclosures: () => [],
    addDisclosure: () => Promise.reject(new GatewayError("USAGE", "not asked for here")),
    notices: () => ({ paused: null, ways: [], messages: [] }),
    testNotices: async () => [],
    pauseNotices: async (ask) => void asked.push(ask),
    listUsers: () => [],
    ...fakePeople,
    setRole: async (ask) => void asked.push(ask),
    addUser: async (ask) => {
      asked.push(ask);
      return { user: ask.user, role: ask.role, passphrase: "made" };
    },
    resetUser: async (ask) => {
      asked.push(ask);
      return { user: ask.user, role: "steward", passphrase: ask.passphrase === undefined ? "made" : null };
    },
    removeUser: async (ask) => void asked.push(ask),
    rotateKey: async (ask) => {
      asked.push(ask);
      return { publicKey: "made", keyId: "made" };
    },
    switchLamp: async (ask) => void asked.push(ask),
    status: () => ({
      gateway: {
        id: "elm-street",
        name: "Elm Street",
        version: "1",
        startedAt: "2026-01-01T00:00:00.000Z",
        clock: "synced",
      },
      bridges: [],
      proposals: 0,
      devices: [
        {
          id: "lamp",
          name: "Lamp",
          zone: "path",
          profile: "tasmota/relay",
          state: "ok",
          flags: ["low-battery"],
          heardAt: null,
          lamp: null,
          batteryPct: null,
          isPaired: false,
        },
      ],
      cameras: [
        {
          id: "cam",
          name: "Cam",
          zone: "path",
          state: "ok",
          why: null,
          lastSnapshotAt: null,
          lastImageSha256: null,
          lastRegions: null,
          takenToday: 1,
          perDay: 24,
          source: "rtsp",
          caution: null,
          schedule: null,
        },
      ],
      buffer: {
        entries: 3,
        pictures: 1,
        bytes: 1000,
        bytesMax: 1e9,
        disk: "ok",
        oldestAt: null,
        hoursLeft: 61.5,
        deadLetters: 0,
      },
      policy: { sha256: "cd".repeat(32), announced: null },
      conservation: conservationOf({ counters: {}, waiting: new Map(), sinkIds: ["main"] }),
      sinks: [{ id: "main", state: "connected", why: null, lastAcceptedAt: null }],
      counters: {},
    }),
    onChange: () => () => undefined,
    lastImage: async () => null,
    listDevices: () => [],
    listBridges: () => [],
    pairDevice: note,
    addBridge: note,
    renewCredentials: async (ask) => {
      asked.push(ask);
      throw new GatewayError("NOT_FOUND", `there is no ${ask.kind} ${ask.id}`);
    },
  };
}

// Shown: a message that speaks of more devices than are read says on the board how many were left out; the others are read.
import { expect, test } from "vitest";
import { Board } from "../src/core/board.ts";
import { LIMITS } from "../src/core/limits.ts";
import { silentLog } from "../src/core/log.ts";
import { createEventRoad } from "../src/event-road.ts";
import { builtInProfiles, openProfiles } from "../src/profiles/profiles.ts";
import { createRouter } from "../src/profiles/router.ts";
import { openSpool } from "../src/spool/sqlite-spool.ts";
import { testDisclosure } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";

test("devices beyond the bound of one message are counted", async () => {
  await using directory = await tempDir();
  const { clock } = fakeTime();
  const board = new Board();
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  const device = { id: "box", profile: "tasmota/zigbee", topic: "box" };
  await using spool = await openSpool({
    dataDir: directory.path,
    bytesMax: 1e8,
    sinkIds: ["main"],
    clock,
    board,
    log: silentLog,
  });
  const announced: string[] = [];
  const road = createEventRoad({
    profiles,
    router: () => createRouter(profiles, { bridges: [], devices: [device] }),
    announced: ({ topic }) => announced.push(topic),
    device: () => device,
    disclosure: testDisclosure({ clock }),
    spool,
    clock,
    board,
    version: "1.0.0",
    onMotion: () => undefined,
  });
  const members = Array.from({ length: LIMITS.partsPerMessage + 7 }, (_, n) => [`0x${n}`, { Humidity: n }]);
  await road.take({
    topic: "tele/box/SENSOR",
    payload: Buffer.from(JSON.stringify({ ZbReceived: Object.fromEntries(members) })),
    isReplay: false,
    login: { kind: "device", id: "box" },
    receivedAtMs: clock.nowMs(),
  });
  expect(board.get("arrival.dropped.too-many-devices")).toBe(7);
  expect(announced).toHaveLength(LIMITS.partsPerMessage);
});

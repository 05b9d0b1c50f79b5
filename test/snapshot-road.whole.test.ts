// Shown: road 2 with the real redactor, spool and ledger: what each frame ends as, that it is zeroed whatever happens, and that a
// test or a self-check for a person leaves nothing behind.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RoadCamera } from "../src/camera-kit.ts";
import { FRAME_ROOM, FrameRoom } from "../src/camera/frame-room.ts";
import { RawFrame } from "../src/camera/raw-frame.ts";
import { Board } from "../src/core/board.ts";
import { systemClock } from "../src/core/clock.ts";
import { GatewayError } from "../src/core/errors.ts";
import { silentLog } from "../src/core/log.ts";
import { CameraEntry } from "../src/settings/camera-schema.ts";
import { SCHEMAS } from "../src/settings/schema.ts";
import { createSnapshotRoad } from "../src/snapshot-road.ts";
import { testDisclosure } from "./helpers/disclosure.ts";
import { samplePhotograph } from "./helpers/sample-photographs.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestLedger } from "./helpers/test-ledger.ts";
import { openTestRedactor, type TestRedactor } from "./helpers/test-redactor.ts";
import { openTestSpool } from "./helpers/test-spool.ts";

const never = new AbortController().signal;
const COUNTED = '{"day":"2026-11-21","taken":1}';
let house: TestRedactor;
beforeAll(async () => {
  house = await openTestRedactor();
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

/** A road behind one camera that gives these bytes, or throws. */
async function openRoad(grab: () => Promise<Buffer>, room = new FrameRoom(FRAME_ROOM)) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const dataDir = directory.path;
  const ledger = stack.use(await openTestLedger(dataDir));
  const spool = stack.use(await openTestSpool(dataDir));
  const board = new Board();
  const frames: Buffer[] = [];
  const policy = SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Test", contact: "a@b.example" },
    cameras: { cam: { purpose: { en: "Look" }, until: "2099-01-01" } },
  }).cameras["cam"];
  if (policy === undefined) throw new Error("unreachable");
  const camera: RoadCamera = {
    settings: CameraEntry.parse({ id: "cam", zone: "gate", source: { kind: "file", path: "/x" } }),
    policy,
    camera: {
      id: "cam",
      async grab() {
        const bytes = Buffer.from(await grab());
        frames.push(bytes);
        return new RawFrame({ bytes, cameraId: "cam", takenAtMs: systemClock.nowMs() });
      },
    },
  };
  const road = createSnapshotRoad({
    redactor: house.redactor,
    ledger,
    policySha256: "ab".repeat(32),
    disclosure: testDisclosure(),
    spool,
    room,
    clock: systemClock,
    board,
    log: silentLog,
  });
  const owned = stack.move();
  return {
    road,
    camera,
    frames,
    board,
    spool,
    receipts: () => ledger.latestReceipts(10),
    kept: () => spool.state("camera:").get("camera:cam"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);
const photograph = () => samplePhotograph("sample1");

test("a look becomes a picture with its receipt and its count, in one transaction, and the frame is zeroed", async () => {
  await using site = await openRoad(photograph);
  expect(await site.road.look(site.camera, () => COUNTED, never)).toEqual({ kind: "taken" });
  expect(site.spool.counters()).toMatchObject({ "snapshot.made.redacted": 1, "camera.used.cam": 1 });
  expect(site.spool.lastPicture("cam")?.regions).toBeGreaterThanOrEqual(3);
  expect(site.receipts()).toHaveLength(1);
  expect(site.kept()).toBe(COUNTED);
  expect(site.frames.every(isZero)).toBe(true);
});

test("a camera that gives no picture uses nothing of the day, and the reason goes to the platform", async () => {
  await using site = await openRoad(() => Promise.reject(new GatewayError("CAMERA_TIMEOUT", "no picture in 8000 ms")));
  expect(await site.road.look(site.camera, () => COUNTED, never)).toEqual({
    kind: "withheld",
    reason: "camera-timeout",
    trouble: { of: "camera", why: "no picture in 8000 ms" },
  });
  expect(site.kept()).toBeUndefined();
  expect(site.spool.counters()["snapshot.withheld.camera-timeout"]).toBe(1);
  expect(site.spool.counters()["camera.used.cam"]).toBeUndefined();
});

test("a torn picture is withheld, and uses one of the day", async () => {
  await using site = await openRoad(async () => (await photograph()).subarray(0, 20_000));
  expect(await site.road.look(site.camera, () => COUNTED, never)).toMatchObject({ reason: "picture-refused" });
  expect(site.kept()).toBe(COUNTED);
  expect(site.receipts()).toEqual([]);
  expect(site.frames.every(isZero)).toBe(true);
});

test("where too many wait nobody looks, and that is counted as what it is", async () => {
  const room = new FrameRoom({ bytesMax: 1, usualBytes: 1, waitingMax: 0 });
  await using site = await openRoad(photograph, room);
  using _other = await room.enter(never);
  expect(await site.road.look(site.camera, () => COUNTED, never)).toMatchObject({ reason: "too-many-waiting" });
  expect(site.frames).toEqual([]);
});

test("a frame that is too large beside the others is zeroed and withheld", async () => {
  const room = new FrameRoom({ bytesMax: 20, usualBytes: 10, waitingMax: 0 });
  await using site = await openRoad(photograph, room);
  using _other = await room.enter(never);
  expect(await site.road.look(site.camera, () => COUNTED, never)).toMatchObject({ reason: "too-many-waiting" });
  expect(site.frames).toHaveLength(1);
  expect(site.frames.every(isZero)).toBe(true);
});

test("a stop in the middle makes nothing and is counted", async () => {
  const stop = new AbortController();
  await using site = await openRoad(async () => {
    stop.abort(new Error("the gateway ends"));
    return await photograph();
  });
  expect(await site.road.look(site.camera, () => COUNTED, stop.signal)).toEqual({ kind: "stopped" });
  expect(site.spool.stats(systemClock.nowMs()).entries).toBe(0);
  expect(site.board.all()["snapshot.refused.stopping"]).toBe(1);
  expect(site.frames.every(isZero)).toBe(true);
});

test("a test shows the redacted picture with its times, and keeps and counts nothing", async () => {
  await using site = await openRoad(photograph);
  const shown = await site.road.test(site.camera, never);
  if (shown.outcome === "withheld") throw new Error(shown.detail);
  expect(shown.outcome).toBe("redacted");
  expect(shown.boxes.length).toBeGreaterThanOrEqual(3);
  expect(shown.jpeg.equals(await photograph())).toBe(false);
  expect(Object.keys(shown.ms)).toEqual(expect.arrayContaining(["grab", "decode", "detect", "encode", "total"]));
  expect(site.spool.stats(systemClock.nowMs()).entries).toBe(0);
  expect(site.receipts()).toEqual([]);
  expect(site.kept()).toBeUndefined();
  expect(site.frames.every(isZero)).toBe(true);
});

test("a test that fails says what to do next", async () => {
  const hint = "Is the camera plugged in? Its lamp should be lit.";
  await using dead = await openRoad(() => Promise.reject(new GatewayError("CAMERA_TIMEOUT", "no picture", { hint })));
  expect(await dead.road.test(dead.camera, never)).toMatchObject({
    outcome: "withheld",
    reason: "camera-timeout",
    hint,
  });
  await using torn = await openRoad(async () => Buffer.from("no picture at all, but a page"));
  const shown = await torn.road.test(torn.camera, never);
  expect(shown).toMatchObject({ outcome: "withheld", reason: "picture-refused" });
  expect(shown).toHaveProperty("hint", expect.stringContaining("JPEG"));
});

test("the self-check sees in a street, not in the dark, and keeps nothing of either", async () => {
  await using site = await openRoad(photograph);
  expect(await site.road.check(site.camera, never)).toBeNull();
  const { default: sharp } = await import("sharp");
  const dark = { width: 640, height: 360, channels: 3, background: "#020202" } as const;
  await using night = await openRoad(() => sharp({ create: dark }).jpeg().toBuffer());
  expect(await night.road.check(night.camera, never)).toMatchObject({ of: "picture" });
  for (const each of [site, night]) {
    expect(each.spool.stats(systemClock.nowMs()).entries).toBe(0);
    expect(each.frames.every(isZero)).toBe(true);
  }
});

test("a camera whose own model is not there says so before it has a frame, and gives no picture", async () => {
  await using site = await openRoad(photograph);
  const { policy } = site.camera;
  const model = { file: "/nowhere/faces.onnx", sha256: "ab".repeat(32) };
  const camera = { ...site.camera, policy: { ...policy, redact: { ...policy.redact, model } } };
  expect(await site.road.check(camera, never)).toMatchObject({
    of: "picture",
    why: expect.stringContaining("faces.onnx is not there"),
  });
  expect(site.frames, "nobody looked for that").toEqual([]);
  expect(await site.road.look(camera, () => COUNTED, never)).toMatchObject({
    kind: "withheld",
    reason: "model-changed",
  });
  expect(site.spool.counters()["snapshot.withheld.model-changed"]).toBe(1);
  expect(site.frames.every(isZero)).toBe(true);
});

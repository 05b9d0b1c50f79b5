// Cameras before they are agreed on: a real RTSP camera behind a login is looked through by the real redactor, each refusal says
// its kind, and no address of this machine is asked.
import { describe, expect, test } from "vitest";
import { createCameraTrials } from "../src/camera-trials.ts";
import { FRAME_ROOM, FrameRoom } from "../src/camera/frame-room.ts";
import { systemClock } from "../src/core/clock.ts";
import { silentLog } from "../src/core/log.ts";
import type { RegisteredCamera } from "../src/registry/registry.ts";
import { CameraEntry } from "../src/settings/camera-schema.ts";
import { reasonOf } from "../src/web/camera-test-part.ts";
import { memoryRegistry } from "./helpers/memory-registry.ts";
import { lacksFfmpeg, serveRtspCamera } from "./helpers/rtsp-server.ts";
import { streetPicture } from "./helpers/street-picture.ts";
import { openTestRedactor } from "./helpers/test-redactor.ts";
import { testWebPolicy } from "./helpers/test-web.ts";

const never = new AbortController().signal;

function entry() {
  const policy = testWebPolicy().cameras["gate-cam"];
  if (policy === undefined) throw new Error("unreachable");
  return policy;
}

const cameraAt = (url: string) => CameraEntry.parse({ id: "new", zone: "yard", source: { kind: "rtsp", url } });

async function openTrials({
  isLocalReached = false,
  cameras = [],
}: {
  isLocalReached?: boolean;
  cameras?: readonly RegisteredCamera[];
} = {}) {
  await using stack = new AsyncDisposableStack();
  const { redactor, board, ...opened } = await openTestRedactor();
  stack.defer(() => opened[Symbol.asyncDispose]());
  const registry = memoryRegistry();
  await registry.update((data) => void data.cameras.push(...cameras));
  const room = new FrameRoom(FRAME_ROOM);
  const trials = createCameraTrials({
    registry,
    redactor,
    room,
    clock: systemClock,
    board,
    log: silentLog,
    isLocalReached,
  });
  const owned = stack.move();
  return { trials, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe.skipIf(lacksFfmpeg !== null)("a camera that is not in the kit", () => {
  test("is tried with what was typed, redacted as it is to be; a wrong password and none say so", async () => {
    await using camera = await serveRtspCamera({
      picture: await streetPicture(),
      door: { user: "watch", password: "se:cret", schemes: ["MD5"] },
    });
    await using site = await openTrials({ isLocalReached: true });
    const look = (credentials: string | undefined) =>
      site.trials.tryCamera(
        { camera: cameraAt(camera.url), policy: entry(), ...(credentials !== undefined && { credentials }) },
        never,
      );
    const seen = await look("watch:se:cret");
    expect(["redacted", "empty"]).toContain(seen.outcome);
    expect(seen.ms["grab"]).toBeGreaterThan(0);
    const wrong = await look("watch:other");
    expect(wrong.outcome === "withheld" && reasonOf(wrong)).toBe("camera-login");
    const none = await look(undefined);
    expect(none.outcome === "withheld" && reasonOf(none)).toBe("camera-login");
  });
});

test.each(["rtsp://127.0.0.1:1/", "rtsp://[::1]/x", "rtsp://localhost/", "http://169.254.169.254/latest"])(
  "%s is not asked at all: it is no camera's",
  async (url) => {
    await using site = await openTrials();
    expect(site.trials.mayReach(new URL(url).hostname)).toBe(false);
    const source = { kind: url.startsWith("rtsp") ? "rtsp" : "http-snapshot", url };
    const camera = CameraEntry.parse({ id: "new", zone: "yard", source });
    await expect(site.trials.tryCamera({ camera, policy: entry() }, never)).rejects.toMatchObject({ code: "USAGE" });
  },
);

test("one is tried at a time; a paused one, and one that sends by itself, is not", async () => {
  const paused = { ...cameraAt("rtsp://192.0.2.1/"), id: "gate-cam", paused: true };
  await using site = await openTrials({ cameras: [paused], isLocalReached: true });
  const ask = { camera: cameraAt("rtsp://127.0.0.1:1/"), policy: entry() };
  const first = site.trials.tryCamera(ask, never);
  await expect(site.trials.tryCamera(ask, never)).rejects.toMatchObject({ code: "TOO_SOON" });
  expect(await first).toMatchObject({ outcome: "withheld", reason: "camera-unreachable" });
  await expect(site.trials.tryCamera({ ...ask, camera: paused }, never)).rejects.toMatchObject({ code: "USAGE" });
  const sends = CameraEntry.parse({ id: "new", zone: "yard", source: { kind: "mqtt", topic: "cams/yard" } });
  await expect(site.trials.tryCamera({ ...ask, camera: sends }, never)).rejects.toMatchObject({ code: "USAGE" });
});

test("what is known of a camera of the kit is its settings alone: no login, no pause", async () => {
  const kept = { ...cameraAt("rtsp://192.0.2.1/"), id: "gate-cam", passwordHash: "x", paused: true, pausedBy: "vera" };
  await using site = await openTrials({ cameras: [kept] });
  expect(Object.keys(site.trials.settingsOf("gate-cam") ?? {})).not.toEqual(expect.arrayContaining(["passwordHash"]));
  expect(site.trials.settingsOf("gate-cam")).not.toHaveProperty("pausedBy");
  expect([site.trials.ids(), site.trials.settingsOf("no-cam")]).toEqual([["gate-cam"], undefined]);
});

// What makes cameras look: a device's motion, a camera that sends by itself, the time of the day, a person. And, at start and
// every few minutes, the self-check: whether a known face would be found in what the camera shows just now.
import { CameraLane, type CameraHealth, type LaneDeps, type LookResult } from "./camera-lane.ts";
import type { RoadCamera } from "./camera-kit.ts";
import type { CameraTest } from "./core/commands.ts";
import { messageOf } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import { waitFor } from "./core/wait.ts";
import type { Spool } from "./spool/spool.ts";

/** `roundMs`: from one round of schedules and self-checks to the next; shorter in tests. */
type Deps = LaneDeps & {
  readonly cameras: readonly RoadCamera[];
  readonly spool: Pick<Spool, "state" | "condition" | "earliestNowMs">;
  readonly roundMs?: number;
};

export type CameraWatch = AsyncDisposable & {
  /** A device saw motion: each camera it triggers looks, unless its lane refuses. Returns at once. */
  onMotion(deviceId: string): void;
  /** Null for a camera that is not started. Waits for the end of the look. */
  lookNow(cameraId: string): Promise<LookResult> | null;
  /** Null for a camera that is not started. Throws USAGE and TOO_SOON. */
  test(cameraId: string, stop: AbortSignal): Promise<CameraTest> | null;
  /** To be called when a camera may have been paused: it stops at once. */
  keepHours(): void;
  health(cameraId: string): CameraHealth | null;
  caution(cameraId: string): string | null;
};

export function openCameraWatch(deps: Deps): CameraWatch {
  const stopping = new AbortController();
  const kept = deps.spool.state("camera:");
  const lanes = deps.cameras.map((camera) => {
    const by = { kept: kept.get(`camera:${camera.settings.id}`), stop: stopping.signal };
    return new CameraLane(deps, camera, by);
  });
  const ends = lanes.flatMap((lane) => lane.camera.camera.onPicture?.(() => void lane.trigger("camera")) ?? []);
  const rounds = keepRounds(lanes, deps, stopping.signal);
  const find = (id: string) => lanes.find(({ camera }) => camera.settings.id === id);
  return {
    onMotion(deviceId) {
      for (const lane of lanes) if (lane.camera.settings.triggers.includes(deviceId)) void lane.trigger("device");
    },
    lookNow: (cameraId) => find(cameraId)?.trigger("hand") ?? null,
    test: (cameraId, stop) => find(cameraId)?.test(stop) ?? null,
    keepHours() {
      for (const lane of lanes) lane.keepHours();
    },
    health: (cameraId) => find(cameraId)?.health() ?? null,
    caution: (cameraId) => find(cameraId)?.camera.camera.caution?.() ?? null,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      for (const end of ends) end();
      for (const lane of lanes) lane.close();
      // On a full disk a picture waits for room that may never come; it is not acknowledged to anybody.
      if (deps.spool.condition() === "ok") await Promise.allSettled([rounds, ...lanes.map((lane) => lane.idle)]);
    },
  };
}

/** One camera after the other is checked, so that twenty cameras are no burst. */
async function keepRounds(lanes: readonly CameraLane[], deps: Deps, stop: AbortSignal): Promise<void> {
  const { clock, log, roundMs = LIMITS.cameraRoundMs } = deps;
  let afterMs = clock.nowMs();
  let checking: Promise<void> | null = null;
  while (!stop.aborted) {
    const untilMs = clock.nowMs();
    for (const lane of lanes) lane.keepHours();
    // A clock that was set, or was never set, has no times to make up for.
    if (clock.isSynced() && untilMs > afterMs && untilMs - afterMs <= LIMITS.clockStepMs + roundMs) {
      for (const lane of lanes) if (lane.isTimeFor({ afterMs, untilMs })) void lane.trigger("schedule");
    }
    afterMs = untilMs;
    checking ??= checkAll(lanes, stop)
      .catch((cause: unknown) => {
        if (!stop.aborted) log.error({ cause: messageOf(cause) }, "a self-check failed");
      })
      .finally(() => {
        checking = null;
      });
    await waitFor(roundMs, stop);
  }
  await checking;
}

async function checkAll(lanes: readonly CameraLane[], stop: AbortSignal): Promise<void> {
  for (const lane of lanes) {
    if (stop.aborted) return;
    await lane.checkWhenDue();
  }
}

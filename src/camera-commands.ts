// What a person may see of the cameras and do with them: a part of the port core/commands.ts.
import { CAMERA_LIMITS } from "./camera/camera-limits.ts";
import type { CameraWatch } from "./camera-watch.ts";
import type { CameraCommands as DetailCommands } from "./core/camera-commands.ts";
import type { CameraView, Commands } from "./core/commands.ts";
import { GatewayError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { cameraOf } from "./policy/compare-cameras.ts";
import type { Redactor } from "./privacy/redactor.ts";
import { pauseCamera } from "./registry/camera-pausing.ts";
import type { RegisteredCamera, Registry } from "./registry/registry.ts";
import type { Policy } from "./settings/schema.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly registry: Registry;
  readonly policy: Policy;
  readonly watch: CameraWatch;
  readonly redactor: Pick<Redactor, "health" | "sightOf">;
  readonly spool: Pick<Spool, "lastPicture" | "picturesOf" | "image">;
  readonly log: Log;
};

export type CameraCommands = DetailCommands &
  Pick<Commands, "testCamera" | "lookNow"> & {
    views(): CameraView[];
  };

export function createCameraCommands(deps: Deps): CameraCommands {
  const { registry, watch, spool, policy, log } = deps;
  const known = (id: string): RegisteredCamera => {
    const camera = registry.data().cameras.find((each) => each.id === id);
    if (camera !== undefined) return camera;
    throw new GatewayError("NOT_FOUND", `there is no camera ${id}`, {
      hint: "List what exists with `hedgerow camera list`.",
    });
  };
  const kept = (id: string) => spool.picturesOf(id, CAMERA_LIMITS.picturesShown);
  return {
    views: () => registry.data().cameras.map((camera) => cameraView(deps, camera)),
    async testCamera({ id }, stop) {
      known(id);
      return (await watch.test(id, stop)) ?? notStarted(id);
    },
    async lookNow({ id, by }) {
      known(id);
      const looking = watch.lookNow(id) ?? notStarted(id);
      log.info({ camera: id, by }, "picture asked for by hand");
      return await looking;
    },
    async pauseCamera(ask) {
      await pauseCamera(registry, ask);
      log.info({ camera: ask.id, isPaused: ask.isPaused, by: ask.by }, "camera paused or let look again");
    },
    cameraDetails(id) {
      const { triggers } = known(id);
      const { devices } = registry.data();
      const bucketMs = policy.events.timeBucketS * 1000;
      return {
        triggers: triggers.map((trigger) => devices.find((device) => device.id === trigger)?.name ?? trigger),
        missed: watch.health(id)?.missed ?? {},
        pictures: kept(id).map(({ sha256, takenAtMs, regions }) => {
          return { sha256, takenAt: new Date(takenAtMs - (takenAtMs % bucketMs)).toISOString(), regions };
        }),
      };
    },
    async cameraPicture({ id, sha256 }) {
      return kept(id).some((picture) => picture.sha256 === sha256) ? await spool.image(sha256) : null;
    },
  };
}

function notStarted(id: string): never {
  throw new GatewayError("USAGE", `camera ${id} is not started: the policy does not name it, or it is new`, {
    hint: "Name it under `cameras:` in policy.yaml with its purpose and last day, then restart the gateway.",
  });
}

function cameraView(deps: Deps, camera: RegisteredCamera): CameraView {
  const { policy, watch, redactor, spool } = deps;
  const { id, name, zone, source, schedule, pausedBy = null } = camera;
  const health = watch.health(id);
  const last = spool.lastPicture(id);
  const own =
    camera.paused === true ? PAUSED : stateOf(health, { sight: redactor.health(), own: redactor.sightOf(id) });
  return {
    id,
    name: name ?? id,
    zone,
    ...own,
    pausedBy,
    lastSnapshotAt: last === null ? null : new Date(last.takenAtMs).toISOString(),
    lastImageSha256: last?.sha256 ?? null,
    lastRegions: last?.regions ?? null,
    takenToday: health?.takenToday ?? 0,
    perDay: cameraOf(policy.cameras, id)?.snapshotsPerDay ?? 0,
    source: source.kind,
    caution: watch.caution(id),
    schedule: schedule === undefined ? null : { between: schedule.between ?? null, at: schedule.at ?? [] },
  };
}

const PAUSED: Pick<CameraView, "state" | "why"> = { state: "paused", why: null };

/** `sight`: of the face finder; `own`: of this camera's newest picture or self-check. */
function stateOf(
  health: ReturnType<CameraWatch["health"]>,
  { sight, own }: { sight: ReturnType<Redactor["health"]>; own: ReturnType<Redactor["sightOf"]> },
): Pick<CameraView, "state" | "why"> {
  if (health === null) return { state: "no-policy", why: "the policy does not name this camera, so it does not start" };
  if (health.isEnded) return { state: "ended", why: "the last day that the policy allows has passed" };
  if (health.held === "draft") return { state: "paused", why: "the policy is a draft: nothing has been agreed yet" };
  if (!sight.canSee) return { state: "cannot-see", why: sight.why };
  const { trouble } = health;
  if (trouble?.of === "camera") return { state: "unreachable", why: trouble.why };
  if (own?.canSee === false) return { state: "cannot-see", why: own.why };
  return trouble === null ? { state: "ok", why: null } : { state: "withheld", why: trouble.why };
}

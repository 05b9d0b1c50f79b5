// What a person may see of the cameras and do with them: a part of the port core/commands.ts.
import type { CameraWatch } from "./camera-watch.ts";
import type { CameraView, Commands } from "./core/commands.ts";
import { GatewayError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { cameraOf } from "./policy/compare-cameras.ts";
import type { Redactor } from "./privacy/redactor.ts";
import type { Registry } from "./registry/registry.ts";
import type { CameraSettings, Policy } from "./settings/schema.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly registry: Pick<Registry, "data">;
  readonly policy: Policy;
  readonly watch: CameraWatch;
  readonly redactor: Pick<Redactor, "health" | "sightOf">;
  readonly spool: Pick<Spool, "lastPicture">;
  readonly log: Log;
};

export type CameraCommands = Pick<Commands, "testCamera" | "lookNow"> & { views(): CameraView[] };

export function createCameraCommands(deps: Deps): CameraCommands {
  const { registry, watch, log } = deps;
  const known = (id: string): void => {
    if (!registry.data().cameras.some((camera) => camera.id === id))
      throw new GatewayError("NOT_FOUND", `there is no camera ${id}`, {
        hint: "List what exists with `hedgerow camera list`.",
      });
  };
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
  };
}

function notStarted(id: string): never {
  throw new GatewayError("USAGE", `camera ${id} is not started: the policy does not name it, or it is new`, {
    hint: "Name it under `cameras:` in policy.yaml with its purpose and last day, then restart the gateway.",
  });
}

function cameraView(deps: Deps, camera: CameraSettings): CameraView {
  const { policy, watch, redactor, spool } = deps;
  const { id, name, zone, source, schedule } = camera;
  const health = watch.health(id);
  const last = spool.lastPicture(id);
  return {
    id,
    name: name ?? id,
    zone,
    ...stateOf(health, { sight: redactor.health(), own: redactor.sightOf(id) }),
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

/** `sight`: of the face finder; `own`: of this camera's newest picture or self-check. */
function stateOf(
  health: ReturnType<CameraWatch["health"]>,
  { sight, own }: { sight: ReturnType<Redactor["health"]>; own: ReturnType<Redactor["sightOf"]> },
): Pick<CameraView, "state" | "why"> {
  if (health === null) return { state: "no-policy", why: "the policy does not name this camera, so it does not start" };
  if (health.isEnded) return { state: "ended", why: "the last day that the policy allows has passed" };
  if (!sight.canSee) return { state: "cannot-see", why: sight.why };
  const { trouble } = health;
  if (trouble?.of === "camera") return { state: "unreachable", why: trouble.why };
  if (own?.canSee === false) return { state: "cannot-see", why: own.why };
  return trouble === null ? { state: "ok", why: null } : { state: "withheld", why: trouble.why };
}

// Opens what pictures are made by: the redactor, the cameras that kit and policy name, road 2, and what makes cameras look.
import { createCameraTrials } from "./camera-trials.ts";
import { type CameraKit, openCameraKit } from "./camera-kit.ts";
import { type CameraWatch, openCameraWatch } from "./camera-watch.ts";
import { FRAME_ROOM, FrameRoom } from "./camera/frame-room.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { Sun } from "./core/day-times.ts";
import type { Log } from "./core/log.ts";
import type { SiteDisclosure } from "./privacy/disclose.ts";
import type { Quiet } from "./privacy/quiet.ts";
import { openRedactor, type RedactorDeps } from "./privacy/redact.ts";
import type { Redactor } from "./privacy/redactor.ts";
import type { Registry } from "./registry/registry.ts";
import type { CameraTrials } from "./settings/camera-trials.ts";
import type { Policy } from "./settings/schema.ts";
import { readSecret } from "./settings/secrets.ts";
import { createSnapshotRoad } from "./snapshot-road.ts";
import type { Spool } from "./spool/spool.ts";

/** `detection`: of the redactor, see openGateway. `fileSays`: the policy as it stands in its file: while it is a draft, its cameras may be tried. `isLocalReached`: see openGateway. */
type Deps = Pick<Parameters<typeof createSnapshotRoad>[0], "ledger" | "policySha256"> & {
  readonly registry: Registry;
  readonly dataDir: string;
  readonly policy: Policy;
  readonly fileSays: Policy;
  readonly lowMemory: "auto" | "yes" | "no";
  readonly detection: Pick<RedactorDeps, "childScript" | "modelDirectory" | "limits"> | undefined;
  readonly isLocalReached: boolean | undefined;
  readonly disclosure: SiteDisclosure;
  readonly quiet: Quiet;
  readonly hours: { readonly timezone: string; readonly sun: Sun | null };
  readonly spool: Spool;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

export type Cameras = AsyncDisposable & {
  readonly redactor: Redactor;
  readonly kit: CameraKit;
  readonly watch: CameraWatch;
  readonly trials: CameraTrials;
};

export async function openCameras(deps: Deps, stop: AbortSignal): Promise<Cameras> {
  await using stack = new AsyncDisposableStack();
  const { registry, dataDir, policy, lowMemory, detection, hours, quiet, spool, clock, board, log } = deps;
  const redactor = stack.use(await openRedactor({ lowMemory, ...detection, clock, board, log }, stop));
  const { cameras } = registry.data();
  // What may be done has not been agreed while the policy is a draft: then cameras may be tried, and look at nothing else.
  const heldBack = (id: string): "paused" | "draft" | null =>
    registry.data().cameras.find((camera) => camera.id === id)?.paused === true
      ? "paused"
      : policy.draft
        ? "draft"
        : null;
  const isPaused = (id: string): boolean => heldBack(id) !== null;
  const allowed = policy.draft ? deps.fileSays : policy;
  const kit = stack.use(
    await openCameraKit({ cameras, dataDir, policy: allowed, readSecret, isPaused, clock, board, log }),
  );
  const room = new FrameRoom(FRAME_ROOM);
  const road = createSnapshotRoad({ ...deps, redactor, room });
  const watch = stack.use(
    openCameraWatch({ cameras: kit.cameras, road, spool, ...hours, quiet, heldBack, clock, board, log }),
  );
  stack.defer(registry.onChange(() => watch.keepHours()));
  const owned = stack.move();
  const trials = createCameraTrials({ ...deps, redactor, room });
  return { redactor, kit, watch, trials, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

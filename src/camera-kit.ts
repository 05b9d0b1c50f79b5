// Opens the cameras that both the kit and the policy name (promise 8: no policy, no camera). One that cannot be opened,
// such as for an unreadable password, is a camera that gives no picture and says why; it does not keep the gateway from starting.
import type { Camera } from "./camera/camera.ts";
import { openCamera } from "./camera/open-cameras.ts";
import { PictureInbox } from "./camera/picture-inbox.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import { GatewayError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { cameraOf } from "./policy/compare-cameras.ts";
import type { CameraPolicyEntry, CameraSettings, Policy } from "./settings/schema.ts";

export type RoadCamera = {
  readonly settings: CameraSettings;
  readonly policy: CameraPolicyEntry;
  readonly camera: Camera;
};

/** `dataDir`: which no camera's folder may hold or lie in. */
type Deps = {
  readonly cameras: readonly CameraSettings[];
  readonly dataDir: string;
  readonly policy: Policy;
  readonly readSecret: (file: string) => Promise<string>;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  /** Of a camera that a person has paused what comes by itself is dropped unread. */
  readonly isPaused?: (cameraId: string) => boolean;
};

export type CameraKit = AsyncDisposable & {
  readonly cameras: readonly RoadCamera[];
  /** Where the broker puts what cameras send by themselves. */
  readonly inbox: Pick<PictureInbox, "take" | "drop">;
};

/** Closing it closes them all. Never throws for what one camera does. */
export async function openCameraKit({ cameras, dataDir, policy, ...deps }: Deps): Promise<CameraKit> {
  await using stack = new AsyncDisposableStack();
  const { readSecret, clock, board, log, isPaused } = deps;
  const inbox = stack.use(new PictureInbox({ clock, board, ...(isPaused && { isPaused }) }));
  const opened: RoadCamera[] = [];
  for (const settings of cameras) {
    const { id, source } = settings;
    const cameraPolicy = cameraOf(policy.cameras, id);
    if (cameraPolicy === undefined) {
      log.warn({ camera: id }, "camera not started: the policy does not name it");
      continue;
    }
    const camera = await openOrExplain({ id, clock, source, readSecret, inbox, log, closed: [dataDir] });
    stack.defer(() => camera[Symbol.asyncDispose]?.());
    opened.push({ settings, policy: cameraPolicy, camera });
  }
  const owned = stack.move();
  return { cameras: opened, inbox, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function openOrExplain(deps: Parameters<typeof openCamera>[0]): Promise<Camera & Partial<AsyncDisposable>> {
  try {
    return await openCamera(deps);
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    deps.log.error({ camera: deps.id, code: cause.code, hint: cause.hint }, cause.message);
    return { id: deps.id, grab: () => Promise.reject(cause) };
  }
}

// Cameras before they are agreed on: found, plugged in, looked through once. The port is settings/camera-trials.ts.
import { openCamera } from "./camera/open-cameras.ts";
import { findCameras } from "./camera/find-cameras.ts";
import type { FrameRoom } from "./camera/frame-room.ts";
import { PictureInbox } from "./camera/picture-inbox.ts";
import { pluggedCameras } from "./camera/plugged-cameras.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { CameraTest } from "./core/commands.ts";
import { GatewayError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { refusalOf } from "./core/peer-check.ts";
import type { Redactor } from "./privacy/redactor.ts";
import type { Registry } from "./registry/registry.ts";
import type { CameraTrials } from "./settings/camera-trials.ts";
import { readSecret } from "./settings/secrets.ts";
import { createTrials } from "./snapshot-road.ts";

/** `isLocalReached`: cameras of this machine may be tried, where the simulated one runs on it. `find`: another search, for tests. */
type Deps = {
  readonly registry: Pick<Registry, "data">;
  readonly redactor: Redactor;
  readonly room: FrameRoom;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  readonly isLocalReached?: boolean | undefined;
  readonly find?: typeof findCameras;
};

export function createCameraTrials(deps: Deps): CameraTrials {
  const { registry, clock, board, log, isLocalReached = false, find = findCameras } = deps;
  const { test } = createTrials(deps);
  const busy = { finding: false, trying: false };

  /** One at a time: each holds a socket, a program or the face finder for seconds. */
  async function alone<T>(what: keyof typeof busy, work: () => Promise<T>): Promise<T> {
    if (busy[what])
      throw new GatewayError("TOO_SOON", "another camera is just looked for or tried", {
        hint: "Wait some seconds, then try again.",
      });
    busy[what] = true;
    try {
      return await work();
    } finally {
      busy[what] = false;
    }
  }

  return {
    settingsOf(id) {
      const kept = registry.data().cameras.find((camera) => camera.id === id);
      if (kept === undefined) return undefined;
      const { passwordHash: _hash, paused: _paused, pausedBy: _by, ...camera } = kept;
      return camera;
    },
    ids: () => registry.data().cameras.map(({ id }) => id),
    mayReach: (host) => isLocalReached || mayBeCamera(host),
    findCameras: (stop) => alone("finding", () => find({ clock }, stop)),
    plugged: pluggedCameras,
    tryCamera: ({ camera, credentials, policy }, stop) =>
      alone("trying", async (): Promise<CameraTest> => {
        const { id, source } = camera;
        if (source.kind === "mqtt" || source.kind === "folder")
          throw new GatewayError("USAGE", `camera ${id} sends its pictures by itself`, {
            hint: "Save it; then it can be tried on its own page.",
          });
        if (registry.data().cameras.some((each) => each.id === id && each.paused === true))
          throw new GatewayError("USAGE", `camera ${id} is paused`, { hint: "Let it look again first." });
        if ("url" in source && !isLocalReached && !mayBeCamera(new URL(source.url).hostname))
          throw new GatewayError("USAGE", `the address of ${id} is no camera's`);
        using inbox = new PictureInbox({ clock, board });
        const isTyped = credentials !== undefined && "url" in source;
        const opened = await openCamera({
          id,
          clock,
          source: isTyped ? { ...source, credentialsFile: TYPED } : source,
          readSecret: (file) => (isTyped && file === TYPED ? Promise.resolve(credentials) : readSecret(file)),
          inbox,
          log,
        });
        try {
          return await test({ settings: camera, policy, camera: opened }, stop);
        } finally {
          await opened[Symbol.asyncDispose]?.();
        }
      }),
  };
}

/** In the place of a file, for what was typed and stands in none yet: no path, since it holds a NUL. */
const TYPED = "\0typed";

/** A literal address is held to what a resolved one is; a name is held to it when it is resolved (core/peer-check.ts). */
function mayBeCamera(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1");
  if (/^(.*\.)?localhost\.?$/i.test(name)) return false;
  const isLiteral = /^[\d.]+$/.test(name) || name.includes(":");
  return !isLiteral || refusalOf(name, "resolved") === null;
}

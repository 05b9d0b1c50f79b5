// Which cameras there are and how each is, from the running gateway or from its files; and one look through one of them.
import { openCameraKit } from "../camera-kit.ts";
import { FRAME_ROOM, FrameRoom } from "../camera/frame-room.ts";
import { dayIn } from "../core/day-times.ts";
import { Board } from "../core/board.ts";
import { systemClock } from "../core/clock.ts";
import type { CameraTest, CameraView } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { silentLog } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import { openRedactor } from "../privacy/redact.ts";
import { peekRegistry } from "../registry/durable-adapter.ts";
import { kitDiffers } from "../registry/kit-difference.ts";
import type { Settings } from "../settings/load.ts";
import type { CameraPolicyEntry, CameraSettings } from "../settings/schema.ts";
import { readSecret } from "../settings/secrets.ts";
import { createTrials } from "../snapshot-road.ts";
import { LOOK_TRIES } from "../web/local-limits.ts";
import { callGateway } from "../web/local-socket.ts";
import { becomeOwnerOf } from "./kit-access.ts";

/** `cameras`: as the registry holds them, or kit.yaml before the first start. */
export type CameraAccess = {
  readonly settings: Settings;
  readonly cameras: readonly CameraSettings[];
  /** Throws NOT_FOUND. */
  find(id: string): CameraSettings;
  /** What the policy allows it, or null. */
  allowanceOf(id: string): CameraPolicyEntry | null;
  /** Where kit.yaml says something else of cameras, or of this one, than the registry, which is what holds: sentences. */
  differences(id?: string): readonly string[];
  /** How a person has the gateway take kit.yaml in. */
  readonly takeIn: string;
};

/** Gives root away first: nothing of a camera is ever read as root. */
export async function openCameraAccess(settings: Settings): Promise<CameraAccess> {
  const { dataDir } = settings.gateway.gateway;
  await becomeOwnerOf(dataDir);
  const registry = await peekRegistry(dataDir);
  const { cameras } = registry ?? settings.kit;
  const takeIn = `The gateway uses what it took in from kit.yaml before: stop it (sudo systemctl stop hedgerow), then: sudo hedgerow kit import ${settings.gateway.kit}, and start it again.`;
  return {
    settings,
    cameras,
    takeIn,
    find(id) {
      const camera = cameras.find((each) => each.id === id);
      if (camera !== undefined) return camera;
      const isWritten = settings.kit.cameras.some((each) => each.id === id);
      throw new GatewayError("NOT_FOUND", isWritten ? `camera ${id} is in kit.yaml only` : `there is no camera ${id}`, {
        hint: isWritten ? takeIn : "List what exists with `hedgerow camera list`; a new one is written into kit.yaml.",
      });
    },
    differences(id) {
      if (registry === null) return [];
      const only = (all: readonly CameraSettings[]) => all.filter((each) => id === undefined || each.id === id);
      const none = { bridges: [], devices: [], discovered: [] };
      const kept = { ...none, cameras: registry.cameras.filter((each) => id === undefined || each.id === id) };
      return kitDiffers({ ...none, cameras: only(settings.kit.cameras) }, kept, { isForLog: true });
    },
    allowanceOf: (id) => (Object.hasOwn(settings.policy.cameras, id) ? (settings.policy.cameras[id] ?? null) : null),
  };
}

/** As of the running gateway; where none runs `state` is not-running for what may start, and nothing is known of today. */
export type CameraRow = Pick<
  CameraView,
  "id" | "name" | "zone" | "source" | "why" | "perDay" | "caution" | "schedule"
> & {
  readonly state: CameraView["state"] | "not-running";
  readonly takenToday: number | null;
  readonly lastSnapshotAt: string | null;
};

export async function listCameras(access: CameraAccess): Promise<readonly CameraRow[]> {
  const { settings, cameras } = access;
  const status = await callGateway(settings.gateway.gateway.dataDir, "status", {});
  if (status !== null) return status.cameras.map(({ lastImageSha256: _digest, lastRegions: _regions, ...row }) => row);
  const today = dayIn(settings.gateway.gateway.timezone, systemClock.nowMs());
  return cameras.map((camera) => rowOf(camera, access.allowanceOf(camera.id), today));
}

function rowOf(
  { id, name, zone, source, schedule }: CameraSettings,
  allowance: CameraPolicyEntry | null,
  today: string,
): CameraRow {
  const row = {
    id,
    name: name ?? id,
    zone,
    source: source.kind,
    perDay: allowance?.snapshotsPerDay ?? 0,
    takenToday: null,
    lastSnapshotAt: null,
    caution: null,
    schedule: schedule === undefined ? null : { between: schedule.between ?? null, at: schedule.at ?? [] },
  };
  if (allowance === null)
    return { ...row, state: "no-policy", why: "the policy does not name this camera, so it does not start" };
  if (allowance.until < today) return { ...row, state: "ended", why: "the last day that the policy allows has passed" };
  return { ...row, state: "not-running", why: "no gateway runs" };
}

/**
 * One frame, redacted, for a person's eyes: by the running gateway, or where none runs by the same code here. Throws
 * CAMERA_UNREACHABLE for a camera that only the gateway's broker can hear, and what the gateway throws.
 */
export async function lookThrough(
  { settings }: Pick<CameraAccess, "settings">,
  camera: CameraSettings,
  stop: AbortSignal,
): Promise<CameraTest> {
  const { id } = camera;
  const { dataDir } = settings.gateway.gateway;
  const answer = await askGateway(dataDir, id, stop);
  if (answer !== null) return answer;
  if (camera.source.kind === "mqtt")
    throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id} sends its pictures to the gateway, and none runs`, {
      hint: "Start it (`sudo systemctl start hedgerow`), then try again.",
    });
  const deps = { clock: systemClock, board: new Board(), log: silentLog };
  const { lowMemory } = settings.gateway.redactor;
  await using redactor = await openRedactor({ ...deps, lowMemory }, stop);
  await using kit = await openCameraKit({ ...deps, cameras: [camera], dataDir, policy: settings.policy, readSecret });
  const [opened] = kit.cameras;
  if (opened === undefined) throw new GatewayError("POLICY_MISSING", `the policy does not name camera ${id}`);
  const { test } = createTrials({ ...deps, redactor, room: new FrameRoom(FRAME_ROOM) });
  return await test(opened, stop);
}

/** A camera that is just taking a picture, or checking itself, is asked again. Null when no gateway runs. */
async function askGateway(dataDir: string, id: string, stop: AbortSignal): Promise<CameraTest | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await callGateway(dataDir, "testCamera", { id });
    } catch (cause) {
      const isBusy = cause instanceof GatewayError && cause.code === "TOO_SOON";
      if (!isBusy || tries >= LOOK_TRIES.tries) throw cause;
      await waitFor(LOOK_TRIES.waitMs, stop);
    }
  }
}

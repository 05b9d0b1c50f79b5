// ROAD 2, whole: frame → image → spool. The frame lives in memory for the length of one call and is zeroed on leaving it;
// what cannot be redacted is withheld and counted (I1, I2, I5). Which trigger becomes a look: camera-watch.ts.
import type { RoadCamera } from "./camera-kit.ts";
import type { FrameRoom } from "./camera/frame-room.ts";
import type { RawFrame } from "./camera/raw-frame.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { CameraTest } from "./core/commands.ts";
import { GatewayError, messageOf } from "./core/errors.ts";
import type { HouseFact, WithheldReason } from "./core/house-fact.ts";
import type { Log } from "./core/log.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { type Disclosure, discloseFact, discloseSnapshot } from "./privacy/disclose.ts";
import type { Redactor } from "./privacy/redactor.ts";
import type { Making, Spool } from "./spool/spool.ts";

type Deps = {
  readonly redactor: Redactor;
  readonly ledger: Ledger;
  readonly policySha256: string;
  readonly disclosure: Disclosure;
  readonly spool: Spool;
  readonly room: FrameRoom;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** What is wrong with a camera: it gave no picture, or its picture was withheld. `why`: for a person. */
export type Trouble = { readonly of: "camera" | "picture"; readonly why: string };

/** `stopped`: the gateway ends, and nothing was made of it. */
export type Look =
  | { readonly kind: "taken" }
  | { readonly kind: "withheld"; readonly reason: WithheldReason; readonly trouble: Trouble }
  | { readonly kind: "stopped" };

export type SnapshotRoad = {
  /**
   * One frame through the house: it ends as a picture in the spool, or as a withheld fact there. `counted`: called once the
   * frame is there; what it returns is kept in the same transaction. Throws only when the spool fails.
   */
  look(camera: RoadCamera, counted: () => string, stop: AbortSignal): Promise<Look>;
  /** The same for a person's eyes: nothing is kept, sent or counted against the day. Throws `stop`'s reason. */
  test(camera: RoadCamera, stop: AbortSignal): Promise<CameraTest>;
  /** A frame for the canary alone. Null: it can see. Throws `stop`'s reason. */
  check(camera: RoadCamera, stop: AbortSignal): Promise<Trouble | null>;
};

export function createSnapshotRoad(deps: Deps): SnapshotRoad {
  const { redactor, ledger, disclosure, spool, room, clock, board, log } = deps;

  async function look(camera: RoadCamera, counted: () => string, stop: AbortSignal): Promise<Look> {
    const { id } = camera.settings;
    let state: Record<string, string> = {};
    // A frame that was there uses one of the day, whatever becomes of it: by day and camera, anybody may know how many.
    const keep = (making: Making, counter: string) =>
      spool.append({
        make: [making],
        state,
        counters: { [counter]: 1, ...(Object.keys(state).length > 0 && { [`camera.used.${id}`]: 1 }) },
      });

    const withhold = async (reason: WithheldReason, detail: string, of: Trouble["of"]): Promise<Look> => {
      if (stop.aborted) return stopped();
      log.warn({ camera: id, why: reason, detail }, "snapshot withheld");
      const fact: HouseFact = { kind: "snapshot-withheld", cameraId: id, why: reason, atMs: clock.nowMs() };
      await keep({ event: discloseFact(fact, disclosure) }, `snapshot.withheld.${reason}`);
      return { kind: "withheld", reason, trouble: { of, why: detail } };
    };

    try {
      return await withFrame(camera, { room, stop }, async (frame) => {
        state = { [`camera:${id}`]: counted() };
        log.debug({ camera: id, bytes: frame.size }, "snapshot begins");
        const verdict = await redactor.redact(frame, camera.policy, stop);
        if (verdict.kind === "withheld") return await withhold(verdict.why, verdict.detail, "picture");
        const receipt = ledger.addReceipt(verdict.image, deps.policySha256);
        const retentionMs = camera.policy.retentionHours * 3_600_000;
        const event = discloseSnapshot({ image: verdict.image, receipt, retentionMs }, disclosure);
        const image = { redacted: verdict.image, expiresAtMs: frame.takenAtMs + retentionMs };
        const { outcome } = verdict.image.content;
        await keep({ event, image }, `snapshot.made.${outcome}`);
        // It lies encrypted on the disk now, and nobody needs it here.
        verdict.image.content.jpeg.fill(0);
        log.info({ camera: id, outcome, ms: verdict.ms }, "snapshot redacted");
        return { kind: "taken" };
      });
    } catch (cause) {
      const isCameras = Object.keys(state).length === 0;
      return await withhold(reasonFor(cause), messageOf(cause), isCameras ? "camera" : "picture");
    }
  }

  function stopped(): Look {
    board.count("snapshot.refused.stopping");
    return { kind: "stopped" };
  }

  return { look, ...createTrials(deps) };
}

/** The looks that keep nothing; they need no spool and no ledger, and so no gateway. */
export function createTrials({
  redactor,
  room,
  clock,
  board,
}: Pick<Deps, "redactor" | "room" | "clock" | "board">): Pick<SnapshotRoad, "test" | "check"> {
  async function test(camera: RoadCamera, stop: AbortSignal): Promise<CameraTest> {
    const startMs = clock.monotonicMs();
    const sinceMs = () => Math.round((clock.monotonicMs() - startMs) * 10) / 10;
    let frameBytes: number | null = null;
    let grab = 0;
    board.count("camera.tested");
    try {
      return await withFrame(camera, { room, stop }, async (frame) => {
        frameBytes = frame.size;
        grab = sinceMs();
        const verdict = await redactor.redact(frame, camera.policy, stop);
        const ms = { grab, ...verdict.ms, total: sinceMs() };
        if (verdict.kind === "withheld") {
          const { why: reason, detail } = verdict;
          return { outcome: "withheld", reason, detail, hint: hintFor(reason), ms, frameBytes };
        }
        const { outcome, width, height, boxes, jpeg } = verdict.image.content;
        return { outcome, detail: verdict.detail, width, height, boxes, jpeg, ms, frameBytes };
      });
    } catch (cause) {
      stop.throwIfAborted();
      const reason = reasonFor(cause);
      const hint = cause instanceof GatewayError ? cause.hint : hintFor(reason);
      return { outcome: "withheld", reason, detail: messageOf(cause), hint, ms: { grab: sinceMs() }, frameBytes };
    }
  }

  async function check(camera: RoadCamera, stop: AbortSignal): Promise<Trouble | null> {
    try {
      const { model, personModel } = camera.policy.redact;
      if (model !== undefined || personModel !== undefined) {
        // Also where no frame is to be had yet: its first picture need not wait for the model.
        const ready = await redactor.prepare(camera.policy, stop);
        if (!ready.canSee) return { of: "picture", why: ready.why };
      }
      const seen = await withFrame(camera, { room, stop }, (frame) => redactor.check(frame, camera.policy, stop));
      return seen.canSee ? null : { of: "picture", why: seen.why };
    } catch (cause) {
      stop.throwIfAborted();
      return { of: cause instanceof TooManyWaiting ? "picture" : "camera", why: messageOf(cause) };
    }
  }

  return { test, check };
}

/** One frame in a place of its own. Throws TooManyWaiting, or what the camera throws. */
async function withFrame<T>(
  { camera }: RoadCamera,
  { room, stop }: { room: FrameRoom; stop: AbortSignal },
  use: (frame: RawFrame) => Promise<T>,
): Promise<T> {
  using place = await room.enter(stop, camera.id);
  if (place === null) throw new TooManyWaiting();
  using frame = await camera.grab(stop);
  if (!place.grow(frame.size)) throw new TooManyWaiting();
  return await use(frame);
}

class TooManyWaiting extends Error {
  constructor() {
    super("too many pictures at once: nobody looked at this one");
  }
}

function reasonFor(cause: unknown): WithheldReason {
  if (cause instanceof TooManyWaiting) return "too-many-waiting";
  if (!(cause instanceof GatewayError)) return "detector-failed";
  if (cause.code === "CAMERA_TIMEOUT") return "camera-timeout";
  if (cause.code === "CAMERA_UNREACHABLE" || cause.code === "SECRET_UNREADABLE") return "camera-unreachable";
  if (cause.code === "PICTURE_REFUSED") return "picture-refused";
  if (cause.code === "SPOOL_FULL" || cause.code === "SPOOL_FAILED") return "disk-full";
  return "detector-failed";
}

/** The next step for a person who tests a camera. */
function hintFor(reason: WithheldReason): string {
  switch (reason) {
    case "no-detector":
    case "detector-failed":
    case "detector-timeout":
    case "canary-missed":
      return "Run `hedgerow doctor`: it looks at the face finder.";
    case "model-changed":
      return "Put the agreed model file back, or agree on the new one and write its sha256 into policy.yaml.";
    case "unsure":
      return "Is there enough light, and is the lens clean, uncovered and in focus?";
    case "picture-refused":
      return "Set the camera to JPEG pictures of at most 24 megapixels.";
    case "too-many-waiting":
      return "Try again in a minute; if it stays so, the machine is too slow for so many cameras.";
    case "camera-unreachable":
    case "camera-timeout":
      return "Is the camera plugged in, and is its address in kit.yaml right?";
    case "quiet":
      return "The policy lets it look at no such hour or place; see quiet in policy.yaml.";
    case "disk-full":
      return "Free some space on the disk.";
    case "policy":
    case "daily-budget":
      return "See what policy.yaml allows this camera.";
  }
}

// ROAD 2, whole: trigger → frame → image → spool. The frame lives in memory for the length of one call and is zeroed on
// leaving it; what cannot be redacted is withheld and counted (I1, I2, I5).
import type { RoadCamera } from "./camera-kit.ts";
import { Lane } from "./camera/lane.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import { GatewayError } from "./core/errors.ts";
import type { HouseFact, WithheldReason } from "./core/house-fact.ts";
import type { Log } from "./core/log.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { type Disclosure, discloseFact, discloseSnapshot } from "./privacy/disclose.ts";
import type { Redactor } from "./privacy/redactor.ts";
import type { Making, Spool } from "./spool/spool.ts";

type Deps = {
  readonly cameras: readonly RoadCamera[];
  readonly redactor: Redactor;
  readonly ledger: Ledger;
  readonly policySha256: string;
  readonly disclosure: Disclosure;
  readonly spool: Spool;
  readonly timezone: string;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** `trouble`: of the newest look; a camera that gave no picture, or a picture that was withheld. */
export type CameraHealth = {
  readonly takenToday: number;
  readonly isEnded: boolean;
  readonly trouble: { readonly of: "camera" | "picture"; readonly why: string } | null;
};

export type SnapshotRoad = AsyncDisposable & {
  /** A device saw motion: each camera it triggers looks, unless its lane refuses. Returns at once. */
  onMotion(deviceId: string): void;
  health(cameraId: string): CameraHealth | null;
};

export function openSnapshotRoad(deps: Deps): SnapshotRoad {
  const stopping = new AbortController();
  const kept = deps.spool.state("camera:");
  const lanes = deps.cameras.map(
    (camera) => new CameraLane(deps, camera, kept.get(`camera:${camera.settings.id}`), stopping.signal),
  );
  return {
    onMotion(deviceId) {
      for (const lane of lanes) if (lane.camera.settings.triggers.includes(deviceId)) lane.trigger();
    },
    health: (cameraId) => lanes.find(({ camera }) => camera.settings.id === cameraId)?.health() ?? null,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      // On a full disk a picture waits for room that may never come; it is not acknowledged to anybody.
      if (deps.spool.condition() === "ok") await Promise.allSettled(lanes.map((lane) => lane.idle));
    },
  };
}

class CameraLane {
  readonly camera: RoadCamera;
  readonly #deps: Deps;
  readonly #stop: AbortSignal;
  readonly #lane: Lane;
  #isBusy = false;
  #trouble: CameraHealth["trouble"] = null;
  /** Settles when the snapshot in hand, if any, has ended. */
  idle: Promise<void> = Promise.resolve();

  constructor(deps: Deps, camera: RoadCamera, kept: string | undefined, stop: AbortSignal) {
    this.#deps = deps;
    this.camera = camera;
    this.#stop = stop;
    const { cooldownS } = camera.settings;
    const { snapshotsPerDay, until } = camera.policy;
    this.#lane = new Lane(
      { cooldownMs: cooldownS * 1000, perDay: snapshotsPerDay, until },
      kept === undefined ? null : JSON.parse(kept),
    );
  }

  trigger(): void {
    const when = { today: this.#today(), monotonicMs: this.#deps.clock.monotonicMs() };
    const refusal = this.#isBusy ? "busy" : this.#lane.refuses(when);
    if (refusal !== null || this.#stop.aborted) {
      this.#deps.board.count(`snapshot.refused.${refusal ?? "stopping"}`);
      return;
    }
    this.#lane.begin(when.monotonicMs);
    this.#isBusy = true;
    this.idle = this.#look()
      .catch((cause: unknown) =>
        this.#deps.log.error({ camera: this.camera.settings.id, cause: String(cause) }, "snapshot was lost"),
      )
      .finally(() => {
        this.#isBusy = false;
      });
  }

  health(): CameraHealth {
    const today = this.#today();
    return { takenToday: this.#lane.takenOn(today), isEnded: today > this.camera.policy.until, trouble: this.#trouble };
  }

  async #look(): Promise<void> {
    const { id } = this.camera.settings;
    let dayCount: string | null = null;
    try {
      using frame = await this.camera.camera.grab(this.#stop);
      dayCount = JSON.stringify(this.#lane.countFrame(this.#today()));
      this.#deps.log.debug({ camera: id, bytes: frame.size }, "snapshot begins");
      const verdict = await this.#deps.redactor.redact(frame, this.camera.policy, this.#stop);
      if (verdict.kind === "withheld") {
        await this.#withhold(verdict.why, verdict.detail, dayCount);
        return;
      }
      const receipt = this.#deps.ledger.addReceipt(verdict.image, this.#deps.policySha256);
      const retentionMs = this.camera.policy.retentionHours * 3_600_000;
      const event = discloseSnapshot({ image: verdict.image, receipt, retentionMs }, this.#deps.disclosure);
      const image = { redacted: verdict.image, expiresAtMs: frame.takenAtMs + retentionMs };
      await this.#append({ event, image }, `snapshot.made.${verdict.image.content.outcome}`, dayCount);
      this.#trouble = null;
      this.#deps.log.info({ camera: id, outcome: verdict.image.content.outcome, ms: verdict.ms }, "snapshot redacted");
    } catch (cause) {
      await this.#withhold(reasonFor(cause), cause instanceof GatewayError ? cause.message : String(cause), dayCount);
    }
  }

  async #withhold(why: WithheldReason, detail: string, dayCount: string | null): Promise<void> {
    if (this.#stop.aborted) {
      this.#deps.board.count("snapshot.refused.stopping");
      return;
    }
    const cameraId = this.camera.settings.id;
    this.#trouble = { of: dayCount === null ? "camera" : "picture", why: detail };
    this.#deps.log.warn({ camera: cameraId, why, detail }, "snapshot withheld");
    const fact: HouseFact = { kind: "snapshot-withheld", cameraId, why, atMs: this.#deps.clock.nowMs() };
    await this.#append({ event: discloseFact(fact, this.#deps.disclosure) }, `snapshot.withheld.${why}`, dayCount);
  }

  #append(making: Making, counter: string, dayCount: string | null): Promise<void> {
    const state = dayCount === null ? {} : { [`camera:${this.camera.settings.id}`]: dayCount };
    return this.#deps.spool.append({ make: [making], state, counters: { [counter]: 1 } });
  }

  #today(): string {
    // sv-SE writes dates as YYYY-MM-DD.
    return new Intl.DateTimeFormat("sv-SE", { timeZone: this.#deps.timezone, dateStyle: "short" }).format(
      this.#deps.clock.nowMs(),
    );
  }
}

function reasonFor(cause: unknown): WithheldReason {
  if (!(cause instanceof GatewayError)) return "detector-failed";
  if (cause.code === "CAMERA_TIMEOUT") return "camera-timeout";
  if (cause.code === "CAMERA_UNREACHABLE" || cause.code === "SECRET_UNREADABLE") return "camera-unreachable";
  if (cause.code === "PICTURE_REFUSED") return "picture-refused";
  if (cause.code === "SPOOL_FULL" || cause.code === "SPOOL_FAILED") return "disk-full";
  return "detector-failed";
}

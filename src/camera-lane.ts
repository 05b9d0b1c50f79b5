// One camera at work: one look at a time, at most one trigger waiting behind it, the newest; each refusal is counted.
import type { RoadCamera } from "./camera-kit.ts";
import { Lane, parseDayCount, type LaneMoment, type TriggerBy } from "./camera/lane.ts";
import { dayIn, isOpen, type Sun, timesBetween } from "./core/day-times.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { CameraTest } from "./core/commands.ts";
import { GatewayError, messageOf } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import type { Quiet } from "./privacy/quiet.ts";
import type { SnapshotRoad, Trouble } from "./snapshot-road.ts";
import type { Spool } from "./spool/spool.ts";

export type LaneDeps = {
  readonly road: SnapshotRoad;
  readonly timezone: string;
  /** Of the site; null where gateway.yaml names no cell. */
  readonly sun: Sun | null;
  /** The policy's: where and when no camera looks. */
  readonly quiet: Quiet;
  /** Why a camera does not look, asked at each moment; see LaneMoment. */
  readonly heldBack?: (cameraId: string) => LaneMoment["held"];
  readonly spool: Pick<Spool, "earliestNowMs">;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

export type LookResult = { readonly outcome: "taken" | "withheld" | "refused"; readonly why: string | null };

/** `trouble`: of the newest look or self-check. `missed`: since the start, how often there was no picture, by reason. */
export type CameraHealth = {
  readonly takenToday: number;
  readonly isEnded: boolean;
  readonly held: LaneMoment["held"];
  readonly trouble: Trouble | null;
  readonly missed: Readonly<Record<string, number>>;
};

type Waiting = { readonly by: TriggerBy; readonly sinceMs: number; readonly settle: (result: LookResult) => void };

export class CameraLane {
  readonly camera: RoadCamera;
  readonly #deps: LaneDeps;
  readonly #stop: AbortSignal;
  readonly #lane: Lane;
  readonly #missed = new Map<string, number>();
  #isBusy = false;
  /** Ends the look in hand when a person pauses the camera; a fresh one from then on. */
  #pausing = new AbortController();
  /** Ends the self-check in hand: a picture does not wait for it. */
  #checking: { readonly abort: () => void; readonly ended: Promise<void> } | null = null;
  #waiting: Waiting | null = null;
  #trouble: Trouble | null = null;
  #seenMs = Number.NEGATIVE_INFINITY;
  /** Settles when what is in hand, if anything, has ended. */
  idle: Promise<unknown> = Promise.resolve();

  constructor(deps: LaneDeps, camera: RoadCamera, by: { kept: string | undefined; stop: AbortSignal }) {
    this.#deps = deps;
    this.camera = camera;
    this.#stop = by.stop;
    const { snapshotsPerDay: perDay, until } = camera.policy;
    const rule = { cooldownMs: camera.settings.cooldownS * 1000, perDay, until };
    this.#lane = new Lane(rule, by.kept === undefined ? null : parseDayCount(by.kept));
  }

  /** A look now, or after the one in hand. Resolves with what became of it; never rejects. */
  trigger(by: TriggerBy): Promise<LookResult> {
    if (this.#stop.aborted) return this.#refuse("stopping");
    const refusal = this.#lane.refuses(by, this.#moment());
    if (refusal !== null) return this.#refuse(refusal);
    if (!this.#isBusy) return this.#inTurn(() => this.#look());
    this.#checking?.abort();
    this.#waiting?.settle(this.#refused("replaced"));
    const { promise, resolve } = Promise.withResolvers<LookResult>();
    this.#waiting = { by, sinceMs: this.#deps.clock.monotonicMs(), settle: resolve };
    return promise;
  }

  /** One look for a person's eyes. Throws USAGE when it is paused, the policy's last day has passed or it is quiet, TOO_SOON while there is one in hand. */
  async test(stop: AbortSignal): Promise<CameraTest> {
    const { id } = this.camera.settings;
    const { today, isQuiet, held } = this.#moment();
    if (held === "paused")
      throw new GatewayError("USAGE", `camera ${id} is paused`, { hint: "Let it look again first." });
    if (this.#lane.isEnded(today))
      throw new GatewayError("USAGE", `the policy allowed camera ${id} until ${this.camera.policy.until} only`);
    if (isQuiet) throw new GatewayError("USAGE", `by the policy camera ${id} does not look here, or not at this hour`);
    await this.#endCheck();
    if (this.#isBusy)
      throw new GatewayError("TOO_SOON", `camera ${id} is taking a picture`, {
        hint: "Wait some seconds, then try again.",
      });
    const ends = AbortSignal.any([stop, this.#stop, this.#pausing.signal]);
    const test = await this.#inTurn(() => this.#deps.road.test(this.camera, ends));
    this.#learn(
      test.outcome === "withheld" ? { of: isCameras(test.reason) ? "camera" : "picture", why: test.detail } : null,
    );
    return test;
  }

  /**
   * The self-check, unless the newest evidence is younger than LIMITS.canaryAgeMs or the camera may not look. Of a camera that
   * sends by itself only its pictures are looked at.
   */
  async checkWhenDue(): Promise<void> {
    const { road, clock } = this.#deps;
    const { today, isOpen: mayLook, isQuiet, held } = this.#moment();
    const isDue = clock.monotonicMs() - this.#seenMs >= LIMITS.canaryAgeMs;
    const mayCheck = held === null && mayLook && !isQuiet && !this.#lane.isEnded(today);
    if (!isDue || this.#isBusy || !mayCheck || this.camera.camera.onPicture !== undefined) return;
    const checking = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#checking = { abort: () => checking.abort(), ended };
    const stop = AbortSignal.any([this.#stop, checking.signal]);
    try {
      this.#learn(await this.#inTurn(() => road.check(this.camera, stop)));
    } catch (cause) {
      if (!checking.signal.aborted) throw cause;
    } finally {
      this.#checking = null;
      end();
    }
  }

  async #endCheck(): Promise<void> {
    this.#checking?.abort();
    await this.#checking?.ended;
  }

  /** A camera that keeps a stream open keeps it only while it may look. One that a person has paused stops at once. */
  keepHours(): void {
    if (this.#moment().held === "paused") {
      this.#checking?.abort();
      this.#waiting?.settle(this.#refused("paused"));
      this.#waiting = null;
      this.#pausing.abort(new GatewayError("USAGE", `camera ${this.camera.settings.id} was paused`));
      this.#pausing = new AbortController();
    }
    this.camera.camera.rest?.(this.#lane.refuses("hand", this.#moment()) !== null);
  }

  /** The times of kit.yaml that fell between two moments of the wall clock. */
  isTimeFor(span: { readonly afterMs: number; readonly untilMs: number }): boolean {
    const { schedule } = this.camera.settings;
    return schedule !== undefined && timesBetween(schedule, span, this.#deps).length > 0;
  }

  health(): CameraHealth {
    const { today, held } = this.#moment();
    return {
      takenToday: this.#lane.takenOn(today),
      isEnded: this.#lane.isEnded(today),
      held,
      trouble: this.#trouble,
      missed: Object.fromEntries(this.#missed),
    };
  }

  close(): void {
    this.#waiting?.settle(this.#refused("stopping"));
    this.#waiting = null;
  }

  async #look(): Promise<LookResult> {
    const { road, clock, log } = this.#deps;
    this.#lane.begin(clock.monotonicMs());
    const counted = () => JSON.stringify(this.#lane.countFrame(this.#moment().today));
    try {
      const pausing = this.#pausing.signal;
      const look = await road.look(this.camera, counted, AbortSignal.any([this.#stop, pausing]));
      if (look.kind === "stopped") return { outcome: "refused", why: pausing.aborted ? "paused" : "stopping" };
      this.#learn(look.kind === "withheld" ? look.trouble : null);
      if (look.kind === "taken") return { outcome: "taken", why: null };
      this.#miss(look.reason);
      return { outcome: "withheld", why: look.reason };
    } catch (cause) {
      log.error({ camera: this.camera.settings.id, cause: messageOf(cause) }, "snapshot was lost");
      return { outcome: "withheld", why: "disk-full" };
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#isBusy = true;
    const running = work();
    this.idle = running.catch(() => undefined); // whoever asked hears it
    try {
      return await running;
    } finally {
      this.#isBusy = false;
      this.#next();
    }
  }

  /** What waited is looked at afresh: by now the budget may be used up, or what moved may be gone. */
  #next(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    const isLate = this.#deps.clock.monotonicMs() - waiting.sinceMs > LIMITS.motionFreshMs;
    void (isLate ? this.#refuse("too-late") : this.trigger(waiting.by)).then(waiting.settle);
  }

  #learn(trouble: Trouble | null): void {
    this.#trouble = trouble;
    this.#seenMs = this.#deps.clock.monotonicMs();
  }

  #moment(): LaneMoment {
    const { clock, timezone, spool, quiet } = this.#deps;
    const { schedule } = this.camera.settings;
    const nowMs = clock.nowMs();
    // While nobody has set the clock it is at least as late as the house has seen: the policy's last day is not undone by 1970.
    const dayMs = clock.isSynced() ? nowMs : Math.max(nowMs, spool.earliestNowMs());
    return {
      today: this.#lane.dayAt(dayIn(timezone, dayMs)),
      monotonicMs: clock.monotonicMs(),
      isOpen: schedule === undefined || isOpen(schedule, nowMs, this.#deps),
      isQuiet: quiet.isQuiet(this.camera.settings.zone, nowMs),
      held: this.#deps.heldBack?.(this.camera.settings.id) ?? null,
    };
  }

  #refuse(why: string): Promise<LookResult> {
    return Promise.resolve(this.#refused(why));
  }

  #refused(why: string): LookResult {
    this.#deps.board.count(`snapshot.refused.${why}`);
    this.#miss(why);
    return { outcome: "refused", why };
  }

  /** The reasons are a fixed set. */
  #miss(why: string): void {
    this.#missed.set(why, (this.#missed.get(why) ?? 0) + 1);
  }
}

function isCameras(reason: string): boolean {
  return reason === "camera-unreachable" || reason === "camera-timeout";
}

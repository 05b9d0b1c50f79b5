// One wired sensor, for as long as the kit has it: its line is opened, again if need be, and each change that stays becomes an
// arrival. A level is a state: it is told at the start and read again now and then, so that no missed edge lasts for ever.
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import type { DeviceSettings } from "../settings/schema.ts";
import { createDebounce } from "./gpio-debounce.ts";
import type { GpioLine, GpioLines, Level } from "./gpio-lines.ts";
import { EdgeQueue } from "./gpio-queue.ts";
import type { Take } from "./source.ts";

/** A device of the kit with a pin. `topic`: where its changes arrive, `gpio/<chip>/<pin>`. */
export type WiredDevice = Pick<DeviceSettings, "id" | "topic" | "chip" | "activeLow" | "debounceMs" | "pull"> & {
  readonly pin: number;
};

/** `isHeldBack`: whether `take` waits for a full disk. `limits`: shorter in tests. */
export type WireDeps = {
  readonly lines: GpioLines;
  readonly take: Take;
  readonly isHeldBack: () => boolean;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  readonly limits?: Partial<WireLimits>;
};

type WireLimits = Readonly<Record<"gpioRereadMs" | "gpioRetryMs" | "spoolFullRetryMs" | "gpioEdgesWaiting", number>>;

export type Wire = AsyncDisposable & {
  /** Tries a line that could not be had again at once. */
  retry(): void;
};

/** What arrives when the line cannot be had, on the topic below the device's own (devices/gpio.yaml reads it). */
const GONE = { below: "/line", payload: "gone" };

/** Starts at once; failures are logged and told as arrivals, and tried again. Closing waits for what is in hand. */
export function followWire(device: WiredDevice, deps: WireDeps): Wire {
  return new FollowedWire(device, deps);
}

class FollowedWire implements Wire {
  readonly #device: WiredDevice;
  readonly #deps: WireDeps;
  readonly #limits: WireLimits;
  readonly #stop = new AbortController();
  readonly #queue: EdgeQueue;
  readonly #running: Promise<void>;
  /** Aborted when there is something to do. */
  #bell = new AbortController();
  /** Why the line cannot be had, as last told; null while it can. */
  #trouble: string | null = null;

  constructor(device: WiredDevice, deps: WireDeps) {
    this.#device = device;
    this.#deps = deps;
    this.#limits = { ...LIMITS, ...deps.limits };
    this.#queue = new EdgeQueue({
      ...deps,
      edgesMax: this.#limits.gpioEdgesWaiting,
      retryMs: this.#limits.spoolFullRetryMs,
    });
    this.#running = this.#run();
  }

  retry(): void {
    if (this.#trouble !== null) this.#bell.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#queue[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#bell = new AbortController();
      try {
        await this.#follow();
      } catch (cause) {
        this.#tellTrouble(cause);
        await this.#waitForBell(this.#limits.gpioRetryMs);
      }
    }
  }

  /** Opens the line and follows it until it is to be opened anew (it resolves) or is gone (it rejects). */
  async #follow(): Promise<void> {
    const { pin, chip, activeLow = false, pull, debounceMs = LIMITS.gpioDebounceMs } = this.#device;
    const { lines, clock, board } = this.#deps;
    const early: { level: Level; atMs: number }[] = [];
    let see = (level: Level, atMs: number): void => void early.push({ level, atMs });
    await using line = await lines.open({ pin, chip, activeLow, pull }, (level, atMs) => see(level, atMs));
    const debounce = createDebounce({ level: await line.value(), debounceMs });
    this.#tellLevel(debounce.level(), clock.nowMs());
    this.#tellRelief();
    see = (level, atMs) => {
      if (debounce.see(level, atMs)) board.count("gpio.noise");
      this.#bell.abort();
    };
    for (const { level, atMs } of early) see(level, atMs);
    const gone = whenGone(line, () => this.#bell.abort());

    let rereadAtMs = clock.monotonicMs() + this.#limits.gpioRereadMs;
    while (!this.#stop.signal.aborted) {
      this.#bell = new AbortController();
      if (gone.why !== null)
        throw new GatewayError("GPIO_UNAVAILABLE", `the line of ${this.#device.id} is gone: ${gone.why}`);
      const nowMs = clock.nowMs();
      const settled = debounce.settle(nowMs);
      if (settled !== null) this.#tellLevel(settled.level, settled.atMs);
      if (clock.monotonicMs() >= rereadAtMs && debounce.wakeAtMs() === null) {
        if (!line.isReadable) return;
        rereadAtMs = clock.monotonicMs() + this.#limits.gpioRereadMs;
        const level = await line.value();
        // Also when it is what was told: that the line can be read is the sign of life of a sensor that says nothing.
        if (level === debounce.level()) this.#tellLevel(level, clock.nowMs());
        else see(level, clock.nowMs());
        continue;
      }
      const wakeAtMs = debounce.wakeAtMs();
      const waitMs = wakeAtMs === null ? rereadAtMs - clock.monotonicMs() : wakeAtMs - nowMs;
      await this.#waitForBell(Math.max(1, Math.ceil(waitMs)));
    }
  }

  async #waitForBell(ms: number): Promise<void> {
    await waitFor(ms, AbortSignal.any([this.#stop.signal, this.#bell.signal]));
  }

  #tellLevel(level: Level, atMs: number): void {
    this.#put({ below: "", payload: String(level), atMs });
  }

  #put({ below, payload, atMs }: { readonly below: string; readonly payload: string; readonly atMs: number }): void {
    const { id, topic } = this.#device;
    const login: Login = { kind: "device", id };
    this.#queue.put({
      topic: topic + below,
      payload: Buffer.from(payload),
      isReplay: false,
      login,
      receivedAtMs: atMs,
    });
  }

  #tellTrouble(cause: unknown): void {
    const why = messageOf(cause);
    // What goes wrong while closing is no news of the sensor.
    if (this.#stop.signal.aborted) return this.#deps.log.debug({ device: this.#device.id, why }, "wire closed badly");
    if (this.#trouble === null) this.#put({ ...GONE, atMs: this.#deps.clock.nowMs() });
    if (this.#trouble !== why) {
      const remedy = cause instanceof GatewayError ? cause.hint : undefined;
      this.#deps.log.warn({ device: this.#device.id, remedy }, `wired sensor not heard: ${why}`);
    }
    this.#trouble = why;
  }

  #tellRelief(): void {
    if (this.#trouble !== null) this.#deps.log.info({ device: this.#device.id }, "wired sensor heard again");
    this.#trouble = null;
  }
}

/** `why` is filled in, and `ring` called, when the line goes away by itself. */
function whenGone(line: GpioLine, ring: () => void): { readonly why: string | null } {
  const gone: { why: string | null } = { why: null };
  void line.ended.then((why) => {
    gone.why = why;
    ring();
  });
  return gone;
}

// Guessing is slowed down: each address waits longer after each wrong attempt, up to a bound that locks nobody out.
import { isIPv6 } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";

type Address = { failures: number; lastMs: number; waiting: number; turn: Promise<unknown> };

/** The waits; tests shrink them. */
export type AttemptDelays = { readonly attemptDelayMs: number; readonly attemptDelayMsMax: number };

export class Attempts {
  readonly #addresses = new Map<string, Address>();
  readonly #clock: Clock;
  readonly #delays: AttemptDelays;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ clock, delays = LIMITS }: { clock: Clock; delays?: AttemptDelays }) {
    this.#clock = clock;
    this.#delays = delays;
  }

  /**
   * Runs the attempt when it is its turn: attempts of one address one after another, after the wait that its earlier
   * failures earned, and one at a time in all (each takes 32 MiB). "too-many": more wait than LIMITS allow; nothing ran.
   * Throws what the attempt throws, and when `stop` aborts the wait.
   */
  async run(
    from: string,
    attempt: () => Promise<boolean>,
    stop: AbortSignal,
  ): Promise<"passed" | "failed" | "too-many"> {
    const address = this.#addressOf(from);
    if (address.waiting >= LIMITS.attemptsWaitingPerAddress || this.#waiting >= LIMITS.attemptsWaiting)
      return "too-many";
    address.waiting += 1;
    this.#waiting += 1;
    // Settled, not awaited: a failure reaches the caller of its own attempt, and the next in line does not stumble over it.
    const mine = address.turn.then(() => this.#take(address, attempt, stop));
    address.turn = Promise.allSettled([mine]);
    try {
      return (await mine) ? "passed" : "failed";
    } finally {
      address.waiting -= 1;
      this.#waiting -= 1;
    }
  }

  async #take(address: Address, attempt: () => Promise<boolean>, stop: AbortSignal): Promise<boolean> {
    const waitMs = delayMs(address.failures, this.#delays);
    if (waitMs > 0) await pause(waitMs, undefined, { signal: stop, ref: false });
    const mine = this.#turn.then(() => (stop.aborted ? false : attempt()));
    this.#turn = Promise.allSettled([mine]);
    const isRight = await mine;
    address.failures = isRight ? 0 : address.failures + 1;
    address.lastMs = this.#clock.monotonicMs();
    return isRight;
  }

  #addressOf(from: string): Address {
    const key = networkOf(from);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#addresses.get(key);
    const isFresh = known !== undefined && (known.waiting > 0 || nowMs - known.lastMs < LIMITS.attemptMemoryMs);
    const address = isFresh ? known : { failures: 0, lastMs: nowMs, waiting: 0, turn: Promise.resolve() };
    this.#addresses.delete(key);
    this.#addresses.set(key, address);
    const oldest = this.#addresses.keys().next().value;
    if (this.#addresses.size > LIMITS.attemptAddresses && oldest !== undefined) this.#addresses.delete(oldest);
    return address;
  }
}

/** The wait before the next attempt, in milliseconds, after so many failures in a row. */
export function delayMs(failures: number, { attemptDelayMs, attemptDelayMsMax }: AttemptDelays = LIMITS): number {
  if (failures < LIMITS.attemptsFree) return 0;
  return Math.min(attemptDelayMsMax, attemptDelayMs * 2 ** Math.min(failures - LIMITS.attemptsFree, 20));
}

/** An IPv4 address as it is; of IPv6 the /64, since one machine may take any address of it (RFC 4291, 2.5.1). */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}

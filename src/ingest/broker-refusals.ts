// Refused logins: how often each address may be told of, and how long a wrong password waits for its answer. A right one
// never waits, so nobody locks out a device behind the same router.
import type { Clock } from "../core/clock.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";

type Told = { count: number; untold: number; toldAtMs: number };

/** Counts what happens at each address, and says when a person should hear of it. Its memory is bounded. */
export class Refusals {
  /** The address that is quiet longest goes first. */
  readonly #byNetwork = new Map<string, Told>();
  readonly #clock: Clock;
  readonly #tellMs: number;

  /** `tellMs`: an address is told of once in this time, and is forgotten when it was quiet as long. */
  constructor({ clock, tellMs }: { clock: Clock; tellMs: number }) {
    this.#clock = clock;
    this.#tellMs = tellMs;
  }

  /** Counts one. `count`: in this time; `untold`: since it was last told, this one included, or 0 when it is not to be told now. */
  note(network: string): { readonly count: number; readonly untold: number } {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#byNetwork.get(network);
    const entry = known ?? { count: 0, untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    const isDue = nowMs - entry.toldAtMs >= this.#tellMs;
    if (isDue) entry.count = 0;
    entry.count += 1;
    entry.untold += 1;
    this.#byNetwork.delete(network);
    this.#byNetwork.set(network, entry);
    const [quietest] = this.#byNetwork.keys();
    if (this.#byNetwork.size > BROKER_LIMITS.refusedAddresses && quietest !== undefined)
      this.#byNetwork.delete(quietest);
    if (!isDue) return { count: entry.count, untold: 0 };
    const { untold } = entry;
    entry.untold = 0;
    entry.toldAtMs = nowMs;
    return { count: entry.count, untold };
  }
}

/** The wait before the answer to the n-th wrong login of an address. */
export function wrongLoginDelayMs(count: number): number {
  const { wrongLoginsFree, wrongLoginDelayMs: first, wrongLoginDelayMsMax: most } = BROKER_LIMITS;
  return count <= wrongLoginsFree ? 0 : Math.min(most, first * 2 ** Math.min(count - wrongLoginsFree - 1, 20));
}

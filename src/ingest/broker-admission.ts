// Sockets that have not logged in: how many there may be, and which one goes when another comes.
//
// They are counted apart from the connections of devices, so that nobody without a login takes a device's place. When all
// places are taken the address that has most loses its oldest: a flood from one address pushes out itself, and a sensor
// behind a flooded router, which says CONNECT within a round trip, is never the oldest.
import { BROKER_LIMITS } from "./broker-limits.ts";

/** A socket at the door; `destroy` ends it at once. */
export type Guest = { destroy(): void };

export class Admission {
  /** By address, each in the order of arrival. */
  readonly #guests = new Map<string, Map<Guest, NodeJS.Timeout>>();
  #count = 0;
  readonly #onDropped: () => void;
  readonly #waitMs: number;

  /** `onDropped`: a guest had to go for another. `waitMs`: a guest that has not logged in by then is no sensor. */
  constructor({ onDropped, waitMs }: { onDropped: () => void; waitMs: number }) {
    this.#onDropped = onDropped;
    this.#waitMs = waitMs;
  }

  /** `network`: as of core/network-of.ts. Ends the oldest guest of the address with most guests when there are too many. */
  enter(guest: Guest, network: string): void {
    const its = this.#guests.get(network) ?? new Map<Guest, NodeJS.Timeout>();
    this.#guests.set(network, its);
    its.set(guest, setTimeout(() => guest.destroy(), this.#waitMs).unref());
    this.#count += 1;
    if (this.#count <= BROKER_LIMITS.socketsBeforeLogin) return;
    const [crowd] = [...this.#guests].toSorted(([, a], [, b]) => b.size - a.size);
    const oldest = crowd?.[1].keys().next().value;
    if (crowd === undefined || oldest === undefined) return;
    this.leave(oldest, crowd[0]);
    this.#onDropped();
    oldest.destroy();
  }

  /** Ends all who are at the door. */
  close(): void {
    for (const its of this.#guests.values()) for (const guest of its.keys()) guest.destroy();
  }

  /** It has logged in, or is gone. */
  leave(guest: Guest, network: string): void {
    const its = this.#guests.get(network);
    clearTimeout(its?.get(guest));
    if (its?.delete(guest) !== true) return;
    this.#count -= 1;
    if (its.size === 0) this.#guests.delete(network);
  }
}

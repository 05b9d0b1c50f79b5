// Whose a client id is when two logins say it: so that nobody takes a neighbour's, nor keeps it from a device that was away.
import type { Login } from "../core/arrival.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";

/**
 * Remembers for how long each login held its client ids. Of two that say the same id the one that held it longer has it: a
 * neighbour who took it while its device was away has to go when the device is back. Its memory is bounded for each login,
 * so that nobody wears out what is known of others by saying many ids.
 */
export class ClientIds {
  /** Milliseconds by client id, the longest unused first, by login, the longest unused first. */
  readonly #heldMs = new Map<string, Map<string, number>>();

  /** A connection of this login with this id has ended. */
  note({ kind, id }: Login, clientId: string, heldMs: number): void {
    const key = `${kind} ${id}`;
    const its = this.#heldMs.get(key) ?? new Map<string, number>();
    const before = its.get(clientId) ?? 0;
    its.delete(clientId);
    its.set(clientId, before + heldMs);
    this.#heldMs.delete(key);
    this.#heldMs.set(key, its);
    const [oldestId] = its.keys();
    if (its.size > BROKER_LIMITS.clientIdsPerLogin && oldestId !== undefined) its.delete(oldestId);
    const [oldest] = this.#heldMs.keys();
    if (this.#heldMs.size > BROKER_LIMITS.pacedLogins && oldest !== undefined) this.#heldMs.delete(oldest);
  }

  heldMs({ kind, id }: Login, clientId: string): number {
    return this.#heldMs.get(`${kind} ${id}`)?.get(clientId) ?? 0;
  }
}

// How fast each login may speak. Who says more is read more slowly, whatever its quality of service: TCP then slows the
// sender down, and nothing that reached the socket is lost. Dropping QoS 0 instead would lose a motion that nobody counts
// on the device's side; a sender that cannot wait drops by itself.
import { BROKER_LIMITS } from "./broker-limits.ts";

export class Pace {
  /** When each login will have earned all that it said, in monotonic milliseconds; the longest unused goes first. */
  readonly #paidAtMs = new Map<string, number>();

  /** Milliseconds until `key` may say one more; 0 counts it as said. `perS`: messages a second. */
  waitMs(key: string, { perS, nowMs }: { readonly perS: number; readonly nowMs: number }): number {
    const paidAtMs = Math.max(nowMs, this.#paidAtMs.get(key) ?? 0);
    const waitMs = paidAtMs - nowMs - BROKER_LIMITS.burstS * 1000;
    if (waitMs > 0) return Math.ceil(waitMs);
    this.#paidAtMs.delete(key);
    this.#paidAtMs.set(key, paidAtMs + 1000 / perS);
    const [longest] = this.#paidAtMs.keys();
    if (this.#paidAtMs.size > BROKER_LIMITS.pacedLogins && longest !== undefined) this.#paidAtMs.delete(longest);
    return 0;
  }
}

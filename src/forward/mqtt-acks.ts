// What the platform's application has stored, as it says itself on ackTopic: the only acknowledgement that counts where one is set.
import { waitFor } from "../core/wait.ts";
import { settlementOf } from "./answer.ts";
import type { Delivery } from "./sink.ts";

/** Ids that were sent and are not named yet. Others are ignored: another gateway's, and those that were given back. */
export class AppAcks {
  readonly #expected = new Set<string>();
  #named = new Map<string, Delivery>();
  #progress = Promise.withResolvers<void>();

  /** Nothing is expected, and nothing was named. */
  begin(): void {
    this.#expected.clear();
    this.#named = new Map();
  }

  /** It leaves now, and counts from here on: an application may be faster than the broker's acknowledgement. */
  expect(id: string): void {
    this.#expected.add(id);
  }

  /** One message of ackTopic: JSON like the answer of interfaces.md §4, or one id alone. Anything else says nothing. */
  hear(payload: Buffer): void {
    if (this.#expected.size === 0) return;
    const before = this.#named.size;
    for (const [id, delivery] of this.#saidIn(payload)) if (this.#expected.delete(id)) this.#named.set(id, delivery);
    if (this.#named.size > before) this.#progress.resolve();
  }

  /** What was named of those expected: when all of `ids` are, when none was for `quietMs`, or at the signal. */
  async settled(ids: readonly string[], quietMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, Delivery>> {
    while (!signal.aborted && ids.some((id) => this.#expected.has(id))) {
      this.#progress = Promise.withResolvers<void>();
      const before = this.#named.size;
      const early = new AbortController();
      const quiet = waitFor(quietMs, AbortSignal.any([signal, early.signal]));
      await Promise.race([this.#progress.promise, quiet]);
      early.abort();
      if (this.#named.size === before) break;
    }
    return this.#named;
  }

  #saidIn(payload: Buffer): ReadonlyMap<string, Delivery> {
    const text = payload.toString("utf8").trim();
    if (this.#expected.has(text)) return new Map([[text, { kind: "accepted" }]]);
    // An empty answer accepts all of one request; here it belongs to none: a retained message that was taken back.
    const said = text === "" ? null : settlementOf(payload);
    return said === null || said === "all" ? new Map() : said;
  }
}

// One platform of the road's model: it outlives every crash of the gateway, does as it is told, and remembers all that it saw.
import type { Delivery, DeliveryReport, Sink } from "../../src/forward/sink.ts";
import type { Entry } from "../../src/spool/spool.ts";

/**
 * What it does with a delivery. `answer-lost`: stores all, and the answer never comes. `half`: stores and names the first half.
 * `reject`, `keep`: of every other entry. `hang`: until it is cut.
 */
export const MANNERS = ["accept", "half", "reject", "keep", "answer-lost", "away", "pause", "hang", "throw"] as const;
export type Manner = (typeof MANNERS)[number];

/** `offered`: called with each delivery before anything is done with it. `isAlive`: false once the gateway of this sink has died. */
type Needs = {
  readonly offered: (entries: readonly Entry[]) => void;
  readonly isAlive: () => boolean;
};

export class RoadPlatform {
  readonly id: string;
  #manner: Manner = "away";
  /** Bodies by id: what it stored, and what it refused for good. */
  readonly stored = new Map<string, string>();
  readonly rejected = new Map<string, string>();
  /** Sequences that it knows of: stored, rejected or named by a tombstone. */
  readonly seen = new Set<number>();

  constructor(id: string) {
    this.id = id;
  }

  behave(manner: Manner): void {
    this.#manner = manner;
  }

  sink({ offered, isAlive }: Needs): Sink {
    return {
      id: this.id,
      deliver: async (entries, image, stop) => {
        if (!isAlive()) return nothing("pause");
        offered(entries);
        const undeliverable = new Map<string, Delivery>();
        for (const { id, image: picture } of entries) {
          if (picture === undefined) continue;
          const isThere = await image(picture.sha256).then(
            (jpeg) => jpeg.length === picture.bytes,
            () => false,
          );
          if (!isThere) undeliverable.set(id, { kind: "undeliverable", why: "its picture is gone" });
        }
        if (!isAlive()) return nothing("pause");
        const report = await this.#answer(
          entries.filter(({ id }) => !undeliverable.has(id)),
          stop,
        );
        return { ...report, deliveries: new Map([...report.deliveries, ...undeliverable]) };
      },
    };
  }

  async #answer(entries: readonly Entry[], stop: AbortSignal): Promise<DeliveryReport> {
    switch (this.#manner) {
      case "accept":
        return named(
          entries,
          entries.map((entry) => this.#store(entry)),
        );
      case "half": {
        const first = entries.slice(0, Math.ceil(entries.length / 2));
        return named(
          first,
          first.map((entry) => this.#store(entry)),
        );
      }
      case "reject":
        return named(
          entries,
          entries.map((entry, at) => (at % 2 === 0 ? this.#reject(entry) : this.#store(entry))),
        );
      case "keep":
        return named(
          entries,
          entries.map((entry, at) => (at % 2 === 0 ? { kind: "kept" } : this.#store(entry))),
        );
      case "answer-lost":
        for (const entry of entries) this.#store(entry);
        return nothing("wait");
      case "away":
        return nothing("wait");
      case "pause":
        return nothing("pause");
      case "hang":
        await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
        return nothing("wait");
      case "throw":
        throw new TypeError("a mistake in the sink");
    }
  }

  #store({ id, sequence, type, body }: Entry): Delivery {
    this.stored.set(id, body);
    this.seen.add(sequence);
    if (type === "hedgerow.tombstone.v1") for (const gone of JSON.parse(body).data.sequences) this.seen.add(gone);
    return { kind: "accepted" };
  }

  #reject(entry: Entry): Delivery {
    // Nobody refuses a tombstone for good: who did would have been told of the loss all the same.
    if (entry.type === "hedgerow.tombstone.v1") return this.#store(entry);
    this.rejected.set(entry.id, entry.body);
    this.seen.add(entry.sequence);
    return { kind: "rejected", why: "no" };
  }
}

const nothing = (kind: "wait" | "pause"): DeliveryReport => ({
  deliveries: new Map(),
  next: kind === "wait" ? { kind, retryAfterMs: null, why: "away" } : { kind, why: "no" },
});

function named(entries: readonly Entry[], deliveries: readonly Delivery[]): DeliveryReport {
  const pairs = entries.flatMap(({ id }, at) => {
    const delivery = deliveries[at];
    return delivery === undefined ? [] : [[id, delivery] as const];
  });
  return { deliveries: new Map(pairs), next: { kind: "go-on" } };
}

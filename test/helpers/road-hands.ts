// What is handed to the road of the model and taken from it: appends, and the house's own care for hours and room.
import type { Clock } from "../../src/core/clock.ts";
import type { HouseFact } from "../../src/core/house-fact.ts";
import { silentLog } from "../../src/core/log.ts";
import { makeRoom } from "../../src/eviction.ts";
import { disclose, discloseFact, type ReadingDisclosure, type Event } from "../../src/privacy/disclose.ts";
import type { RedactedImage } from "../../src/privacy/redact.ts";
import type { Batch, Making, Spool } from "../../src/spool/spool.ts";
import { bury } from "../../src/tombstones.ts";
import { testDisclosure, testPolicy } from "./disclosure.ts";
import type { RoadBook } from "./road-book.ts";
import type { Step } from "./road-steps.ts";

const HOUR_MS = 3_600_000;
const KEPT_HOURS = 24;
const PICTURE_HOURS = 6;
/** Entries that one round of housekeeping takes. */
const AT_ONCE = 100;

/** `spool`: the one that is open now. `images`: pictures to choose from. */
type Needs = {
  readonly spool: () => Spool;
  readonly images: readonly RedactedImage[];
  readonly book: RoadBook;
  readonly clock: Clock;
};

export class RoadHands {
  readonly #needs: Needs;
  readonly #by: ReadingDisclosure;
  #made = 0;

  constructor(needs: Needs) {
    this.#needs = needs;
    const events = { motion: { mode: "each" }, retentionHours: KEPT_HOURS, timeBucketS: 1 };
    this.#by = testDisclosure({ clock: needs.clock, policy: testPolicy(events), zoneOf: (id) => id });
  }

  /** Resolves when acknowledged; `isBelieved`: asked then. */
  async append({ what, count }: Step & { do: "append" }, isBelieved: () => boolean): Promise<void> {
    const { book, spool } = this.#needs;
    const markers: string[] = [];
    const make: Making[] = [];
    for (let n = 0; n < count; n++) {
      const marker = `m${++this.#made}`;
      markers.push(marker);
      make.push({ event: this.#event(what, marker), ...(what === "picture" && { image: this.#picture() }) });
    }
    const keptMs = (what === "picture" ? PICTURE_HOURS : KEPT_HOURS) * HOUR_MS;
    book.handedOver(markers, { keptMs, isHouse: what === "status" });
    await spool().append({ make, counters: { "model.made": count } });
    if (isBelieved()) book.acknowledged(markers);
  }

  /** One round of what housekeeping does by the clock. */
  async keepHouse(): Promise<void> {
    const spool = this.#needs.spool();
    const nowMs = await spool.timeSettled();
    await this.#bury(spool, spool.expired(nowMs, AT_ONCE), "expired");
    await this.#bury(spool, spool.undeliverable(AT_ONCE), "erased", "undeliverable");
    await this.#bury(spool, spool.damaged(AT_ONCE), "erased", "damaged");
    await spool.sweepPictures(await spool.timeSettled());
    await spool.sweepDeadLetters(await spool.timeSettled());
    const { clock } = this.#needs;
    const evictFirst = ["snapshot", "light.level", "motion"] as const;
    await makeRoom({ evictFirst: [...evictFirst], spool, tell: this.#teller(spool), clock, log: silentLog });
    await spool.giveBack();
  }

  /** Every n-th of what waits, as for a policy that became tighter. */
  async erase(every: number): Promise<void> {
    const spool = this.#needs.spool();
    const waiting = spool.waiting({ after: 0, entriesMax: 1e6 }).filter(({ type }) => type !== "hedgerow.tombstone.v1");
    const sequences = waiting.filter((_, at) => at % every === 0).map(({ sequence }) => sequence);
    await this.#bury(spool, sequences, "erased", "policy");
  }

  async #bury(
    spool: Spool,
    sequences: readonly number[],
    how: NonNullable<Batch["discard"]>["how"],
    why?: "damaged" | "undeliverable" | "policy",
  ): Promise<void> {
    if (sequences.length === 0) return;
    const gone = { how, sequences, ...(why !== undefined && { why }) };
    await bury({ spool, tell: this.#teller(spool), clock: this.#needs.clock }, gone);
  }

  #teller(spool: Spool) {
    return async (fact: HouseFact, discard?: Batch["discard"]): Promise<void> => {
      if (fact.kind === "entries-gone") this.#needs.book.discards(fact.sequences, fact.how);
      const event = discloseFact(fact, this.#by);
      const counters = { "model.tombstones": 1 };
      await spool.append({ make: [{ event }], counters, ...(discard !== undefined && { discard }) });
    };
  }

  #event(what: (Step & { do: "append" })["what"], deviceId: string): Event {
    const atMs = this.#needs.clock.nowMs();
    if (what === "status")
      return discloseFact({ kind: "device-status", deviceId, state: "ok", flags: [], atMs }, this.#by);
    const reading =
      what === "motion"
        ? ({ kind: "motion", value: true, deviceId, atMs } as const)
        : ({ kind: "illuminance", value: this.#made, deviceId, atMs } as const);
    const disclosed = disclose(reading, this.#by);
    if (disclosed.kind !== "event") throw new Error("the model's policy withholds");
    return disclosed.event;
  }

  #picture(): NonNullable<Making["image"]> {
    const { images, clock } = this.#needs;
    const redacted = images[this.#made % images.length];
    if (redacted === undefined) throw new Error("the model has no pictures");
    return { redacted, expiresAtMs: clock.nowMs() + PICTURE_HOURS * HOUR_MS };
  }
}

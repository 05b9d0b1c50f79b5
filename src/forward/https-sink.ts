// Delivers entries over HTTPS (interfaces.md §4): signed batches of CloudEvents, each picture before its event.
//
// Choices, with their reasons:
// - One batch a call, so that what the platform has is settled on disk before the next leaves. A batch begins at an entry with a
//   picture, if it has one: a slow picture holds up nothing before it, and a cut link repeats one picture at most.
// - A picture that the spool cannot give (gone, damaged) makes its entry undeliverable: its event names bytes that nobody will
//   ever have, and waiting for them would block the queue for ever. A tombstone tells the platform of the hole.
// - A platform that refuses entry after entry with none accepted between is probably wrong itself: after LIMITS.refusedInARow
//   only one entry at a time is tried, at backoff's pace, so that neither does the queue die nor does it stand still.
import { LIMITS } from "../core/limits.ts";
import type { Entry } from "../spool/spool.ts";
import { isPictureReceipt, type Meaning, settlementOf } from "./answer.ts";
import { bodyOf, takeBatch } from "./batch.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";
import { pictureOf } from "./picture.ts";
import { openPlatformRequests, type PlatformNeeds, type PlatformRequests } from "./platform-requests.ts";
import type { Delivery, DeliveryReport, Next, Sink } from "./sink.ts";

/** Shrunk by tests; the rest of the world has LIMITS. */
export type HttpsSinkLimits = {
  readonly batchBytes: number;
  readonly batchEvents: number;
  readonly refusedInARow: number;
  readonly requestMs: number;
};

export type HttpsSinkNeeds = Omit<PlatformNeeds, "requestMs"> & { readonly limits?: Partial<HttpsSinkLimits> };

/** Reads the named files and opens the sink; nothing is sent yet. Throws SECRET_UNREADABLE, CERTIFICATE_UNUSABLE. */
export async function openHttpsSink(needs: HttpsSinkNeeds): Promise<Sink & AsyncDisposable> {
  const { batchBytes, batchEvents, refusedInARow, platformRequestMs } = LIMITS;
  const limits = { batchBytes, batchEvents, refusedInARow, requestMs: platformRequestMs, ...needs.limits };
  const requests = await openPlatformRequests({ ...needs, requestMs: limits.requestMs });
  return new HttpsSink({ id: needs.settings.id, limits, requests });
}

/** What one call of `deliver` has found out so far. `stored`: digests of the pictures that the platform took in this call. */
type Attempt = {
  readonly deliveries: Map<string, Delivery>;
  readonly stored: Set<string>;
  readonly image: (sha256: string) => Promise<Buffer>;
  readonly stop: AbortSignal;
};

const GO_ON: Next = { kind: "go-on" };

class HttpsSink implements Sink, AsyncDisposable {
  readonly id: string;
  readonly #limits: HttpsSinkLimits;
  readonly #requests: PlatformRequests;
  /** What the platform is known to take in one body; a 413 halves it, and FORWARD_LIMITS.ceilingBatches batches of that size double it again. */
  #bytesCeiling: number;
  #atCeiling = 0;
  /** What is sent in one body; a request without an answer halves it, an answer doubles it: a slow or broken link gets small batches. */
  #bytesMax: number;
  #refusedInARow = 0;

  constructor({ id, limits, requests }: { id: string; limits: HttpsSinkLimits; requests: PlatformRequests }) {
    this.id = id;
    this.#limits = limits;
    this.#requests = requests;
    this.#bytesCeiling = limits.batchBytes;
    this.#bytesMax = limits.batchBytes;
  }

  async deliver(entries: readonly Entry[], image: Attempt["image"], stop: AbortSignal): Promise<DeliveryReport> {
    const attempt: Attempt = { deliveries: new Map(), stored: new Set(), image, stop };
    const isDoubtful = this.#refusedInARow >= this.#limits.refusedInARow;
    const batch = takeBatch(entries, {
      bytesMax: this.#bytesMax,
      eventsMax: isDoubtful ? 1 : this.#limits.batchEvents,
    });
    const sentBefore = this.#requests.bytesSent();
    const next = await this.#send(batch, attempt);
    return { next, deliveries: attempt.deliveries, bytesSent: this.#requests.bytesSent() - sentBefore };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests[Symbol.asyncDispose]();
  }

  async #send(batch: readonly Entry[], attempt: Attempt): Promise<Next> {
    const [first] = batch;
    if (first === undefined) return GO_ON;
    const body = bodyOf(batch);
    const bytes = Buffer.byteLength(body);
    if (batch.length === 1 && bytes > this.#limits.batchBytes) {
      attempt.deliveries.set(first.id, {
        kind: "undeliverable",
        why: `an event of ${bytes} bytes is larger than a batch may be`,
      });
      return GO_ON;
    }
    if (first.image !== undefined && !attempt.stored.has(first.image.sha256)) {
      const next = await this.#sendPicture(first, first.image.sha256, attempt);
      if (next !== null) return next.kind === "go-on" ? this.#send(batch.slice(1), attempt) : next;
    }
    const meaning = await this.#requests.postEvents(body, attempt.stop);
    switch (meaning.kind) {
      case "understood":
        return this.#settle(batch, settlementOf(meaning.body, meaning.isPage), attempt);
      case "too-much":
        if (batch.length === 1) return this.#refuse(first, meaning.why, attempt);
        this.#bytesCeiling = Math.floor(bytes / 2);
        this.#bytesMax = this.#bytesCeiling;
        this.#atCeiling = 0;
        return this.#sendHalves(batch, attempt);
      case "refused":
        return batch.length === 1 ? this.#refuse(first, meaning.why, attempt) : this.#sendHalves(batch, attempt);
      case "wait":
        if (meaning.isCut) this.#bytesMax = Math.max(1, Math.floor(bytes / 2));
        return waitAs(meaning);
      case "pause":
        return meaning;
    }
  }

  async #sendHalves(batch: readonly Entry[], attempt: Attempt): Promise<Next> {
    const middle = Math.ceil(batch.length / 2);
    const next = await this.#send(batch.slice(0, middle), attempt);
    return next.kind === "go-on" ? this.#send(batch.slice(middle), attempt) : next;
  }

  /** Null when the platform has the picture; go-on when its entry is settled and the others may follow. */
  async #sendPicture(entry: Entry, sha256: string, attempt: Attempt): Promise<Next | null> {
    const picture = await pictureOf(sha256, attempt.image);
    if (picture.kind === "not-now") return { kind: "wait", retryAfterMs: null, why: picture.why };
    if (picture.kind === "gone") {
      attempt.deliveries.set(entry.id, { kind: "undeliverable", why: picture.why });
      return GO_ON;
    }
    const meaning = await this.#requests.putPicture({ jpeg: picture.jpeg, sha256 }, attempt.stop);
    switch (meaning.kind) {
      case "understood":
        if (!isPictureReceipt(meaning, sha256)) return strangeAnswer();
        attempt.stored.add(sha256);
        return null;
      case "too-much":
      case "refused":
        return this.#refuse(entry, `picture: ${meaning.why}`, attempt);
      case "wait":
        // On a link too slow for it, or that breaks before it is through, the picture waits on its own and the events go past.
        if (meaning.isCut) attempt.deliveries.set(entry.id, { kind: "kept" });
        return waitAs(meaning);
      case "pause":
        return meaning;
    }
  }

  #settle(batch: readonly Entry[], settlement: ReturnType<typeof settlementOf>, attempt: Attempt): Next {
    if (settlement === null) return strangeAnswer();
    const isNamed = ({ id }: Entry) => settlement === "all" || settlement.has(id);
    if (!batch.some(isNamed))
      return { kind: "wait", retryAfterMs: null, why: "the platform's answer names none of what was sent" };
    for (const { id } of batch) {
      attempt.deliveries.set(
        id,
        settlement === "all" ? { kind: "accepted" } : (settlement.get(id) ?? { kind: "kept" }),
      );
    }
    this.#refusedInARow = 0;
    if (this.#bytesMax >= this.#bytesCeiling && ++this.#atCeiling > FORWARD_LIMITS.ceilingBatches) {
      this.#bytesCeiling = Math.min(this.#bytesCeiling * 2, this.#limits.batchBytes);
      this.#atCeiling = 0;
    }
    this.#bytesMax = Math.min(this.#bytesMax * 2, this.#bytesCeiling);
    return GO_ON;
  }

  #refuse(entry: Entry, why: string, attempt: Attempt): Next {
    attempt.deliveries.set(entry.id, { kind: "rejected", why });
    this.#refusedInARow++;
    if (this.#refusedInARow < this.#limits.refusedInARow) return GO_ON;
    return {
      kind: "wait",
      retryAfterMs: null,
      why: `${why}; so were the ${this.#refusedInARow - 1} before it: is the address right?`,
    };
  }
}

function waitAs({ retryAfterMs, why }: Meaning & { kind: "wait" }): Next {
  return { kind: "wait", retryAfterMs, why };
}

function strangeAnswer(): Next {
  return {
    kind: "wait",
    retryAfterMs: null,
    why: "something answers that is not the platform (a log-in page of the network?)",
  };
}

// What the broker's answers mean for the entries, and what they say of the broker itself.
import { takeBatch } from "./batch.ts";
import { LIMITS } from "../core/limits.ts";
import type { Entry } from "../spool/spool.ts";
import type { Answer } from "./mqtt-in-flight.ts";
import { acknowledgedAs, type Ending, PACKET_TOO_LARGE, TOO_LARGE } from "./mqtt-reasons.ts";
import type { Delivery, DeliveryReport, Next } from "./sink.ts";

/** One entry's message and what came of it. `isPicture`: not the event itself. */
export type Sent = { readonly entry: Entry; readonly answer: Answer; readonly isPicture?: boolean };

export const GO_ON: Next = { kind: "go-on" };

export class Verdicts {
  readonly #refusedMax: number;
  #refusedInARow = 0;
  /** The connection was cut with several in flight: one of them may be the reason. */
  #isCareful = false;
  /** Null while the broker has not said. */
  #isHeard: boolean | null = null;

  constructor(refusedMax: number) {
    this.#refusedMax = refusedMax;
  }

  /** False when the broker said last that nobody listens. */
  get isHeard(): boolean {
    return this.#isHeard !== false;
  }

  /** What is sent together; one alone while there is reason to doubt an entry, or the broker. */
  batchOf(entries: readonly Entry[]): readonly Entry[] {
    const isSingle = this.#isCareful || this.#refusedInARow >= this.#refusedMax;
    return takeBatch(entries, { bytesMax: LIMITS.batchBytes, eventsMax: isSingle ? 1 : LIMITS.batchEvents });
  }

  /** In the order in which they were sent; what was not answered is not named. */
  judge(sent: readonly Sent[]): { readonly deliveries: Map<string, Delivery>; readonly next: Next } {
    const deliveries = new Map<string, Delivery>();
    let next = GO_ON;
    for (const each of sent) {
      const { entry, answer, isPicture = false } = each;
      const meaning = meaningOf(answer);
      if (meaning === null) continue;
      if (meaning.kind === "later") {
        next = next.kind === "pause" ? next : meaning.next;
      } else if (meaning.kind === "taken") {
        deliveries.set(entry.id, { kind: "accepted" });
        if (!isPicture) this.#took(meaning.isHeard);
      } else if (deliveries.size === 0 || this.#refusedInARow < this.#refusedMax) {
        deliveries.set(entry.id, { kind: "rejected", why: isPicture ? `picture: ${meaning.why}` : meaning.why });
        this.#refusedInARow += 1;
        // A broker that refuses one after the other is probably wrong itself: its queue does not become dead letters.
        if (this.#refusedInARow >= this.#refusedMax)
          next = later(`${meaning.why}; so were the ${this.#refusedInARow - 1} before it: is the prefix right?`);
      }
    }
    return { deliveries, next };
  }

  /**
   * The connection ended with these in flight. Of several, one alone is sent next. One alone was too large if the broker says so,
   * and else is kept back, since it would come first again.
   */
  cutAt(unanswered: readonly Sent[], { code }: Ending): readonly (readonly [string, Delivery])[] {
    const [only, ...others] = unanswered;
    if (only === undefined) return [];
    if (others.length > 0) {
      this.#isCareful = true;
      return [];
    }
    if (code !== PACKET_TOO_LARGE) return [[only.entry.id, { kind: "kept" }]];
    const why = only.isPicture === true ? `picture: ${TOO_LARGE}` : TOO_LARGE;
    return [[only.entry.id, { kind: "rejected", why }]];
  }

  #took(isHeard: boolean): void {
    this.#refusedInARow = 0;
    this.#isCareful = false;
    this.#isHeard = isHeard;
  }
}

/** Waiting at backoff's pace. */
export function later(why: string): DeliveryReport["next"] {
  return { kind: "wait", retryAfterMs: null, why };
}

function meaningOf(answer: Answer) {
  switch (answer.kind) {
    case "unsent":
    case "unanswered":
      return null;
    case "too-large":
      return { kind: "refused", why: `it is larger than the ${answer.bytesMax} bytes that the broker takes` } as const;
    case "acknowledged":
      return acknowledgedAs(answer.code);
  }
}

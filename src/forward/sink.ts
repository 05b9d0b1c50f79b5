// The sink port: one place that entries are delivered to.
import type { Entry } from "../spool/spool.ts";

/**
 * What the platform said of an entry. Obliges the caller: accepted and rejected leave the queue (rejected as dead letter with
 * the reason); undeliverable leaves it with a tombstone, since the platform never heard of it; kept stays, and is offered again after a while of its own, so that it does not hold up the others.
 */
export type Delivery =
  | { readonly kind: "accepted" }
  | { readonly kind: "rejected"; readonly why: string }
  | { readonly kind: "undeliverable"; readonly why: string }
  | { readonly kind: "kept" };

/**
 * How to go on: at once, after the wait the platform asked for (backoff when null), or, on a pause, one entry now and then until the
 * platform takes it: only a person cures what it refuses. A pause's `why` is the fact alone, 100 characters at most: pages show it.
 */
export type Next =
  | { readonly kind: "go-on" }
  | { readonly kind: "wait"; readonly retryAfterMs: number | null; readonly why: string }
  | { readonly kind: "pause"; readonly why: string };

/**
 * `deliveries`: by entry id. An entry that is not named stays as it was, untried or unanswered. `bytesSent`: what this call put on
 * the line, pictures and failed attempts included, headers by estimate; a cap of bytes per second is kept by it.
 */
export type DeliveryReport = {
  readonly deliveries: ReadonlyMap<string, Delivery>;
  readonly next: Next;
  readonly bytesSent?: number;
};

export type Sink = {
  readonly id: string;
  /**
   * Called by the pump, one call at a time per sink, with at least one entry in sequence order; may deliver only the first
   * few. `image` gives an entry's picture and throws when it is gone, or cannot be read just now (see
   * picture.ts). Never throws for what a platform or a network does;
   * each request ends within LIMITS.platformRequestMs or when `stop` aborts.
   */
  deliver(
    entries: readonly Entry[],
    image: (sha256: string) => Promise<Buffer>,
    stop: AbortSignal,
  ): Promise<DeliveryReport>;
  /**
   * Lets go of the line: outside the hours of `connect.between` no connection is held. Called by the pump between two calls of
   * `deliver`, at its start too; the next `deliver` connects again by itself. Never throws. A sink that holds no line has none.
   */
  rest?(): Promise<void>;
};

/**
 * `idle`: nothing was tried yet. `resting`: outside the hours in which it sends, until `untilMs` (wall time; left out where nobody
 * knows). `why`: for a person, while waiting, paused or resting. `sinceMs`: when the state began, wall time.
 */
export type SinkState = {
  readonly id: string;
  readonly state: "connected" | "waiting" | "paused" | "resting" | "idle";
  readonly why?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly lastAcceptedAtMs: number | null;
};

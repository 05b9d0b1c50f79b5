// The sink port: one place that entries are delivered to.
import type { Entry } from "../spool/spool.ts";

/** What the platform said of an entry. Obliges: accepted and rejected leave the queue (rejected as dead letter), kept stays. */
export type Delivery = { readonly kind: "accepted" } | { readonly kind: "rejected"; readonly why: string } | { readonly kind: "kept" };

export type DeliveryReport = {
  /** By entry id; an entry that is not named is kept. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** How to go on: at once, after a wait the platform asked for (or backoff when null), or not before a person acts. */
  readonly next: { readonly kind: "go-on" } | { readonly kind: "wait"; readonly retryAfterMs: number | null; readonly why: string } | { readonly kind: "pause"; readonly why: string };
};

export type Sink = {
  readonly id: string;
  /** Called by the pump, one call at a time per sink. Never throws for what a platform or network does; ends within LIMITS.platformRequestMs per request or when `stop` aborts. */
  deliver(entries: readonly Entry[], image: (sha256: string) => Promise<Buffer>, stop: AbortSignal): Promise<DeliveryReport>;
};

export type SinkState = {
  readonly id: string;
  readonly state: "connected" | "waiting" | "paused" | "idle";
  readonly why?: string;
  readonly lastAcceptedAtMs: number | null;
};

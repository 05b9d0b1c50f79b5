// A sink that does what a test says, and waits that are written down instead of waited for.
import type { Delivery, DeliveryReport, Next, Sink } from "../../src/forward/sink.ts";
import type { Entry } from "../../src/spool/spool.ts";

export const GO_ON: Next = { kind: "go-on" };
export const ACCEPTED: Delivery = { kind: "accepted" };

/** A sink that answers one delivery after the other as the script says, and accepts all when it has ended. */
export function scriptedSink(
  ...script: ((entries: readonly Entry[], stop: AbortSignal) => DeliveryReport | Promise<DeliveryReport>)[]
) {
  const offered: string[][] = [];
  const sink: Sink = {
    id: "main",
    async deliver(entries, _image, stop) {
      offered.push(entries.map(({ sequence }) => String(sequence)));
      const step = script.shift();
      return step === undefined ? all(entries) : step(entries, stop);
    },
  };
  return { sink, offered };
}

/** The same for all of them. */
export function all(entries: readonly Entry[], delivery: Delivery = ACCEPTED, next: Next = GO_ON): DeliveryReport {
  return { deliveries: new Map(entries.map(({ id }) => [id, delivery])), next };
}

/** Nothing settled. */
export const nothing = (next: Next) => (): DeliveryReport => ({ deliveries: new Map(), next });

/** Waits end at once and are written down. */
export function recordedWaits() {
  const waits: number[] = [];
  return { waits, wait: async (ms: number) => void waits.push(ms) };
}

/** Waits that last until the test ends the first that has not ended, or their signal does. */
export function heldWaits() {
  const waits: number[] = [];
  const ends: (() => void)[] = [];
  const watchers = new Set<() => void>();
  return {
    waits,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        waits.push(ms);
        ends.push(resolve);
        signal.addEventListener("abort", () => resolve());
        for (const watcher of watchers) watcher();
      }),
    end: () => ends.shift()?.(),
    /** Resolves when so many have begun. */
    begun: (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => waits.length >= count && resolve();
        watchers.add(look);
        look();
      }),
  };
}

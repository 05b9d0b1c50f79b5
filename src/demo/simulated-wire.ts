// The demo's wired sensor: a PIR on a simulated pin. It lives in the gateway's process, as a wire has no other way in.
import { systemClock } from "../core/clock.ts";
import { waitFor } from "../core/wait.ts";
import type { GpioLines } from "../ingest/gpio-lines.ts";
import { simulatedLines } from "../ingest/gpio-simulated.ts";
import { repeatedly } from "./simulated-time.ts";

/** As kit.yaml has it: a pin instead of a topic. */
export const DEMO_WIRED = {
  id: "cellar-pir",
  name: "Cellar motion",
  profile: "gpio/pir",
  pin: 17,
  zone: "cellar",
} as const;

/** Somebody goes down to the cellar every now and then, until it is closed or `stop` aborts. */
export function openSimulatedWire(stop: AbortSignal): AsyncDisposable & { readonly lines: GpioLines } {
  const lines = simulatedLines({ nowMs: () => systemClock.nowMs() });
  const closing = new AbortController();
  const over = AbortSignal.any([stop, closing.signal]);
  const wire = { chip: undefined, pin: DEMO_WIRED.pin };
  const visits = repeatedly(
    { firstMs: 2500, everyMs: 20_000 },
    async () => {
      lines.set(wire, 1);
      await waitFor(4000, over);
      lines.set(wire, 0);
    },
    over,
  );
  return {
    lines,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await visits;
    },
  };
}

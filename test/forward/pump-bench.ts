// A pump with an exact clock, no jitter, a silent log, and waits that end at once unless a test brings its own.
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPump, type Pump, type PumpNeeds } from "../../src/forward/pump.ts";
import type { MemorySpool } from "./memory-spool.ts";
import { recordedWaits } from "./scripted-sink.ts";
import { never } from "./sink-bench.ts";

export function pumpOf(
  more: Pick<PumpNeeds, "sink"> & Partial<PumpNeeds> & { readonly spool: MemorySpool },
  stop = never,
) {
  const board = new Board();
  const pump = openPump(
    { clock: systemClock, board, log: silentLog, random: () => 0, wait: recordedWaits().wait, ...more },
    stop,
  );
  return { pump, board };
}

/** Resolves when the pump's state is this. */
export async function reaches(pump: Pump, state: string): Promise<void> {
  const reached = Promise.withResolvers<void>();
  const look = () => {
    if (pump.state().state === state) reached.resolve();
  };
  const unwatch = pump.onChange(look);
  look();
  await reached.promise;
  unwatch();
}

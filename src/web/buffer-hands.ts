// What of the buffer and the platforms needs a hand: a disk that takes no more, a platform that is away, sums that do not hold.
import type { GatewayStatus } from "../core/commands.ts";
import { BUFFER_LIMITS } from "./buffer-limits.ts";
import type { Hand } from "./device-hands.ts";
import { diskWords } from "./disk-words.ts";
import { plainName } from "./html.ts";
import { countOf, durationOf } from "./words.ts";

const PAGE = "/buffer";

/** A disk that takes no more, or a buffer that will be full before somebody comes by. */
export function ofBuffer({ buffer }: GatewayStatus): readonly Hand[] {
  const { fact, next } = diskWords(buffer, []);
  if (fact !== null && next !== null) return [{ level: "act", what: fact, next, page: PAGE }];
  if (buffer.hoursLeft === null || buffer.hoursLeft >= BUFFER_LIMITS.hoursLeftMin) return [];
  return [
    {
      level: "act",
      what: `The buffer is full in about ${durationOf(buffer.hoursLeft * 3_600_000)}.`,
      next: "Check the internet connection at the site, so that the events can leave.",
    },
  ];
}

export function ofSink(
  sink: GatewayStatus["sinks"][number],
  { nowMs, status }: { nowMs: number; status: GatewayStatus },
): readonly Hand[] {
  const why = sink.why === null ? "" : ` (${plainName(sink.why)})`;
  if (sink.state === "paused") {
    return [
      {
        level: "act",
        what: `The platform ${sink.id} refuses this gateway${why}.`,
        next: "Ask the platform whether this gateway's key is registered. It is tried again every two minutes; meanwhile events wait in the buffer.",
        page: PAGE,
      },
    ];
  }
  const since = sink.since ?? sink.lastAcceptedAt ?? status.gateway.startedAt;
  const awayMs = nowMs - Date.parse(since);
  if (sink.state !== "waiting" || awayMs < BUFFER_LIMITS.awayMs) return [];
  return [
    {
      level: "watch",
      what: `The platform ${sink.id} has not been reached for ${durationOf(awayMs)}.`,
      next: "Is the router on, and does the internet work at the site? Meanwhile events wait in the buffer.",
      page: PAGE,
    },
  ];
}

export function ofDeadLetters({ buffer }: GatewayStatus): readonly Hand[] {
  if (buffer.deadLetters === 0) return [];
  return [
    {
      level: "watch",
      what: `The platform rejected ${countOf(buffer.deadLetters, "event")}; they are kept aside.`,
      next: "Tell the platform's operator; the page Buffer names them and the reasons.",
      page: `${PAGE}#rejected`,
    },
  ];
}

/** A sum that does not hold is a mistake of ours (promise 6): somebody has to tell us. */
export function ofConservation({ conservation: { readings, sinks } }: GatewayStatus): readonly Hand[] {
  if (readings.isBalanced && sinks.every(({ isBalanced }) => isBalanced)) return [];
  return [
    {
      level: "watch",
      what: "The gateway's own count does not add up: something may have gone without a word.",
      next: "This is a mistake in Hedgerow. Please report it, with the numbers on the page Buffer.",
      page: `${PAGE}#sums`,
    },
  ];
}

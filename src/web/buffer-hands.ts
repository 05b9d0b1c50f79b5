// What of the buffer and the platforms needs a hand: a disk that takes no more, a platform that is away, sums that do not hold.
import type { GatewayStatus } from "../core/commands.ts";
import type { Language } from "../languages/say.ts";
import { BUFFER_LIMITS } from "./buffer-limits.ts";
import type { Hand } from "./device-hands.ts";
import { diskWords } from "./disk-words.ts";
import { plainName } from "./html.ts";

const PAGE = "/buffer";

/** A disk that takes no more, or a buffer that will be full before somebody comes by. */
export function ofBuffer({ buffer }: GatewayStatus, language: Language): readonly Hand[] {
  const { fact, next } = diskWords(buffer, [], language);
  if (fact !== null && next !== null)
    return [{ level: "act", what: fact, next, page: PAGE, trouble: { kind: "disk-full", of: "" } }];
  if (buffer.hoursLeft === null || buffer.hoursLeft >= BUFFER_LIMITS.hoursLeftMin) return [];
  const time = language.span(buffer.hoursLeft * 3_600_000);
  return [
    {
      level: "act",
      what: language.say("verdict.buffer-full-soon", { time }),
      next: language.say("verdict.buffer-full-soon-next"),
      page: PAGE,
      trouble: { kind: "buffer-filling", of: "" },
    },
  ];
}

export function ofSink(
  { id: platform, state, why, since, lastAcceptedAt }: GatewayStatus["sinks"][number],
  { nowMs, status, language }: { nowMs: number; status: GatewayStatus; language: Language },
): readonly Hand[] {
  if (state === "paused") {
    return [
      {
        level: "act",
        what:
          why === null
            ? language.say("verdict.platform-refuses", { platform })
            : language.say("verdict.platform-refuses-why", { platform, why: plainName(why) }),
        next: language.say("verdict.platform-refuses-next"),
        page: PAGE,
        trouble: { kind: "platform-refuses", of: platform },
      },
    ];
  }
  const awayMs = nowMs - Date.parse(since ?? lastAcceptedAt ?? status.gateway.startedAt);
  if (state !== "waiting" || awayMs < BUFFER_LIMITS.awayMs) return [];
  return [
    {
      level: "watch",
      what: language.say("verdict.platform-away", { platform, time: language.span(awayMs) }),
      next: language.say("verdict.platform-away-next"),
      page: PAGE,
      trouble: { kind: "platform-away", of: platform },
    },
  ];
}

export function ofDeadLetters({ buffer }: GatewayStatus, language: Language): readonly Hand[] {
  if (buffer.deadLetters === 0) return [];
  const what = language.say("verdict.rejected", { count: buffer.deadLetters });
  return [{ level: "watch", what, next: language.say("verdict.rejected-next"), page: `${PAGE}#rejected` }];
}

/** A sum that does not hold is a mistake of ours (promise 6): somebody has to tell us. */
export function ofConservation(
  { conservation: { readings, sinks } }: GatewayStatus,
  language: Language,
): readonly Hand[] {
  if (readings.isBalanced && sinks.every(({ isBalanced }) => isBalanced)) return [];
  const [what, next] = [language.say("verdict.sums"), language.say("verdict.sums-next")];
  return [{ level: "watch", what, next, page: `${PAGE}#sums` }];
}

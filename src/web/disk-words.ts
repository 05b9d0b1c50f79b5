// How the buffer's disk is, in a word and a sentence, with what it means for sensors and what to do.
import type { GatewayStatus } from "../core/commands.ts";
import { type Language, languageOf } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { BUFFER_LIMITS } from "./buffer-limits.ts";
import type { Icon } from "./icons.ts";

/** `fact`: what is wrong, in short; null where nothing is. `next`: null where there is nothing to do. */
export type DiskWords = {
  readonly look: "good" | "late" | "bad";
  readonly shape: Icon;
  readonly word: string;
  readonly fact: string | null;
  readonly sentence: string;
  readonly next: string | null;
};

type EvictFirst = Policy["events"]["evictFirst"];

const CLASS_KEYS = {
  snapshot: "buffer.goes-snapshot",
  "light.level": "buffer.goes-light-level",
  "light.state": "buffer.goes-light-state",
  motion: "buffer.goes-motion",
} as const satisfies Record<EvictFirst[number], string>;

export function diskWords(
  { disk, bytes, bytesMax }: GatewayStatus["buffer"],
  evictFirst: EvictFirst,
  language: Language = languageOf("en"),
): DiskWords {
  const { say } = language;
  const share = bytes / bytesMax;
  const bad = { look: "bad", shape: "warning" } as const;
  switch (disk) {
    case "failed":
      return {
        ...bad,
        word: say("buffer.disk-failed"),
        fact: say("buffer.failed-fact"),
        sentence: say("buffer.failed-means"),
        next: say("buffer.failed-next"),
      };
    case "full": {
      // What a volunteer fears for is said wherever nothing can be taken.
      const full = { ...bad, word: say("buffer.disk-full"), sentence: say("buffer.sensors-wait") };
      return share >= BUFFER_LIMITS.ownShare
        ? { ...full, fact: say("buffer.full-fact"), next: say("buffer.full-next") }
        : { ...full, fact: say("buffer.other-fact"), next: say("buffer.other-next") };
    }
    case "ok": {
      const classes = evictFirst.length === 0 ? null : language.list(evictFirst.map((each) => say(CLASS_KEYS[each])));
      const isNearlyFull = share >= BUFFER_LIMITS.nearlyFullShare;
      const none = isNearlyFull ? "buffer.goes-now-none" : "buffer.goes-none";
      const some = isNearlyFull ? "buffer.goes-now" : "buffer.goes";
      return {
        ...(isNearlyFull ? ({ look: "late", shape: "stale" } as const) : ({ look: "good", shape: "ok" } as const)),
        word: say(isNearlyFull ? "buffer.disk-nearly-full" : "buffer.disk-well"),
        fact: null,
        sentence: classes === null ? say(none) : say(some, { classes }),
        next: null,
      };
    }
  }
}

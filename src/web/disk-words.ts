// How the buffer's disk is, in a word and a sentence, with what it means for sensors and what to do.
import type { GatewayStatus } from "../core/commands.ts";
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

const CLASS_WORDS: Record<EvictFirst[number], string> = {
  snapshot: "pictures",
  "light.level": "light levels",
  "light.state": "states of lamps",
  motion: "movements",
};

/** Said wherever nothing can be taken: it is what a volunteer fears for. */
const SENSORS_WAIT =
  "Sensors get no answer: most keep what they have to say, and send it again by themselves. No picture is made meanwhile.";

export function diskWords({ disk, bytes, bytesMax }: GatewayStatus["buffer"], evictFirst: EvictFirst): DiskWords {
  const share = bytes / bytesMax;
  switch (disk) {
    case "failed":
      return {
        look: "bad",
        shape: "warning",
        word: "failed",
        fact: "The disk refused a write.",
        sentence: "The gateway ends, and starts again by itself. What was acknowledged is on the disk.",
        next: "If this comes again, the SD card is worn out: put in another one.",
      };
    case "full":
      return share >= BUFFER_LIMITS.ownShare
        ? {
            look: "bad",
            shape: "warning",
            word: "full",
            fact: "The buffer is full: nothing more is taken in.",
            sentence: SENSORS_WAIT,
            next: "Check the internet connection at the site. Once events can leave, there is room again by itself.",
          }
        : {
            look: "bad",
            shape: "warning",
            word: "full",
            fact: "The disk has hardly any room left, and not because of the buffer: nothing more is taken in.",
            sentence: SENSORS_WAIT,
            next: "Ask whoever set up this box to delete what is not needed from its disk. It goes on by itself then.",
          };
    case "ok":
      return share >= BUFFER_LIMITS.nearlyFullShare
        ? {
            look: "late",
            shape: "stale",
            word: "nearly full",
            fact: null,
            sentence: whenNearlyFull(evictFirst),
            next: null,
          }
        : { look: "good", shape: "ok", word: "well", fact: null, sentence: whenFull(evictFirst), next: null };
  }
}

function whenNearlyFull(evictFirst: EvictFirst): string {
  if (evictFirst.length === 0)
    return "The policy lets nothing be deleted to make room. When it is full, sensors have to wait.";
  return `The oldest go unsent now, to make room: ${inOrder(evictFirst)}. The platform is told which.`;
}

function whenFull(evictFirst: EvictFirst): string {
  if (evictFirst.length === 0)
    return "If it ever fills up, nothing in it is deleted: sensors have to wait, and send again.";
  return `If it ever fills up, the oldest go first: ${inOrder(evictFirst)}.`;
}

/** "pictures, then light levels" */
function inOrder(evictFirst: EvictFirst): string {
  return evictFirst.map((each) => CLASS_WORDS[each]).join(", then ");
}

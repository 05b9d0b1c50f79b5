// What the sensors tell by a policy, in sentences short enough for the sign; words.ts has the same at length.
import type { Language } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { countWindowS, toldMotion } from "./compare-events.ts";

/** Motion, light, the sensors' state, in this order. */
export function toldSentences({ events }: Policy, { say, seconds }: Language): readonly string[] {
  return [
    motionSentence(events, { say, seconds }),
    say(events.light ? "sign.light-told" : "sign.light-none"),
    say("sign.state"),
  ];
}

function motionSentence(events: Policy["events"], { say, seconds }: Pick<Language, "say" | "seconds">): string {
  const { timeBucketS } = events;
  const motion = toldMotion(events);
  switch (motion.mode) {
    case "none":
      return say("sign.motion-none");
    case "each":
      return say("sign.motion-each", { step: seconds(timeBucketS) });
    case "counts": {
      const window = seconds(countWindowS({ timeBucketS }, motion));
      if (motion.atLeast === 1) return say("sign.motion-counts-all", { window });
      return say("sign.motion-counts", { window, least: motion.atLeast });
    }
  }
}

/** Whether there are places or times of which nothing is told. */
export function isQuietSomewhere({ quiet }: Policy): boolean {
  return quiet.zones.length + quiet.hours.length > 0;
}

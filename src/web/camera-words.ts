// What a camera is and when it looks, in a reader's language; why there was no picture, and the steps of a test picture.
import type { CameraTest, CameraView } from "../core/commands.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { timeOfDay } from "../policy/time-words.ts";

const SOURCES: ReadonlyMap<string, MessageKey> = new Map([
  ["rtsp", "camera.source-rtsp"],
  ["http-snapshot", "camera.source-http-snapshot"],
  ["mjpeg", "camera.source-mjpeg"],
  ["mqtt", "camera.source-mqtt"],
  ["folder", "camera.source-folder"],
  ["v4l2", "camera.source-v4l2"],
  ["rpicam", "camera.source-rpicam"],
  ["file", "camera.source-file"],
]);

/** The kind of its source for people; a kind without words is shown as it is. */
export function sourceWords(source: string, { say }: Language): string {
  const key = SOURCES.get(source);
  return key === undefined ? source : say(key);
}

/** "It looks from sunset to sunrise only.", "It takes a picture each day at these times: 22:00.": a sentence for each rule. */
export function scheduleWords({ schedule }: Pick<CameraView, "schedule">, language: Language): readonly string[] {
  const { between = null, at = [] } = schedule ?? {};
  const words = (time: string) => timeOfDay(time, language);
  const hours =
    between === null
      ? language.say("camera.looks-any-hour")
      : language.say("camera.looks-between", { from: words(between[0]), to: words(between[1]) });
  if (at.length === 0) return [hours];
  return [hours, language.say("camera.looks-at", { times: language.list(at.map(words)) })];
}

const NEXT_STEPS: Record<CameraView["state"], MessageKey | null> = {
  ok: null,
  paused: null,
  "no-policy": "camera.next-no-policy",
  ended: "camera.next-ended",
  unreachable: "camera.next-unreachable",
  withheld: "camera.next-withheld",
  "cannot-see": "camera.next-cannot-see",
};

/** The one next step for a camera that gives no picture that may leave; null where there is nothing to do. */
export function nextStep({ state }: CameraView, { say }: Language): string | null {
  const key = NEXT_STEPS[state];
  return key === null ? null : say(key);
}

/** Why there is no picture, by the names of counters, and what a person can do about it; null: nothing, or it goes by itself. */
const REASONS: ReadonlyMap<string, readonly [why: MessageKey, step: MessageKey | null]> = new Map<
  string,
  readonly [why: MessageKey, step: MessageKey | null]
>([
  ["no-detector", ["camera.why-no-detector", "camera.do-no-detector"]],
  ["detector-failed", ["camera.why-detector-failed", "camera.do-no-detector"]],
  ["detector-timeout", ["camera.why-detector-timeout", "camera.do-too-many-waiting"]],
  ["canary-missed", ["camera.why-canary-missed", "camera.do-unsure"]],
  ["model-changed", ["camera.why-model-changed", "camera.do-model-changed"]],
  ["too-many-waiting", ["camera.why-too-many-waiting", "camera.do-too-many-waiting"]],
  ["unsure", ["camera.why-unsure", "camera.do-unsure"]],
  ["picture-refused", ["camera.why-picture-refused", "camera.do-picture-refused"]],
  ["camera-unreachable", ["camera.why-camera-unreachable", "camera.do-camera-unreachable"]],
  ["camera-login", ["camera.why-camera-login", "camera.do-camera-login"]],
  ["camera-path", ["camera.why-camera-path", "camera.do-camera-path"]],
  ["camera-timeout", ["camera.why-camera-timeout", "camera.do-camera-timeout"]],
  ["policy", ["camera.why-policy", "camera.do-policy"]],
  ["quiet", ["camera.why-quiet", "camera.do-quiet"]],
  ["daily-budget", ["camera.why-daily-budget", "camera.do-daily-budget"]],
  ["disk-full", ["camera.why-disk-full", "camera.do-disk-full"]],
  ["outside-schedule", ["camera.why-outside-schedule", null]],
  ["cooldown", ["camera.why-cooldown", null]],
  ["replaced", ["camera.why-replaced", null]],
  ["too-late", ["camera.why-too-late", null]],
  ["stopping", ["camera.why-stopping", null]],
  ["paused", ["camera.why-paused", null]],
  ["draft", ["camera.why-draft", null]],
]);

/** Why there is no picture and the next step, by the name of a counter; null for a name that no gateway says. */
export function noPicture(
  reason: string,
  { say }: Language,
): { readonly why: string; readonly step: string | null } | null {
  const found = REASONS.get(reason);
  if (found === undefined) return null;
  const [why, step] = found;
  return { why: say(why), step: step === null ? null : say(step) };
}

const STEPS: ReadonlyMap<string, MessageKey> = new Map([
  ["grab", "camera.step-grab"],
  ["wait", "camera.step-wait"],
  ["decode", "camera.step-decode"],
  ["canary", "camera.step-canary"],
  ["detect", "camera.step-detect"],
  ["judge", "camera.step-judge"],
  ["paint", "camera.step-paint"],
  ["encode", "camera.step-encode"],
  ["again", "camera.step-again"],
]);

/** The steps of a look in the order in which they were timed, with their share of the longest, 0 to 1; the total apart. */
export function stepsOf(
  { ms }: Pick<CameraTest, "ms">,
  { say }: Language,
): {
  readonly steps: readonly { readonly name: string; readonly ms: number; readonly share: number }[];
  readonly totalMs: number;
} {
  const { total, ...each } = ms;
  const longest = Math.max(1, ...Object.values(each));
  const steps = Object.entries(each).map(([step, took]) => {
    const key = STEPS.get(step);
    return { name: key === undefined ? step : say(key), ms: took, share: took / longest };
  });
  return { steps, totalMs: total ?? Object.values(each).reduce((sum, took) => sum + took, 0) };
}

/** What became of a picture that was asked for by hand; null for what no gateway says, since anybody may write an address. */
export function lookWords(
  { look, why }: { readonly look: string | undefined; readonly why: string | undefined },
  language: Language,
): { readonly isGood: boolean; readonly words: readonly string[] } | null {
  const reason = why === undefined ? null : noPicture(why, language);
  const more = reason === null ? [] : [reason.why];
  switch (look) {
    case "taken":
      return { isGood: true, words: [language.say("camera.looked-taken")] };
    case "withheld":
      return { isGood: false, words: [language.say("camera.looked-withheld"), ...more] };
    case "refused":
      return { isGood: false, words: [language.say("camera.looked-refused"), ...more] };
    case undefined:
    default:
      return null;
  }
}

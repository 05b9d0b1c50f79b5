// What a camera is and when it looks, in words; and the steps and outcomes of a test picture.
import type { CameraTest, CameraView } from "../core/commands.ts";
import { reasonWords } from "./counter-words.ts";

const SOURCES: Readonly<Record<string, string>> = {
  rtsp: "a video stream (RTSP), of which single pictures are taken",
  "http-snapshot": "gives one picture when it is asked (HTTP)",
  mjpeg: "a stream of pictures (MJPEG), of which one is taken",
  mqtt: "sends its pictures by itself (MQTT)",
  folder: "puts its pictures into a folder, where each is read and erased",
  v4l2: "plugged into the gateway by USB",
  rpicam: "the Raspberry Pi's own camera",
  file: "a picture that another program writes",
};

/** The kind of its source for people; a kind without words is shown as it is. */
export function sourceWords({ source }: CameraView): string {
  return SOURCES[source] ?? source;
}

/** "It looks from sunset to sunrise only; it takes a picture at 22:00 each day." */
export function scheduleWords({ schedule }: CameraView): string {
  const { between = null, at = [] } = schedule ?? {};
  const hours =
    between === null
      ? "It may look at any hour"
      : `It looks from ${timeWords(between[0])} to ${timeWords(between[1])} only`;
  const times = at.map(timeWords);
  const last = times.pop();
  if (last === undefined) return `${hours}.`;
  return `${hours}; it takes a picture at ${times.length === 0 ? last : `${times.join(", ")} and ${last}`} each day.`;
}

/** A time as kit.yaml writes it: 22:00, sunset, sunset+30. */
export function timeWords(time: string): string {
  const [, sun, minutes] = /^(sun(?:set|rise))([+-]\d+)$/.exec(time) ?? [];
  if (sun === undefined || minutes === undefined) return time;
  const count = Math.abs(Number(minutes));
  return `${count} ${count === 1 ? "minute" : "minutes"} ${minutes.startsWith("-") ? "before" : "after"} ${sun}`;
}

/** The one next step for a camera that gives no picture that may leave; null where there is nothing to do. */
export function nextStep({ state }: CameraView): string | null {
  switch (state) {
    case "ok":
      return null;
    case "no-policy":
      return "agree on it, write its purpose and last day below cameras in policy.yaml, and restart the gateway.";
    case "ended":
      return "take the camera down, or agree on a new last day and write it into policy.yaml.";
    case "unreachable":
      return "take a test picture: it says what to do. If the camera does not answer: is it plugged in? Its lamp should be lit.";
    case "withheld":
      return "is the lens clean, and is there light? A test picture shows what is found now.";
    case "cannot-see":
      return "take a test picture by daylight. If that fails too, restart the gateway: unplug it, wait ten seconds, plug it in again.";
  }
}

const STEPS: Readonly<Record<string, string>> = {
  grab: "Asking the camera",
  wait: "Waiting for the face finder",
  decode: "Unpacking and masks",
  canary: "Self-test with a known face",
  detect: "Looking for faces",
  judge: "Could it see at all?",
  paint: "Painting over",
  encode: "Packing",
  again: "Looking once more",
};

/** The steps of a look in the order in which they were timed, with their share of the longest, 0 to 1; the total apart. */
export function stepsOf({ ms }: CameraTest): {
  readonly steps: readonly { readonly name: string; readonly ms: number; readonly share: number }[];
  readonly totalMs: number;
} {
  const { total, ...each } = ms;
  const longest = Math.max(1, ...Object.values(each));
  const steps = Object.entries(each).map(([step, took]) => ({
    name: STEPS[step] ?? step,
    ms: took,
    share: took / longest,
  }));
  return { steps, totalMs: total ?? Object.values(each).reduce((sum, took) => sum + took, 0) };
}

/** What became of a picture that was asked for by hand; null for what no gateway says, since anybody may write an address. */
export function lookWords(
  outcome: string | undefined,
  why: string | undefined,
): { isGood: boolean; words: string } | null {
  const known = why === undefined || reasonWords(why) === why ? "" : `: ${reasonWords(why)}`;
  switch (outcome) {
    case "taken":
      return {
        isGood: true,
        words: "The picture was taken, and it counts for today. It is kept and sent as the policy says.",
      };
    case "withheld":
      return { isGood: false, words: `The picture was withheld${known}. Nothing of it left or was kept.` };
    case "refused":
      return { isGood: false, words: `No picture was taken${known}.` };
    case undefined:
    default:
      return null;
  }
}

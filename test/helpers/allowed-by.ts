// What of an event a policy does not allow, read from the policy as a resident would: written apart from src/, to judge it.
import { isOpen, type Sun } from "../../src/core/day-times.ts";
import type { Policy } from "../../src/settings/schema.ts";

export type SentEvent = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Of what the test knows and the platform does not. `zone`, `sensesMotion`, `cameraId`: of the thing that the event is about. */
type Behind = {
  readonly zone?: string | undefined;
  readonly sensesMotion?: boolean | undefined;
  readonly cameraId?: string | undefined;
  readonly timezone: string;
  readonly sun: Sun | null;
};

const ENVELOPE =
  "specversion id source type subject time recordedtime expirytime dataschema dataclassification sequence datacontenttype data";
const DATA: Readonly<Record<string, string>> = {
  "motion.detected": "zone",
  "motion.count": "zone count from to",
  "light.level": "zone lux category",
  "light.state": "zone on brightnessPct",
  "light.fault": "zone fault present",
  "device.status": "zone state flags batteryPct linkPct",
  "snapshot.redacted": "zone sha256 width height outcome regions receipt",
  "snapshot.withheld": "zone reason",
  tombstone: "how why sequences",
  "gateway.status": "state version devices",
  "policy.changed": "change policy tighter looser noticeHours",
  "erasure.requested": "subjects from to",
};
const STREET = /^(motion|light|snapshot)\./;
const SAMPLES = 12;

/** Empty where the policy allows all of it. */
export function breachesOf(event: SentEvent, policy: Policy, behind: Behind): string[] {
  const { events, quiet, cameras } = policy;
  const kind = /^hedgerow\.(.*)\.v1$/.exec(event.type)?.[1] ?? "";
  const keys = DATA[kind];
  const found: string[] = [];
  const forbid = (isBreach: boolean, what: string): void => {
    if (isBreach) found.push(`${kind}: ${what}`);
  };
  if (keys === undefined) return [`no such type: ${event.type}`];

  const envelope = [...ENVELOPE.split(" "), ...(kind === "snapshot.redacted" ? ["dataref"] : [])];
  for (const key of Object.keys(event)) forbid(!envelope.includes(key), `the attribute ${key}`);
  for (const key of Object.keys(event.data))
    forbid(![...keys.split(" "), "clock", "cell"].includes(key), `the field ${key}`);
  forbid("batteryPct" in event.data && !events.fields.batteryPct, "its battery");
  forbid("linkPct" in event.data && !events.fields.linkPct, "its link");

  const bucketMs = events.timeBucketS * 1000;
  const times = [event["time"], event["recordedtime"], event["expirytime"], event.data["from"], event.data["to"]];
  for (const time of times.filter((each) => each !== undefined).map(textOf))
    forbid(Date.parse(time) % bucketMs !== 0, `${time} is finer than ${events.timeBucketS} s`);
  forbid(textOf(event.data["cell"] ?? "").length > events.cellLetters, `the cell ${textOf(event.data["cell"])}`);
  forbid(!events.zones && (event.data["zone"] ?? "site") !== "site", `the zone ${textOf(event.data["zone"])}`);

  const { mode } = events.motion;
  forbid(kind === "motion.detected" && mode !== "each", "motion one by one");
  // Where motion is told one by one, a count says less than that.
  forbid(kind === "motion.count" && mode === "none", "counts of motion");
  if (kind === "motion.count" && events.motion.mode === "counts") {
    const { windowS, atLeast } = events.motion;
    const lengthMs = Date.parse(String(event.data["to"])) - Date.parse(String(event.data["from"]));
    forbid(Number(event.data["count"]) < atLeast, `a count of ${String(event.data["count"])}`);
    forbid(lengthMs <= windowS * 1000 - bucketMs, `a window of ${lengthMs} ms`);
  }
  forbid(kind.startsWith("light.") && !events.light, "light");
  const isWatched = mode !== "each" && !events.lightOfMotionSensors && behind.sensesMotion !== false;
  forbid(kind === "light.level" && isWatched, "the light of what senses motion");

  if (STREET.test(kind)) {
    const zones = [event.data["zone"], behind.zone].filter((zone) => typeof zone === "string");
    forbid(
      zones.some((zone) => quiet.zones.includes(zone)),
      `something of the quiet zone ${zones.join(" or ")}`,
    );
    forbid(isAllQuiet(event, policy, behind), "something of a quiet hour");
  }
  if (kind.startsWith("snapshot."))
    forbid(!Object.hasOwn(cameras, behind.cameraId ?? ""), `a picture of the camera ${behind.cameraId}`);
  return found;
}

/** What is no text is judged as it is written. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Whether it cannot have happened at another time: the bucket may hold quiet moments and others. */
function isAllQuiet(event: SentEvent, { quiet, events }: Policy, when: Behind): boolean {
  const from = Date.parse(String(event.data["from"] ?? event["time"]));
  const to = Date.parse(String(event.data["to"] ?? event["time"])) + events.timeBucketS * 1000;
  const moments = Array.from({ length: SAMPLES }, (_, n) => from + ((to - from) * n) / SAMPLES);
  return quiet.hours.length > 0 && moments.every((ms) => quiet.hours.some((span) => isOpen(span, ms, when)));
}

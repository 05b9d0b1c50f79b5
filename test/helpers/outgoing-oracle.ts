// What may stand in an outgoing event, written down once more, apart from the code that makes them: a stranger's reading of the
// policy. Every field has its place, and every text is of a closed vocabulary, a pseudonym's form, an allowed zone, a time on
// the bucket, or a number of this gateway's. What is not named here is a leak.
import type { Policy } from "../../src/settings/schema.ts";

/** What a resident may know of the house. `behind`: the device of a pseudonym; null where there is none. */
export type OracleHouse = {
  readonly policy: Policy;
  readonly gatewayId: string;
  readonly version: string;
  readonly zones: readonly string[];
  readonly cell: string;
  readonly behind: (subject: string) => { readonly zone: string; readonly sensesMotion: boolean } | null;
};

type Rule = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Rule>>;

const isOneOf =
  (...words: readonly unknown[]): Rule =>
  (value) =>
    words.includes(value);
const isMatch =
  (form: RegExp): Rule =>
  (value) =>
    typeof value === "string" && form.test(value);
const isListOf =
  (rule: Rule): Rule =>
  (value) =>
    Array.isArray(value) && value.every(rule);
const isCount: Rule = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isPercent: Rule = (value) => isCount(value) && Number(value) <= 100;
const isNever: Rule = () => false;
/** A degree with a place name behind it has more than one decimal. */
const isLux: Rule = (value) =>
  typeof value === "number" && Number.isFinite(value) && /^-?\d{1,9}(\.\d)?$/.test(String(value));
const isDigest = isMatch(/^[0-9a-f]{64}$/);

/** What is wrong with the event, in words; empty: nothing. `text`: the JSON as it leaves. */
export function mistakesIn(text: string, house: OracleHouse): string[] {
  const event: unknown = JSON.parse(text);
  if (!isRecord(event) || !isRecord(event["data"])) return [`no event: ${text}`];
  const type = String(event["type"]).replace(/^hedgerow\.(.*)\.v1$/, "$1");
  const subject = String(event["subject"]);
  const fields = dataOf(house, subject)[type];
  if (fields === undefined) return [`the type ${String(event["type"])}`];
  const { data, ...attributes } = event;
  return [
    ...wrong(attributes, attributesOf(house, type), type),
    ...wrong(data, { ...placeOf(house), ...fields }, `${type} data`),
    ...(isQuiet(house, type, subject) ? [`${type} from a quiet zone`] : []),
  ];
}

function wrong(record: Readonly<Record<string, unknown>>, fields: Fields, where: string): string[] {
  return Object.entries(record)
    .filter(([key, value]) => !(Object.hasOwn(fields, key) && fields[key]?.(value) === true))
    .map(([key, value]) => `${where}.${key}: ${JSON.stringify(value)}`);
}

function attributesOf({ policy, gatewayId }: OracleHouse, type: string): Fields {
  const isTime = onBucket(policy);
  return {
    specversion: isOneOf("1.0"),
    id: isMatch(/^\d{12,}-[0-9a-f]{20}$/),
    sequence: isMatch(/^\d{12,}$/),
    source: isOneOf(`urn:hedgerow:${gatewayId}`),
    type: isOneOf(`hedgerow.${type}.v1`),
    subject: isMatch(/^(?:gateway|(?:device|camera)-[0-9a-f]{20})$/),
    time: isTime,
    recordedtime: isTime,
    expirytime: isTime,
    dataschema: isOneOf(`urn:hedgerow:schema:${type}.v1`),
    dataclassification: isOneOf("internal"),
    datacontenttype: isOneOf("application/json"),
  };
}

function placeOf({ policy, zones, cell }: OracleHouse): Fields {
  const { zones: isTold, cellLetters } = policy.events;
  return {
    zone: isTold ? isOneOf(...zones) : isOneOf("site"),
    cell: cellLetters === 0 ? isNever : isOneOf(cell.slice(0, cellLetters)),
    clock: isOneOf("synced", "unsure"),
  };
}

function dataOf({ policy, version, behind }: OracleHouse, subject: string): Readonly<Record<string, Fields>> {
  const { motion, light, fields, lightOfMotionSensors } = policy.events;
  const isTime = onBucket(policy);
  const isLightTold =
    light && (motion.mode === "each" || lightOfMotionSensors || behind(subject)?.sensesMotion === false);
  const only = (isAllowed: boolean, allowed: Fields): Fields => (isAllowed ? allowed : { zone: isNever });
  return {
    "motion.detected": only(motion.mode === "each", {}),
    "motion.count": only(motion.mode === "counts", {
      count: (value) => isCount(value) && motion.mode === "counts" && Number(value) >= motion.atLeast,
      from: isTime,
      to: isTime,
    }),
    "light.level": only(isLightTold, { lux: isLux, category: isOneOf("dark", "dim", "bright") }),
    "light.state": only(light, { on: isOneOf(true, false), brightnessPct: isPercent }),
    "light.fault": only(light, {
      fault: isOneOf("dark-at-night", "burning-by-day", "flicker"),
      present: isOneOf(true, false),
    }),
    "device.status": {
      state: isOneOf("unknown", "ok", "stale", "offline", "paused"),
      flags: isListOf(isOneOf("low-battery", "tamper")),
      ...(fields.batteryPct && { batteryPct: isPercent }),
      ...(fields.linkPct && { linkPct: isPercent }),
    },
    "gateway.status": {
      state: isOneOf("started", "stopping", "devices-lost", "devices-back"),
      version: isOneOf(version),
      devices: isCount,
    },
    tombstone: {
      how: isOneOf("expired", "evicted", "erased"),
      why: isOneOf("damaged", "undeliverable", "policy"),
      sequences: isListOf(isCount),
    },
    "policy.changed": {
      change: isOneOf("in-force", "announced", "withdrawn"),
      policy: isDigest,
      tighter: isCount,
      looser: isCount,
      noticeHours: isCount,
    },
  };
}

/** Of these zones nothing of motion and light is told, whether zones are told by their names or not. */
function isQuiet({ policy, behind }: OracleHouse, type: string, subject: string): boolean {
  return /^(?:motion|light)\./.test(type) && policy.quiet.zones.some((zone) => zone === behind(subject)?.zone);
}

function onBucket({ events }: Policy): Rule {
  const isTime = isMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return (value) => isTime(value) && Date.parse(String(value)) % (events.timeBucketS * 1000) === 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

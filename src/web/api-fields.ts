// What the fields of the API's answers look like and mean: examples for the page /api and for openapi.json, by the field's name.
import type { JsonSchema } from "./openapi.ts";

const AT = "2026-11-21T12:00:00.000Z";
const DIGEST = "9f2c".repeat(16);

/** An example, and where the name does not say it what it is. */
const FIELDS: Readonly<Record<string, readonly [example: unknown, about?: string]>> = {
  id: ["porch-motion"],
  "gateway.id": ["elm-street"],
  "gateway.name": ["Elm Street"],
  "bridges.id": ["z2m"],
  "bridges.state": ["online"],
  "camera.id": ["gate-cam"],
  "camera.name": ["Gate"],
  "camera.zone": ["gate"],
  "cameras.id": ["gate-cam"],
  "cameras.name": ["Gate"],
  "cameras.zone": ["gate"],
  "devices.state": ["ok"],
  "families.id": ["zigbee2mqtt"],
  "families.profiles": [
    [{ id: "zigbee2mqtt/occupancy", title: "Motion sensor", kinds: ["motion", "illuminance", "battery"] }],
  ],
  "sinks.id": ["main"],
  "platforms.id": ["main"],
  "deadLetters.id": ["00000000000001204-5f3a9c0d2e1b7a64"],
  name: ["Porch motion"],
  zone: ["porch", "a named area"],
  profile: ["zigbee2mqtt/occupancy", "how its messages are understood"],
  family: ["zigbee2mqtt"],
  base: ["zigbee2mqtt", "it may publish and subscribe below this topic only"],
  bridgeBase: ["zigbee2mqtt"],
  topic: ["zigbee2mqtt/porch_motion"],
  via: ["z2m", "the login it was heard through"],
  title: ["Zigbee2MQTT"],
  brands: [["NOUS", "Athom"]],
  about: ["Anything that Zigbee2MQTT speaks with."],
  kinds: [["motion", "battery"]],
  version: ["0.1.0"],
  startedAt: [AT],
  at: [AT],
  asOf: [AT, "nothing here is newer"],
  heardAt: [AT],
  lastAcceptedAt: [AT],
  lastSnapshotAt: [AT],
  oldestAt: [AT],
  expiresAt: ["2026-12-21T12:00:00.000Z", "when it is deleted"],
  since: [AT],
  until: ["2027-06-30"],
  clock: ["synced", "unsure: its time may be wrong, as after a power cut"],
  flags: [["low-battery"]],
  batteryPct: [87],
  isPaired: [true, "it has a login, or needs none"],
  lamp: [{ isOn: false, fault: null, isSwitchable: true }, "null where it is no lamp"],
  why: [null, "the reason in words; null where there is none"],
  reason: ["repeat"],
  readings: [[{ kind: "motion", value: true }]],
  removed: [["linkquality"], "names of fields that were not kept"],
  proposals: [0, "how many wait for approval"],
  deviceId: [null],
  lastImageSha256: [DIGEST],
  lastRegions: [2, "places that were painted over"],
  takenToday: [3],
  perDay: [24],
  source: ["rtsp"],
  caution: [null],
  schedule: [null],
  pausedBy: [null],
  hoursLeft: [61, "until the buffer is full, at today’s rate; null: nobody can tell yet"],
  bytes: [1_204_224],
  bytesMax: [2_147_483_648],
  entries: [12],
  pictures: [2],
  deadLetters: [0],
  disk: ["ok"],
  state: ["connected"],
  counters: [{ "arrival.taken": 1204, "reading.made": 96 }, "by name, from coarse to fine; for ever, over all runs"],
  byType: [{ "hedgerow.motion.count.v1": 12 }],
  sha256: [DIGEST],
  image: [DIGEST],
  model: [DIGEST],
  previous: ["0".repeat(64)],
  digest: [DIGEST],
  keyId: ["0123456789abcdef"],
  publicKey: ["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
  publicKeys: [["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]],
  signature: ["c2lnbmF0dXJl".repeat(7)],
  gateway: ["elm-street"],
  username: ["u-3f8a"],
  password: ["made-up-password", "shown this once"],
  setup: [["Open the device’s page, Console, and type: Backlog MqttUser u-3f8a"], "lines to follow on the device"],
  link: ["http://192.168.1.5:8080/pair/made-up-secret", "shows this once more, once, within ten minutes"],
  user: ["steward"],
  by: ["steward"],
  sinkId: ["main"],
  type: ["hedgerow.motion.count.v1"],
  ms: [{ grab: 740, detect: 240, total: 1271 }, "milliseconds by step"],
  boxes: [[[422, 312, 70, 84, 0.9]], "painted regions: x, y, width and height in pixels, then how sure"],
  jpeg: ["/9j/4AAQSkZJRg==", "the redacted picture in base64"],
  hint: ["Is the camera plugged in? Its lamp should be lit."],
  detail: [null],
  error: ["There is no device porch-motion."],
  contact: ["privacy@elm.example"],
  controller: [{ name: "Elm Street Association", contact: "privacy@elm.example" }],
  languages: [["en", "es"]],
  purpose: [{ en: "See whether the gate was left open after dark" }],
  platforms: [["main"]],
  to: ["The person concerned"],
  from: [AT],
  changes: [[{ at: AT, state: "ok" }]],
  lows: [[{ day: "2026-11-21", batteryPct: 87, linkPct: null }], "the lowest of each day, in percent"],
  what: ["Events of one day"],
  day: ["2026-11-21"],
  month: ["2026-11"],
  requestedAt: [null],
};

/** The schema with an example and a description at each field that has one; changes nothing in what it allows. */
export function described(schema: JsonSchema): JsonSchema {
  const walked = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, walk(key, value)]));
  return isSchema(walked) ? walked : schema;
}

/** A made-up value that the schema allows: by the field's name, in its thing or anywhere, where it fits; else the plainest one. */
export function exampleOf(schema: JsonSchema, name = "", of = ""): unknown {
  for (const field of [`${of}.${name}`, name]) {
    const known = Object.hasOwn(FIELDS, field) ? FIELDS[field]?.[0] : undefined;
    if (known !== undefined && fits(known, schema)) return known;
  }
  if ("const" in schema) return schema["const"];
  if ("default" in schema) return schema["default"];
  const [first] = arrayOf(schema["enum"]);
  if (first !== undefined) return first;
  const [either] = [...arrayOf(schema["anyOf"]), ...arrayOf(schema["oneOf"])].filter(isSchema);
  if (either !== undefined) return exampleOf(either, name, of);
  switch (kindsOf(schema)[0]) {
    case "object":
      return exampleObject(schema, name);
    case "array":
      return isSchema(schema["items"])
        ? [exampleOf(schema["items"], name, of)]
        : arrayOf(schema["prefixItems"])
            .filter(isSchema)
            .map((each) => exampleOf(each));
    case "boolean":
      return true;
    case "number":
    case "integer":
      return typeof schema["minimum"] === "number" && schema["minimum"] > 0 ? schema["minimum"] : 0;
    case "null":
      return null;
    default:
      return "text";
  }
}

function exampleObject(schema: JsonSchema, of: string): unknown {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, each]) => (isSchema(each) ? [[name, exampleOf(each, name, of)]] : [])),
  );
}

/** Whether a value is of the schema's kind; its whole truth is held by a test. */
function fits(value: unknown, schema: JsonSchema): boolean {
  const kinds = [...arrayOf(schema["anyOf"]), ...arrayOf(schema["oneOf"])].filter(isSchema);
  if (kinds.length > 0) return kinds.some((kind) => fits(value, kind));
  if ("const" in schema) return schema["const"] === value;
  const among = arrayOf(schema["enum"]);
  if (among.length > 0) return among.includes(value);
  const types = kindsOf(schema);
  if (value === null) return types.includes("null");
  if (Array.isArray(value)) {
    const items = schema["items"];
    return types.includes("array") && (!isSchema(items) || value.every((each) => fits(each, items)));
  }
  if (typeof value === "object") return types.includes("object") && fieldsFit(value, schema);
  if (types.includes("integer")) return Number.isInteger(value);
  return types.includes(typeof value);
}

/** A type, or several of which one may be null. */
function kindsOf(schema: JsonSchema): readonly unknown[] {
  return Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
}

function fieldsFit(value: object, schema: JsonSchema): boolean {
  const properties = schema["properties"];
  if (!isSchema(properties)) return true;
  const named = new Map(Object.entries(value));
  return (
    arrayOf(schema["required"]).every((name) => typeof name === "string" && named.has(name)) &&
    [...named].every(([name, each]) => {
      const own = properties[name];
      return isSchema(own) && fits(each, own);
    })
  );
}

function walk(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => (isSchema(each) ? described(each) : each));
  if (!isSchema(value)) return value;
  if (key !== "properties") return described(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isSchema(each) ? withField(name, described(each)) : each]),
  );
}

function withField(name: string, schema: JsonSchema): JsonSchema {
  const known = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (known === undefined || !fits(known[0], schema)) return schema;
  const [example, about] = known;
  return { ...(about !== undefined && { description: about }), ...schema, examples: [example] };
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

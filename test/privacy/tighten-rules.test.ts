// Shown: rule by rule, what privacy makes of an event that waits when one rule of the policy is another one (I10).
import { expect, test } from "vitest";
import { discloseFact } from "../../src/privacy/disclose.ts";
import { createTightening } from "../../src/privacy/tighten.ts";
import { type CameraPolicyEntry, type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import type { SentEvent } from "../helpers/allowed-by.ts";
import { MASK } from "../helpers/policies.ts";
import { disclosureOf, namesUntil, sentOf, toldAt, WHEN } from "../helpers/told-events.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 7, 31);
const NAMES = namesUntil(NOW_MS);

function tighteningOf(before: Policy, now: Policy) {
  const { pseudonyms } = disclosureOf(now, NOW_MS);
  return createTightening({ ...WHEN, before, now, named: (subject) => NAMES.get(subject) ?? null, pseudonyms });
}

const entryOf = (event: SentEvent, cameraId: string | null = null) => ({
  type: event.type,
  body: JSON.stringify(event),
  cameraId,
});

type Rules = { readonly events?: object; readonly quiet?: object };
const EACH = { motion: { mode: "each" }, cellLetters: 6 };
const COUNTS = { motion: { mode: "counts", windowS: 900, atLeast: 3 } };

test.each<readonly [string, Rules, Rules, Readonly<Record<string, string>>]>([
  [
    "no motion is told",
    { events: EACH },
    { events: { motion: { mode: "none" } } },
    {
      "motion.detected": "erased",
      "light.level of pir": "erased",
      "light.level of lux": "stays",
      "light.state": "stays",
    },
  ],
  [
    "motion is counted",
    { events: EACH },
    { events: { ...COUNTS, lightOfMotionSensors: true } },
    { "motion.detected": "erased", "light.level of pir": "stays" },
  ],
  ["motion is told one by one", { events: COUNTS }, { events: EACH }, { "motion.count": "stays" }],
  [
    "windows are longer",
    { events: COUNTS },
    { events: { motion: { ...COUNTS.motion, windowS: 1800 } } },
    { "motion.count": "erased" },
  ],
  [
    "more are counted together",
    { events: COUNTS },
    { events: { motion: { ...COUNTS.motion, atLeast: 4 } } },
    { "motion.count": "erased" },
  ],
  [
    "fewer are counted together",
    { events: COUNTS },
    { events: { motion: { ...COUNTS.motion, atLeast: 2 } } },
    { "motion.count": "stays" },
  ],
  [
    "no light is told",
    { events: EACH },
    { events: { ...EACH, light: false } },
    { "light.level of lux": "erased", "light.state": "erased", "light.fault": "erased", "motion.detected": "stays" },
  ],
  [
    "no battery is told",
    { events: { ...EACH, fields: { batteryPct: true, linkPct: true } } },
    { events: { ...EACH, fields: { linkPct: true } } },
    { "device.status": "rewritten", "motion.detected": "stays" },
  ],
  [
    "names change more often",
    { events: { ...EACH, pseudonyms: "yearly" } },
    { events: { ...EACH, pseudonyms: "monthly" } },
    { "device.status": "rewritten", "gateway.status": "stays" },
  ],
  [
    "names change less often",
    { events: { ...EACH, pseudonyms: "monthly" } },
    { events: { ...EACH, pseudonyms: "never" } },
    { "device.status": "stays" },
  ],
  [
    "no zone is told",
    { events: EACH },
    { events: { ...EACH, zones: false } },
    { "motion.detected": "rewritten", "gateway.status": "stays" },
  ],
  [
    "the cell is larger",
    { events: EACH },
    { events: { ...EACH, cellLetters: 0 } },
    { "motion.detected": "rewritten", "gateway.status": "rewritten" },
  ],
  [
    "times are coarser",
    { events: EACH },
    { events: { ...EACH, timeBucketS: 900 } },
    { "motion.detected": "rewritten", "gateway.status": "rewritten" },
  ],
  ["times are finer", { events: { ...EACH, timeBucketS: 900 } }, { events: EACH }, { "motion.detected": "stays" }],
  [
    "the zone is quiet",
    { events: EACH },
    { events: EACH, quiet: { zones: ["path"] } },
    {
      "motion.detected": "erased",
      "light.level of lux": "erased",
      "light.state": "erased",
      "light.fault": "erased",
      "device.status": "stays",
    },
  ],
  [
    "the zone is quiet, and none was told",
    { events: { ...EACH, zones: false } },
    { events: { ...EACH, zones: false }, quiet: { zones: ["path"] } },
    { "motion.detected": "erased", "device.status": "stays" },
  ],
  [
    "another zone is quiet",
    { events: EACH },
    { events: EACH, quiet: { zones: ["gate"] } },
    { "motion.detected": "stays" },
  ],
  [
    "the hour is quiet",
    { events: EACH },
    { events: EACH, quiet: { hours: [{ between: ["11:00", "sunset"] }] } },
    { "motion.detected": "erased", "device.status": "stays" },
  ],
  [
    "the hour was quiet",
    { events: EACH, quiet: { hours: [{ between: ["13:00", "14:00"] }] } },
    { events: EACH },
    { "motion.detected": "stays" },
  ],
  [
    "budgets, hours, who answers and the notice are others",
    { events: EACH },
    { events: { ...EACH, perDay: { motion: 0 }, retentionHours: 1, retentionHoursOf: { motion: 1 }, evictFirst: [] } },
    { "motion.detected": "stays", "light.state": "stays", "device.status": "stays" },
  ],
])("of what waits, where %s", (_, before, now, expected) => {
  const [old, fresh] = [withCamera(null, before), withCamera(null, now)];
  const told = toldAt(NOW_MS, { number: 0, policy: old, names: NAMES }).map(sentOf);
  for (const [what, kind] of Object.entries(expected)) {
    const [type, of] = what.split(" of ");
    const event = told.find(
      (each) => each.type === `hedgerow.${type}.v1` && (of === undefined || NAMES.get(each.subject)?.id.startsWith(of)),
    );
    expect(event === undefined ? "not made" : tighteningOf(old, fresh)(entryOf(event)).kind, what).toBe(kind);
  }
});

test("a wish to erase that waits means no less where times become coarser", () => {
  const [old, now] = [EACH, { ...EACH, timeBucketS: 3600 }].map((events) => withCamera(null, { events }));
  if (old === undefined || now === undefined) throw new Error("unreachable");
  const [fromMs, toMs] = [Date.UTC(2026, 10, 21, 11, 20), Date.UTC(2026, 10, 21, 11, 40)];
  const wish = {
    kind: "erasure-requested",
    subjects: [{ kind: "device", id: "pir" }],
    fromMs,
    toMs,
    atMs: NOW_MS,
  } as const;
  const said = sentOf(discloseFact(wish, disclosureOf(old, NOW_MS)));
  const to = tighteningOf(old, now)(entryOf(said));
  if (to.kind !== "rewritten") throw new Error(`it is ${to.kind}`);
  const wide = { from: "2026-11-21T11:00:00.000Z", to: "2026-11-21T12:00:00.000Z" };
  expect(JSON.parse(to.body).data).toMatchObject(wide);
  expect(sentOf(discloseFact(wish, disclosureOf(now, NOW_MS))).data, "told again under the newer one").toMatchObject(
    wide,
  );
});

test("of a device that is no longer of the kit, all goes that asks whose it is", () => {
  const [old, now] = [
    withCamera(null, { events: EACH }),
    (events: object) => withCamera(null, { events: { ...EACH, ...events } }),
  ];
  const [motion] = toldAt(NOW_MS, { number: 0, policy: old, names: NAMES }).map(sentOf);
  if (motion === undefined) throw new Error("no motion was made");
  const gone = entryOf({ ...motion, subject: "device-00000000000000000000" });
  expect(tighteningOf(old, now({ pseudonyms: "monthly" }))(gone).kind).toBe("erased");
  expect(tighteningOf(old, now({ zones: false }))(gone).kind).toBe("rewritten");
});

const CAMERA = { purpose: { en: "Is the gate open?" }, until: "2027-01-01" };

/** The cameras of a policy; the schema fills in the rest. */
function withCamera(camera: object | null, rest: object = {}): Policy {
  const cameras = camera === null ? {} : { "gate-cam": { ...CAMERA, ...camera } };
  return SCHEMAS.policy.parse({ version: 1, controller: { name: "Test", contact: "a@b.example" }, cameras, ...rest });
}

function pictureUnder(policy: Policy, outcome: string): ReturnType<typeof entryOf> {
  const [withheld] = toldAt(NOW_MS, { number: 0, policy, names: NAMES })
    .map(sentOf)
    .filter(({ type }) => type === "hedgerow.snapshot.withheld.v1");
  if (withheld === undefined) throw new Error("the policy has no camera");
  const event = { ...withheld, type: "hedgerow.snapshot.redacted.v1", data: { ...withheld.data, outcome } };
  return entryOf(event, "gate-cam");
}

const model = (digit: string) => ({ file: `/m/${digit}.onnx`, sha256: digit.repeat(64) });
const mosaic = { redact: { whenUnsure: "mosaic" } };
type Part = Partial<Record<keyof CameraPolicyEntry, unknown>>;
test.each<readonly [string, Part, Part | null, object, string]>([
  ["the camera is gone", {}, null, {}, "erased"],
  ["a mask is new", {}, { masks: [MASK] }, {}, "erased"],
  ["a mask is gone", { masks: [MASK] }, {}, {}, "stays"],
  ["a mask is called otherwise", { masks: [MASK] }, { masks: [{ ...MASK, name: "door" }] }, {}, "stays"],
  ["faces are looked for harder", {}, { redact: { level: "strict" } }, {}, "erased"],
  ["faces are looked for less hard", { redact: { level: "strict" } }, {}, {}, "stays"],
  ["another model looks", { redact: { model: model("a") } }, { redact: { model: model("b") } }, {}, "erased"],
  ["persons are painted over", {}, { redact: { persons: true, personModel: model("a") } }, {}, "erased"],
  ["what was unsure is withheld", mosaic, {}, {}, "stays"],
  ["fewer pictures a day, and an earlier end", {}, { snapshotsPerDay: 0, until: "2026-01-01" }, {}, "stays"],
  ["its hours are shorter", {}, { retentionHours: 1 }, {}, "stays"],
  ["its zone is quiet", {}, {}, { quiet: { zones: ["path"] } }, "erased"],
  ["another zone is quiet", {}, {}, { quiet: { zones: ["porch"] } }, "stays"],
  ["its hour is quiet", {}, {}, { quiet: { hours: [{ between: ["11:30", "12:30"] }] } }, "erased"],
  ["another hour is quiet", {}, {}, { quiet: { hours: [{ between: ["13:00", "11:00"] }] } }, "stays"],
])("of a picture that waits, where %s", (_, before, now, rest, expected) => {
  const [old, fresh] = [withCamera(before), withCamera(now, rest)];
  expect(tighteningOf(old, fresh)(pictureUnder(old, "redacted")).kind).toBe(expected);
});

test("a mosaic goes where what was unsure is withheld now", () => {
  const [old, fresh] = [withCamera(mosaic), withCamera({})];
  expect(tighteningOf(old, fresh)(pictureUnder(old, "mosaic")).kind).toBe("erased");
  expect(tighteningOf(old, old)(pictureUnder(old, "mosaic")).kind).toBe("stays");
});

test("what is damaged goes, but for the house's own words", () => {
  const tighten = tighteningOf(withCamera({}), withCamera({}));
  expect(tighten({ type: "hedgerow.light.level.v1", body: "", cameraId: null }).kind).toBe("erased");
  expect(tighten({ type: "hedgerow.tombstone.v1", body: "", cameraId: null }).kind).toBe("stays");
});

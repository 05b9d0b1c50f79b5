// A site as a resident finds it after a month: days of counts, signed receipts, a ledger, and looser rules that are announced.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import type { WebDeps } from "../../src/web/web.ts";
import { fakeHouse } from "./fake-house.ts";
import { ledgerOf, signedReceipts } from "./signed-receipts.ts";
import { tempDir } from "./temp-dir.ts";
import { openTestWeb, testStanding, type TestWeb } from "./test-web.ts";

const PICTURES = 4;
const DAYS = 31;
const DAY_MS = 24 * 3_600_000;

/** A page over that month; the newest picture's receipt stands first in `receipts`. */
export async function openPublicSite(overrides: Partial<WebDeps> = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const digests = Array.from({ length: PICTURES }, (_, n) => createHash("sha256").update(`made-up ${n}`).digest("hex"));
  const receipts = await signedReceipts(directory.path, digests);
  const policy = overrides.policy ?? residentsPolicy();
  await writeFile(join(directory.path, "day-counts.json"), JSON.stringify(month(policy)));
  const announced = { ...looserPolicy(policy), hoursLeft: 17.4, approvedBy: ["steward"] };
  const page: TestWeb = stack.use(
    await openTestWeb({
      dataDir: directory.path,
      house: fakeHouse({ counters: countersOn(DAYS) }),
      ...ledgerOf(receipts),
      policy,
      policyStanding: testStanding(policy, announced),
      disclosureCounts: () => [
        { month: "2026-11", ground: "data-subject", count: 2 },
        { month: "2026-09", ground: "order", count: 1 },
      ],
      ...overrides,
    }),
  );
  const owned = stack.move();
  return { page, receipts, policy, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Each movement told, so that today's receipts and numbers stand on the page too; two cameras. */
function residentsPolicy(): Policy {
  return SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Elm Street Association", contact: "privacy@elm.example" },
    languages: ["en", "fr"],
    events: { timeBucketS: 60, motion: { mode: "each" }, fields: { batteryPct: true } },
    quiet: { zones: ["porch"], hours: [{ between: ["22:00", "sunrise"] }] },
    cameras: {
      "gate-cam": {
        purpose: {
          en: "See whether the gate was left open after dark",
          fr: "Voir si le portail est resté ouvert la nuit",
          ar: "معرفة ما إذا بقيت البوابة مفتوحة بعد حلول الظلام",
        },
        until: "2027-06-30",
        masks: [
          {
            name: "made-up window",
            polygon: [
              [0.6, 0.1],
              [0.8, 0.1],
              [0.8, 0.3],
            ],
          },
        ],
      },
      "yard-cam": { purpose: { fr: "Voir si la cour est inondée" }, until: "2027-03-31", snapshotsPerDay: 4 },
    },
  });
}

function looserPolicy(policy: Policy) {
  const [[id, camera] = []] = Object.entries(policy.cameras);
  const cameras =
    id === undefined || camera === undefined
      ? policy.cameras
      : { ...policy.cameras, [id]: { ...camera, snapshotsPerDay: 48, retentionHours: 24 } };
  const events = { ...policy.events, timeBucketS: 30 };
  return { policy: { ...policy, events, cameras }, sha256: "ab".repeat(32) };
}

/** Under this policy all the month long. */
function month({ events: { motion } }: Policy) {
  return Array.from({ length: DAYS }, (_, index) => ({
    day: new Date(Date.now() - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10),
    counters: countersOn(index),
    isEach: motion.mode === "each",
  }));
}

/** As they stood after so many days; uneven, as a street is. */
function countersOn(days: number): Record<string, number> {
  const sum = (perDay: (day: number) => number): number =>
    Array.from({ length: days }, (_, day) => perDay(day)).reduce((total, each) => total + each, 0);
  return {
    "reading.taken": sum((day) => 900 + ((day * 7919) % 701)),
    "reading.withheld.policy": sum((day) => (day % 3) * 21),
    "reading.withheld.motion-cleared": sum((day) => 300 + ((day * 104_729) % 199)),
    "snapshot.made.redacted": sum((day) => 3 + (day % 5)),
    "snapshot.made.empty": sum(() => 2),
    "snapshot.withheld.unsure": sum((day) => Number(day % 6 === 0)),
    "snapshot.withheld.daily-budget": sum((day) => Number(day % 9 === 0) * 4),
    "camera.used.gate-cam": sum((day) => 5 + (day % 5)),
    "entry.forwarded.main": sum((day) => 500 + ((day * 7919) % 350)),
    "entry.forwarded.city": sum((day) => 480 + ((day * 7919) % 350)),
    "entry.expired.main": sum((day) => Number(day === 12) * 31),
    "entry.evicted.main": sum((day) => Number(day === 28) * 2),
    "entry.erased.main": sum((day) => Number(day === 29) * 11),
  };
}

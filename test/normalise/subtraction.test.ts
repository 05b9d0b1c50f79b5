// Shown: an adversary who keeps every byte that a platform received learns of no span of time that it held one or two movements
// where the policy says three (promise 5). Two adversaries: one subtracts windows from each other and from what happened, over
// restarts, other policies, clocks that are set and several devices of a zone; one knows the rule and tries every world that
// could have been told like this. `RUNS` and `SEED` as in every such test.
import { expect, test } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { bodyOf } from "../../src/forward/batch.ts";
import { createCounting } from "../../src/normalise/counting.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { testDisclosure, testPolicy } from "../helpers/disclosure.ts";
import { seededRandom } from "../helpers/random.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { testRoad } from "../helpers/test-road.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const IS_SOAK = process.env["SOAK"] !== undefined;
const RUNS = Number(process.env["RUNS"] ?? (IS_SOAK ? 300 : 8));
const START = Date.UTC(2026, 10, 21, 12, 3, 4, 567);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const STEPS = 260;

const profiles = await openProfiles({ directories: [builtInProfiles] });
const bridges = [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }];
const devices = ["a", "b", "c"].map((id) => ({
  id,
  profile: "zigbee2mqtt/occupancy",
  topic: `zigbee2mqtt/${id}`,
  zone: "path",
}));

type Rule = { readonly mode: "counts"; readonly windowS: number; readonly atLeast: number };
type Told = {
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly rule: Rule;
};
type Edge = { readonly subject: string; readonly atMs: number };

test("windows are never below the threshold, never overlap, and hold no movement twice", async () => {
  console.info(`subtraction: SEED=${SEED} RUNS=${RUNS}`);
  let windows = 0;
  for (let run = 0; run < RUNS; run++) {
    const { told, edges } = await lived(seededRandom(SEED + run), { isClockSetBack: run % 3 === 2 });
    windows += told.length;
    expect(small(told), `run ${run}`).toEqual([]);
    for (const subject of new Set(told.map((each) => each.subject))) {
      const own = told.filter((each) => each.subject === subject);
      const seen = edges.filter((each) => each.subject === subject);
      const sum = own.reduce((all, { count }) => all + count, 0);
      expect(sum, `run ${run}: more was told than happened`).toBeLessThanOrEqual(seen.length);
      // Once a clock is set back there are hours that were twice, and a window's label says little.
      if (run % 3 === 2) continue;
      expect(differences(own), `run ${run}: what subtracting gives`).toEqual([]);
      for (const { fromMs, toMs, count, rule } of own) {
        // What comes between a start under another policy and its first step is counted in that step.
        const within = seen.filter(({ atMs }) => fromMs - rule.windowS * 1000 <= atMs && atMs < toMs);
        expect(count, `run ${run}: ${new Date(fromMs).toISOString()}`).toBeLessThanOrEqual(within.length);
      }
    }
  }
  expect(windows).toBeGreaterThan(RUNS);
}, 300_000);

test("the one who subtracts finds what there is to find", () => {
  const rule: Rule = { mode: "counts", windowS: 900, atLeast: 3 };
  const at = (fromMs: number, toMs: number, count: number): Told => ({ subject: "x", fromMs, toMs, count, rule });
  expect(small([at(0, 9, 2)])).toHaveLength(1);
  expect(differences([at(0, 9, 4), at(9, 18, 3)])).toEqual([]);
  expect(differences([at(0, 9, 4), at(0, 18, 5)])).toHaveLength(1);
  expect(differences([at(0, 9, 4), at(5, 18, 9)])).toHaveLength(1);
});

function small(told: readonly Told[]): string[] {
  return told.filter(({ count, rule }) => count < rule.atLeast).map(({ count, rule }) => `${count} of ${rule.atLeast}`);
}

/** Windows of one device that share time: what is in one and not in the other could be worked out. */
function differences(own: readonly Told[]): string[] {
  return own.flatMap((one, index) =>
    own
      .slice(index + 1)
      .filter((other) => one.fromMs < other.toMs && other.fromMs < one.toMs)
      .map((other) => `${one.fromMs}-${one.toMs}: ${one.count}, ${other.fromMs}-${other.toMs}: ${other.count}`),
  );
}

/** A gateway's life of many hours, with restarts and other policies, and all that a platform received of it. */
async function lived(random: () => number, { isClockSetBack }: { isClockSetBack: boolean }) {
  await using directory = await tempDir();
  const time = { nowMs: START, sinceMs: 0 };
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.sinceMs, isSynced: () => true };
  const pass = (ms: number): void => {
    time.nowMs += ms;
    time.sinceMs += ms;
  };
  const edges: Edge[] = [];
  const rules: Rule[] = [];
  const bodies = new Map<string, { readonly body: string; readonly rule: Rule }>();
  const pick = <T>(...choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
  const newRule = (): Rule => ({ mode: "counts", windowS: pick(60, 300, 900, 3600), atLeast: pick(2, 3, 5) });

  let rule = newRule();
  for (let left = STEPS; left > 0; ) {
    await using spool = await openTestSpool(directory.path, { clock });
    const disclosure = testDisclosure({ policy: testPolicy({ timeBucketS: 60, motion: rule }), clock });
    rules.push(rule);
    const road = testRoad({ profiles, devices, bridges, disclosure, spool, clock });
    const taken: Promise<void>[] = [];
    // Some hours are busy, some are not; some devices never move.
    for (const until = left - Math.ceil(random() * 120); left > Math.max(0, until); left--) {
      const { id, topic } = pick(...devicesOf());
      const take = (occupancy: boolean) =>
        road.take({
          topic,
          payload: Buffer.from(JSON.stringify({ occupancy })),
          isReplay: false,
          login: { kind: "bridge", id: "z2m" },
          receivedAtMs: time.nowMs,
        });
      taken.push(take(true));
      edges.push({ subject: disclosure.pseudonyms.nameOf("device", id, time.nowMs), atMs: time.nowMs });
      pass(1000);
      taken.push(take(false));
      pass(Math.floor(random() ** 4 * 2 * HOUR_MS));
      if (random() < 0.02) time.nowMs += Math.floor(random() * 30 * HOUR_MS);
      if (isClockSetBack && random() < 0.03) time.nowMs -= Math.floor(random() * 30 * HOUR_MS);
      if (random() < 0.7) taken.push(road.tick());
    }
    pass(Math.floor(random() * HOUR_MS));
    if (random() < 0.5) await road.tick();
    await Promise.all(taken);
    await road.flush();
    for (const entry of waitingFor(spool, time.nowMs))
      if (!bodies.has(entry.id)) bodies.set(entry.id, { body: bodyOf([entry]), rule });
    if (random() < 0.5) rule = newRule();
  }
  const told = [...bodies.values()].flatMap(({ body, rule: under }): Told[] => {
    const [{ type, subject, data }] = JSON.parse(body);
    if (type !== "hedgerow.motion.count.v1") return [];
    return [{ subject, fromMs: Date.parse(data.from), toMs: Date.parse(data.to), count: data.count, rule: under }];
  });
  return { told, edges };
}

function devicesOf(): readonly [(typeof devices)[number], ...typeof devices] {
  const [first, ...others] = devices;
  if (first === undefined) throw new Error("unreachable");
  return [first, ...others];
}

test.each([
  { atLeast: 2, steps: IS_SOAK ? 7 : 5, most: 4, startStep: 0 },
  { atLeast: 2, steps: IS_SOAK ? 7 : 5, most: 4, startStep: 1 },
  { atLeast: 3, steps: 4, most: 7, startStep: 0 },
  { atLeast: 3, steps: 4, most: 7, startStep: 1 },
])(
  "who knows the rule and tries all worlds pins no number below $atLeast to any span of $steps steps",
  (world) => {
    expect(pinned(toldByRule, world)).toEqual([]);
  },
  300_000,
);

test("the one who tries all worlds finds a window that begins with its first movement", () => {
  // What is told from the first movement on says that there was one in the first step.
  const naive = (counts: readonly number[], { atLeast }: World): string => {
    const from = counts.findIndex((n) => n > 0);
    const sums = counts.map((_, end) => counts.slice(0, end + 1).reduce((all, n) => all + n, 0));
    const to = sums.findIndex((sum) => sum >= atLeast);
    return to < 0 ? "" : `${from}-${to}:${sums[to]}`;
  };
  expect(pinned(naive, { atLeast: 3, steps: 3, most: 6, startStep: 0 })).not.toEqual([]);
});

/** `most`: movements in a step; `startStep`: when the counting begins, in steps of a day that has 1440. */
type World = { readonly atLeast: number; readonly steps: number; readonly most: number; readonly startStep: number };

/** Spans of which each world that is told alike holds some, and fewer than the threshold. */
function pinned(tell: (counts: readonly number[], world: World) => string, world: World): string[] {
  const { steps, most, atLeast } = world;
  const alike = new Map<string, number[][]>();
  for (let n = 0; n < (most + 1) ** steps; n++) {
    const counts = Array.from({ length: steps }, (_, step) => Math.floor(n / (most + 1) ** step) % (most + 1));
    const told = tell(counts, world);
    const worlds = alike.get(told);
    if (worlds === undefined) alike.set(told, [counts]);
    else worlds.push(counts);
  }
  const spans = Array.from({ length: steps }, (_, from) => from).flatMap((from) =>
    Array.from({ length: steps - from }, (_, length) => ({ from, to: from + length + 1 })),
  );
  return [...alike].flatMap(([told, worlds]) => {
    // Of more movements than a step has here there are worlds that were not tried.
    if (Array.from(told.matchAll(/:(\d+)/g), ([, count]) => Number(count)).some((count) => count > most)) return [];
    return spans.flatMap(({ from, to }) => {
      const held = worlds.map((counts) => counts.slice(from, to).reduce((all, count) => all + count, 0));
      return Math.min(...held) > 0 && Math.max(...held) < atLeast ? [`told "${told}": steps ${from} to ${to}`] : [];
    });
  });
}

function toldByRule(counts: readonly number[], { atLeast, startStep }: World): string {
  const stepMs = 15 * MINUTE_MS;
  const rule = { stepMs, atLeast, keptMs: 720 * HOUR_MS };
  const startMs = Date.UTC(2026, 10, 21) + startStep * stepMs;
  const moment = (atMs: number) => ({ atMs, seasonMs: 0 });
  const counting = createCounting({ state: () => new Map(), windows: new Map(), rule, moment: moment(startMs) });
  const told: string[] = [];
  const hear = ({ facts }: Pick<ReturnType<typeof counting.add>, "facts">): void => {
    for (const { fromMs, toMs, count } of facts)
      told.push(`${(fromMs - startMs) / stepMs}-${(toMs - startMs) / stepMs}:${count}`);
  };
  for (const [step, count] of counts.entries()) {
    for (let n = 0; n < count; n++) hear(counting.add("porch", moment(startMs + step * stepMs + 1000 + n)));
    for (const due of counting.due(moment(startMs + (step + 1) * stepMs + 10))) hear(due);
  }
  return told.join(" ");
}

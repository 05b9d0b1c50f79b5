// The kill harness: `node test/soak/kill.ts --rounds 300 [--motion each|counts] [--seed N]`. The gateway is killed with SIGKILL
// again and again, under load, at its start, in a checkpoint and while it settles with a platform that comes and goes; then all that
// any sensor was told is kept has to be at the platform, once. Prints one line of JSON; exit code 1 when anything is not so.
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { RunningGateway } from "../helpers/gateway-process.ts";
import { seededRandom } from "../helpers/random.ts";
import { type KillSite, openKillSite } from "./kill-site.ts";
import { verdictOf } from "./kill-verdict.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "300" },
    motion: { type: "string", default: "each" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const motion = values.motion === "counts" ? "counts" : "each";
const seed = Number(values.seed);
const random = seededRandom(seed);

/** `start`: before it is open. `checkpoint`: while the log is written back. `settle`, `picture`: right after the platform took something. */
const MOMENTS = ["load", "settle", "start", "checkpoint", "picture"] as const;
type Moment = (typeof MOMENTS)[number];
/** The face finder starts, finds its canary and looks at a photograph: seconds, and more where others use the cores. */
const PICTURE_MS = 20_000;
/** A checkpoint or a delivery that does not come within this is not waited for. */
const MOMENT_MS = 2500;
/** A start takes a second or two; kills before that meet it anywhere. */
const START_MS = 1200;

const restartMs: number[] = [];
/** Every gateway that was started, also such as never opened. */
const starting: RunningGateway[] = [];
const wrong: string[] = [];

async function killRounds(site: KillSite, rounds: number): Promise<void> {
  const flapping = new AbortController();
  const flaps = flap(site, flapping.signal);
  let gateway = await site.house.start();
  for (let round = 0; round < rounds; round++) {
    const moment = MOMENTS[round % MOMENTS.length] ?? "load";
    await momentOf(moment, site);
    await gateway.end("SIGKILL");
    if (moment === "start") await killAtStart(site);
    const startedAtMs = performance.now();
    const acknowledged = site.nextAcknowledgement();
    gateway = await site.house.start();
    restartMs.push((await acknowledged) - startedAtMs);
    checkSums(site, `after round ${round + 1} (${moment})`);
  }
  await sleep(300);
  await site.silence();
  flapping.abort();
  await flaps;
  await site.setAway(false);
  await site.drained();
  await ended(gateway, site);
}

async function ended(gateway: RunningGateway, site: KillSite): Promise<void> {
  const code = await gateway.end("SIGTERM");
  if (code !== 0) wrong.push(`the last stop ended with ${code}`);
  checkSums(site, "at the end");
  wrong.push(...(await verdictOf(site, { motion, rounds: restartMs.length })));
}

async function momentOf(moment: Moment, site: KillSite): Promise<void> {
  await sleep(100 + random() * 900);
  const lateMs = performance.now() + MOMENT_MS;
  if (moment === "checkpoint") {
    const changedMs = () => statSync(join(site.house.dataDir, "spool.db")).mtimeMs;
    const before = changedMs();
    // SQLite writes the log back into the file, which is not touched otherwise.
    while (changedMs() === before && performance.now() < lateMs) await sleep(1);
  }
  if (moment === "picture") {
    const before = (await site.stats()).snapshots;
    while ((await site.stats()).snapshots === before && performance.now() < lateMs + PICTURE_MS) await sleep(5);
  }
  if (moment === "settle") {
    const before = (await site.stats()).events;
    while ((await site.stats()).events === before && performance.now() < lateMs) await sleep(2);
    await sleep(random() * 10);
  }
}

/** Somewhere between its first instruction and its open doors; a start that was faster is killed when it is open. */
async function killAtStart({ house }: KillSite): Promise<void> {
  const killed = sleep(random() * START_MS).then(() => starting.at(-1)?.end("SIGKILL"));
  await house.start().catch(() => undefined); // it was killed before it was open
  await killed;
}

function checkSums(site: KillSite, when: string): void {
  const { readings, sinks } = site.sums();
  for (const sum of [readings, ...sinks]) if (!sum.isBalanced) wrong.push(`${when}: ${JSON.stringify(sum)}`);
}

/** The platform is there, and away, for a quarter of a second to two. */
async function flap(site: KillSite, stop: AbortSignal): Promise<void> {
  for (let isAway = true; !stop.aborted; isAway = !isAway) {
    await site.setAway(isAway);
    await sleep(250 + random() * 1750, undefined, { signal: stop }).catch(() => undefined);
  }
}

const share = (of: readonly number[], part: number): number =>
  Math.round(of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * part))] ?? 0);

await using site = await openKillSite({ motion, seed, onStart: (gateway) => void starting.push(gateway) });
await killRounds(site, Number(values.rounds));
const acknowledged = site.acknowledged.reduce((sum, n) => sum + n, 0);
const { events, snapshots } = await site.stats();
const restart = { medianMs: share(restartMs, 0.5), p99Ms: share(restartMs, 0.99), maxMs: share(restartMs, 1) };
process.stdout.write(
  `${JSON.stringify({ seed, motion, rounds: restartMs.length, acknowledged, events, snapshots, restart, wrong })}\n`,
);
if (wrong.length > 0) process.exitCode = 1;

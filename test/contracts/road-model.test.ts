// Shown: the road from an acknowledgement to every platform, against a simple model, in two thousand made-up lives of a gateway: crashes at
// any await, a disk that is full or fails at any statement, a clock that jumps, sinks that come and go, eviction, expiry and a
// tighter policy. The spool, SQLite, the pictures and the pumps are real. `RUNS` sets how many lives, `SEED` repeats them.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import type { RedactedImage } from "../../src/privacy/redact.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { install } from "../helpers/faulty-sqlite.ts";
import { life, type Life } from "../helpers/road-steps.ts";
import { RoadWorld } from "../helpers/road-world.ts";
import { openTestRedactor } from "../helpers/test-redactor.ts";
import { openTestSpool } from "../helpers/test-spool.ts";

const RUNS = Number(process.env["RUNS"] ?? (process.env["SOAK"] === undefined ? 800 : 30_000));
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
/** Lives that are lived side by side: they mostly wait for the next group commit. */
const LANES = 16;
const PICTURES = 4;

const images: RedactedImage[] = [];
let root = "";
let fresh = "";

beforeAll(async () => {
  install();
  // In memory where there is such a place: here it is not the disk's speed that is looked at.
  root = mkdtempSync(join(process.platform === "linux" ? "/dev/shm" : tmpdir(), "hedgerow-road-"));
  fresh = join(root, "fresh");
  mkdirSync(fresh);
  await (await openTestSpool(fresh, { sinkIds: [], clock: fakeTime().clock }))[Symbol.asyncDispose]();
  await using house = await openTestRedactor();
  for (let n = 0; n < PICTURES; n++) {
    const background = { r: 40 * n, g: 90, b: 200 - 40 * n };
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .jpeg()
      .toBuffer();
    using frame = new RawFrame({ bytes, cameraId: "cam", takenAtMs: Date.UTC(2026, 10, 21, 12) });
    const redact = { level: "normal", whenUnsure: "mosaic", persons: false } as const;
    const verdict = await house.redactor.redact(frame, { masks: [], redact }, new AbortController().signal);
    if (verdict.kind !== "image") throw new Error(verdict.detail);
    images.push(verdict.image);
  }
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function live({ sinks, steps }: Life): Promise<void> {
  const folder = mkdtempSync(join(root, "life-"));
  try {
    await using world = new RoadWorld({ root: folder, fresh, images });
    await world.open(sinks);
    for (const step of steps) await world.take(step);
    expect(await world.finish()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("nothing acknowledged is lost unnamed, each id has one body, every sink sees every sequence, and the sums hold", async () => {
  console.info(`road model: ${RUNS} lives, SEED=${SEED}`);
  const numRuns = Math.ceil(RUNS / LANES);
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) =>
      fc.assert(fc.asyncProperty(life, live), { numRuns, seed: SEED + lane, endOnFailure: lane > 0 }),
    ),
  );
}, 7_200_000);

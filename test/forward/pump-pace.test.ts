// A cap of bytes per second, in simulated time: waits make time pass, deliveries take none, and each byte is counted with its hour.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { FORWARD_LIMITS } from "../../src/forward/forward-limits.ts";
import { Pace } from "../../src/forward/pace.ts";
import type { Sink } from "../../src/forward/sink.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf } from "./pump-bench.ts";
import { all } from "./scripted-sink.ts";

const CAP = 1000;
const picture = { sha256: "0".repeat(64), bytes: 200_000 };

/** Drains these through the cap; `each` may append when time passes, by the second. */
async function drain(entries: readonly Entry[], each: (nowMs: number) => readonly Entry[] = () => []) {
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const spool = memorySpool(entries);
  const sent: { readonly atMs: number; readonly bytes: number; readonly sequences: readonly number[] }[] = [];
  const sink: Sink = {
    id: "main",
    async deliver(offer) {
      // As the HTTPS sink: a batch ends before the next picture.
      const end = offer.findIndex(({ image }, index) => index > 0 && image !== undefined);
      const batch = end === -1 ? offer : offer.slice(0, end);
      const bytes = batch.reduce((sum, { body, image }) => sum + Buffer.byteLength(body) + (image?.bytes ?? 0), 0);
      sent.push({ atMs: nowMs, bytes, sequences: batch.map(({ sequence }) => sequence) });
      return { ...all(batch), bytesSent: bytes };
    },
  };
  const wait = async (ms: number, signal: AbortSignal) => {
    const untilMs = nowMs + ms;
    while (nowMs < untilMs && !signal.aborted) {
      nowMs = Math.min(untilMs, (Math.floor(nowMs / 1000) + 1) * 1000);
      const more = each(nowMs);
      if (more.length > 0) spool.add(...more);
    }
  };
  await using _pump = pumpOf({ spool, sink, clock, wait, bytesPerSecond: CAP }).pump;
  await spool.drained();
  return sent;
}

const total = (sent: readonly { readonly bytes: number }[]) => sent.reduce((sum, { bytes }) => sum + bytes, 0);

test("a backlog leaves no faster than the cap, and no slower", async () => {
  const sent = await drain(Array.from({ length: 600 }, (_, index) => makeEntry(index + 1)));
  const lastMs = sent.at(-1)?.atMs ?? 0;
  for (const { atMs } of sent) {
    const upTo = sent.filter((each) => each.atMs <= atMs);
    expect(total(upTo)).toBeLessThanOrEqual(CAP + (atMs / 1000) * CAP + CAP * FORWARD_LIMITS.cappedBatchS);
  }
  expect(total(sent)).toBeGreaterThanOrEqual((lastMs / 1000) * CAP);
});

test("a picture larger than the cap goes at once, and is paid off before the next; live events pass meanwhile", async () => {
  const pictures = [1, 2, 3].map((n) => makeEntry(n, { image: picture, subject: "camera" }));
  let newest = 3;
  const madeAtMs = new Map<number, number>();
  const sent = await drain(pictures, (nowMs) => {
    if (nowMs > 400_000 || nowMs % 10_000 !== 0) return [];
    madeAtMs.set(++newest, nowMs);
    return [makeEntry(newest)];
  });
  const at = (sequence: number) => sent.find(({ sequences }) => sequences.includes(sequence))?.atMs ?? Number.NaN;
  expect(at(1)).toBe(0);
  expect(at(2)).toBeGreaterThanOrEqual(200_000 - 1000);
  expect(at(3)).toBeGreaterThanOrEqual(400_000 - 1000);
  const latencies = [...madeAtMs].map(([sequence, ms]) => at(sequence) - ms);
  expect(latencies).toHaveLength(40);
  expect(Math.max(...latencies)).toBeLessThanOrEqual(1000);
});

test("a live picture waits until all is paid off, and its camera's later events behind it", async () => {
  const live = [
    makeEntry(3, { image: picture, subject: "camera" }),
    makeEntry(4, { subject: "camera" }),
    makeEntry(5, { subject: "sensor" }),
  ];
  const pictures = [1, 2].map((n) => makeEntry(n, { image: picture, subject: "camera" }));
  const sent = await drain(pictures, (nowMs) => (nowMs === 5000 ? live : []));
  const at = (sequence: number) => sent.find(({ sequences }) => sequences.includes(sequence))?.atMs ?? Number.NaN;
  expect(at(5)).toBe(5000);
  expect(at(3)).toBeGreaterThanOrEqual(200_000 - 1000);
  expect(at(4)).toBeGreaterThanOrEqual(at(3));
});

test("what is urgent does not wait for what is owed", async () => {
  let isMade = false;
  const pictures = [1, 2].map((n) => makeEntry(n, { image: picture, subject: "camera" }));
  const sent = await drain(pictures, (nowMs) => {
    if (isMade || nowMs < 5000) return [];
    isMade = true;
    // So many live ones that they owe by themselves, and one urgent among them.
    return [
      ...Array.from({ length: 40 }, (_, index) => makeEntry(index + 3)),
      makeEntry(50, { type: "device.status.v1" }),
    ];
  });
  const [, second] = sent;
  expect(second).toMatchObject({ atMs: 5000, sequences: [50] });
});

describe("the bucket", () => {
  test("saves a second's worth of silence and no more", () => {
    const pace = new Pace(CAP);
    pace.spent({ bytes: CAP, isLight: true }, 3_600_000);
    expect(pace.inMs("all", 3_600_000)).toBe(0);
    pace.spent({ bytes: 2 * CAP, isLight: true }, 3_600_000);
    expect(pace.inMs("all", 3_600_000)).toBe(2000);
    expect(pace.inMs("light", 3_601_000)).toBe(1000);
  });

  test("without a cap is never empty", () => {
    const pace = new Pace(null);
    pace.spent({ bytes: 1e12, isLight: false }, 0);
    expect(pace.inMs("all", 0)).toBe(0);
  });
});

// Shown here: a second copy of the same words is no news, old words are history, and a device's clock is believed within bounds.
import { expect, test } from "vitest";
import type { DecodedReading } from "../../src/core/reading.ts";
import { type DeviceMemory, emptyMemory, normalise } from "../../src/normalise/normalise.ts";

const NOW = Date.UTC(2026, 5, 1, 12);

/** One device that hears message after message. */
function device() {
  let memory: DeviceMemory = emptyMemory;
  return (
    atMs: number,
    readings: readonly DecodedReading[],
    { topic = "a", key }: { topic?: string; key?: string } = {},
  ) => {
    const once = key === undefined ? undefined : { key, withinMs: 5000 };
    const heard = normalise({
      memory,
      readings,
      deviceId: "d",
      atMs,
      isReplay: false,
      topic,
      once,
      lateMsMax: 7 * 24 * 3_600_000,
    });
    memory = heard.memory;
    return { news: heard.news.map(({ kind, value, atMs }) => ({ kind, value, atMs })), ignored: heard.ignored };
  };
}
const lux = (value: number, saidAtMs?: number): DecodedReading =>
  saidAtMs === undefined ? { kind: "illuminance", value } : { kind: "illuminance", value, saidAtMs };
const motion = (value: boolean, saidAtMs?: number): DecodedReading =>
  saidAtMs === undefined ? { kind: "motion", value } : { kind: "motion", value, saidAtMs };

test("the same level on another topic within seconds is a repeat; on the same topic it is a new measurement", () => {
  const hear = device();
  expect(hear(NOW, [lux(72)]).news).toHaveLength(1);
  expect(hear(NOW + 100, [lux(72)], { topic: "b" })).toEqual({ news: [], ignored: { repeat: 1 } });
  expect(hear(NOW + 200, [lux(73)], { topic: "b" }).news).toHaveLength(1);
  expect(hear(NOW + 300, [lux(73)], { topic: "b" }).news).toHaveLength(1);
  expect(hear(NOW + 60_000, [lux(73)], { topic: "a" }).news).toHaveLength(1);
});

test("the same packet again is a repeat, whole, until its time is over", () => {
  const hear = device();
  expect(hear(NOW, [motion(true), lux(5)], { key: "16" }).news).toHaveLength(2);
  expect(hear(NOW + 2000, [motion(true), lux(5)], { key: "16" })).toEqual({ news: [], ignored: { repeat: 2 } });
  expect(hear(NOW + 3000, [motion(false), lux(6)], { key: "17" }).news).toHaveLength(2);
  expect(hear(NOW + 4000, [lux(5)], { key: "16" }).ignored).toEqual({ repeat: 1 });
  expect(hear(NOW + 60_000, [lux(5)], { key: "16" }).news).toHaveLength(1);
});

test("a device's own time is kept where it can be believed", () => {
  const hear = device();
  expect(hear(NOW, [lux(1, NOW - 600_000)]).news).toEqual([{ kind: "illuminance", value: 1, atMs: NOW - 600_000 }]);
  expect(hear(NOW + 1, [lux(2, NOW + 30_000)]).news[0]?.atMs).toBe(NOW + 1);
  expect(hear(NOW + 2, [lux(3, NOW + 3_600_000)]).news[0]?.atMs).toBe(NOW + 2);
  expect(hear(NOW + 3, [lux(4, NOW - 8 * 24 * 3_600_000)]).news[0]?.atMs).toBe(NOW + 3);
});

test("an edge older than the one that is known is history; an older level is a measurement with its own time", () => {
  const hear = device();
  expect(hear(NOW, [motion(true, NOW - 10_000)]).news).toHaveLength(1);
  expect(hear(NOW + 1, [motion(false, NOW - 60_000)])).toEqual({ news: [], ignored: { history: 1 } });
  expect(hear(NOW + 2, [lux(8, NOW - 60_000)]).news[0]?.atMs).toBe(NOW - 60_000);
  expect(hear(NOW + 3, [motion(false, NOW)]).news).toHaveLength(1);
});

test("a device whose clock was set back is deaf for an hour at most", () => {
  const hear = device();
  expect(hear(NOW, [motion(true, NOW)]).news).toHaveLength(1);
  expect(hear(NOW + 60_000, [motion(false, NOW - 1_800_000)])).toEqual({ news: [], ignored: { history: 1 } });
  const hourLater = NOW + 3_600_001;
  expect(hear(hourLater, [motion(false, NOW - 1_700_000)]).news).toHaveLength(1);
  expect(hear(hourLater + 1000, [motion(true, hourLater - 1_799_000)]).news).toHaveLength(1);
});

// The hours of a line: what goes outside them, what people are told, and "send now". Waits last until the test ends them, and the
// clock's hands are the test's.
import { describe, expect, test } from "vitest";
import { createLineHours } from "../../src/forward/line-hours.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf, reaches } from "./pump-bench.ts";
import { heldWaits, nothing, scriptedSink } from "./scripted-sink.ts";

const HOUR_MS = 3_600_000;
/** 23:00 in Paris. */
const EVENING_MS = Date.UTC(2026, 10, 21, 22);
const ONE_AT_NIGHT_MS = EVENING_MS + 2 * HOUR_MS;
const NIGHT: { readonly between: [string, string]; readonly urgent: boolean } = {
  between: ["01:00", "05:00"],
  urgent: true,
};
const urgent = (sequence: number) => makeEntry(sequence, { type: "device.status.v1" });

/** A pump whose line is open at night, at 23:00, with entry 1 waiting. */
function nightLine(connect = NIGHT, ...script: Parameters<typeof scriptedSink>) {
  const time = fakeTime(EVENING_MS);
  const spool = memorySpool([makeEntry(1)]);
  const scripted = scriptedSink(...script);
  let rests = 0;
  const sink = { ...scripted.sink, rest: async () => void rests++ };
  const held = heldWaits();
  const hours = createLineHours({ connect, timezone: "Europe/Paris", sun: null, clock: time.clock });
  const { pump, board } = pumpOf({ spool, sink, clock: time.clock, wait: held.wait, hours });
  return { time, spool, offered: scripted.offered, rests: () => rests, held, pump, board };
}

describe("outside its hours a line", () => {
  test("rests, lets go of its connection and says until when; all goes when they begin", async () => {
    const { time, spool, offered, rests, held, pump } = nightLine();
    await using _pump = pump;
    await held.begun(1);
    expect(pump.state()).toMatchObject({
      state: "resting",
      why: "sends from 01:00 to 05:00",
      untilMs: ONE_AT_NIGHT_MS,
    });
    expect({ offered, rests: rests() }).toEqual({ offered: [], rests: 1 });
    time.pass(2 * HOUR_MS);
    held.end();
    await spool.drained();
    await reaches(pump, "connected");
    expect(offered).toEqual([["1"]]);
  });

  test("with nothing to send does not stay resting when they begin", async () => {
    const { time, spool, held, pump } = nightLine();
    await using _pump = pump;
    spool.waiting.splice(0);
    await held.begun(1);
    expect(pump.state().state).toBe("resting");
    time.pass(2 * HOUR_MS);
    held.end();
    await reaches(pump, "idle");
  });

  test("carries what is urgent at once, and nothing else", async () => {
    const { spool, offered, rests, held, pump } = nightLine();
    await using _pump = pump;
    await held.begun(1);
    spool.add(makeEntry(2), urgent(3));
    await held.begun(2);
    expect({ offered, rests: rests(), state: pump.state().state }).toEqual({
      offered: [["3"]],
      rests: 2,
      state: "resting",
    });
    expect(spool.waiting.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test("carries nothing at all where the settings say so", async () => {
    const { spool, offered, held, pump } = nightLine({ ...NIGHT, urgent: false });
    await using _pump = pump;
    await held.begun(1);
    spool.add(urgent(2));
    await held.begun(2);
    expect(offered).toEqual([]);
  });

  test("is not used to ask a platform that refuses", async () => {
    const { time, offered, held, pump } = nightLine(NIGHT, nothing({ kind: "pause", why: "no" }));
    await using _pump = pump;
    await held.begun(1);
    time.pass(2 * HOUR_MS);
    held.end();
    await reaches(pump, "paused");
    await held.begun(2);
    time.pass(4 * HOUR_MS);
    held.end();
    await held.begun(3);
    expect({ offered, state: pump.state().state }).toEqual({ offered: [["1"]], state: "paused" });
  });

  test("closes in the middle of a backlog, and goes on the next night", async () => {
    const { time, spool, offered, held, pump } = nightLine();
    await using _pump = pump;
    spool.add(...Array.from({ length: 600 }, (_, index) => makeEntry(index + 2)));
    pump.onChange(() => {
      if (offered.length === 1) time.pass(4 * HOUR_MS);
    });
    await held.begun(1);
    time.pass(2 * HOUR_MS);
    held.end();
    await reaches(pump, "connected");
    await reaches(pump, "resting");
    expect(spool.waiting).toHaveLength(101);
    expect(pump.state().untilMs).toBe(ONE_AT_NIGHT_MS + 24 * HOUR_MS);
  });
});

describe("send now", () => {
  test("sends once what waits, whatever the hour, and nothing that comes after", async () => {
    const { spool, offered, held, pump } = nightLine();
    await using _pump = pump;
    await held.begun(1);
    pump.resume();
    await spool.drained();
    await held.begun(2);
    spool.add(makeEntry(2));
    await held.begun(3);
    expect({ offered, state: pump.state().state }).toEqual({ offered: [["1"]], state: "resting" });
  });

  test("ends a wait, and is given up after an hour with the platform away", async () => {
    const time = fakeTime(EVENING_MS);
    const spool = memorySpool([makeEntry(1)]);
    const away = nothing({ kind: "wait", retryAfterMs: null, why: "away" });
    const { sink, offered } = scriptedSink(away, away, away);
    const held = heldWaits();
    const hours = createLineHours({ connect: NIGHT, timezone: "Europe/Paris", sun: null, clock: time.clock });
    const { pump } = pumpOf({ spool, sink, clock: time.clock, wait: held.wait, hours });
    await using _pump = pump;
    await held.begun(1);
    pump.resume();
    await held.begun(2);
    expect(pump.state().state).toBe("waiting");
    pump.resume();
    await held.begun(3);
    expect(offered).toHaveLength(2);
    time.pass(HOUR_MS);
    held.end();
    held.end();
    held.end();
    await reaches(pump, "resting");
    expect(offered).toHaveLength(2);
  });
});

describe("the hours", () => {
  const at = (clock: ReturnType<typeof fakeTime>["clock"], between: [string, string], sun = null) =>
    createLineHours({ connect: { between, urgent: true }, timezone: "Europe/Paris", sun, clock }).now();

  test("go over midnight, in the site's time zone", () => {
    const { clock } = fakeTime(EVENING_MS);
    expect(at(clock, ["22:00", "06:00"])).toEqual({ isOpen: true });
    expect(at(clock, ["23:30", "06:00"])).toMatchObject({ isOpen: false, opensAtMs: EVENING_MS + HOUR_MS / 2 });
  });

  test("by the sun nobody knows where the site has no cell: closed, and no hour is promised", () => {
    const { clock } = fakeTime(EVENING_MS);
    expect(at(clock, ["sunset", "sunrise"])).toEqual({
      isOpen: false,
      opensAtMs: null,
      why: "sends from sunset to sunrise",
    });
  });

  test("are not known while the clock is not: urgent alone, and after a day of it everything, since it would be lost", () => {
    const time = fakeTime(ONE_AT_NIGHT_MS + HOUR_MS);
    let isSynced = false;
    const clock = { ...time.clock, isSynced: () => isSynced };
    const hours = createLineHours({ connect: NIGHT, timezone: "Europe/Paris", sun: null, clock });
    expect(hours.now()).toMatchObject({ isOpen: false, opensAtMs: null });
    time.pass(24 * HOUR_MS - 1);
    expect(hours.now().isOpen).toBe(false);
    time.pass(10_000);
    expect(hours.now().isOpen).toBe(true);
    isSynced = true;
    time.pass(6 * HOUR_MS);
    expect(hours.now()).toMatchObject({ isOpen: false, why: "sends from 01:00 to 05:00" });
  });
});

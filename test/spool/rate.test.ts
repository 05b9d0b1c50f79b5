// Shown: "room for about so many hours" is of the rate at which events and pictures came in the last day of running, whatever
// waits, drains or came in a burst, and is kept over a restart.
import { expect, test } from "vitest";
import type { Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";
import { addPicture } from "../helpers/waiting-pictures.ts";

const HOUR_MS = 3_600_000;
const BYTES_MAX = 4 * 1024 * 1024;

async function openHouse(dataDir: string, time = fakeTime(), free?: { bytes: number }) {
  const { clock } = time;
  const by = testDisclosure({ clock });
  const disk = free === undefined ? {} : { reserveFreeBytes: 1000, freeBytes: async () => free.bytes };
  const spool = await openTestSpool(dataDir, { clock, bytesMax: BYTES_MAX, ...disk });
  const append = (lux: number) => spool.append({ make: [{ event: luxEvent(lux, by) }] });
  return {
    spool,
    time,
    append,
    /** So many events an hour, and a look every ten minutes. */
    async run(hours: number, perHour: number): Promise<void> {
      for (let step = 0; step < hours * 6; step++) {
        await Promise.all(Array.from({ length: perHour / 6 }, (_, lux) => append(lux)));
        time.pass(10 * 60_000);
        await spool.lookAtDisk();
      }
    },
    hoursLeft: () => spool.stats(clock.nowMs()).hoursLeft,
    drain: () => spool.settle({ sinkId: "main", accepted: waitingFor(spool, clock.nowMs()), rejected: [] }),
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  };
}

/** How many events went into a buffer of that size before it held appends back. */
async function eventsThatFit(spool: Spool, append: (lux: number) => Promise<void>): Promise<number> {
  let fitted = 0;
  while (spool.condition() === "ok") {
    for (let n = 0; n < 50; n++) append(n).catch(() => undefined);
    await Promise.race([append(0).then(() => (fitted += 51)), new Promise((resolve) => setTimeout(resolve, 300))]);
    await spool.lookAtDisk();
  }
  return fitted;
}

test("it says for how long the buffer really lasts", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  expect(house.hoursLeft()).toBe(null);
  await house.run(3, 120);
  const said = house.hoursLeft() ?? 0;
  const fitted = await eventsThatFit(house.spool, house.append);
  expect(said / (fitted / 120)).toBeGreaterThan(0.8);
  expect(said / (fitted / 120)).toBeLessThan(1.25);
});

test("what waits or drains does not change the rate, and a burst counts by its part of the day", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  await house.run(4, 60);
  const steady = house.hoursLeft() ?? 0;
  await house.drain();
  expect(house.hoursLeft(), "drained: a little more room").toBeGreaterThanOrEqual(steady);
  expect(house.hoursLeft()).toBeLessThan(steady * 1.2);
  await Promise.all(Array.from({ length: 240 }, (_, lux) => house.append(lux)));
  await house.drain();
  expect(house.hoursLeft(), "as many at once as in four hours").toBeLessThan(steady * 0.7);
  expect(house.hoursLeft()).toBeGreaterThan(steady * 0.4);
  await house.run(25, 60);
  expect(house.hoursLeft() ?? 0, "after a day it is forgotten").toBeGreaterThan(steady * 0.6);
});

test("pictures take the room that they take, and so does a disk that is nearly full", async () => {
  await using directory = await tempDir();
  const free = { bytes: 10_000_000 };
  await using house = await openHouse(directory.path, fakeTime(), free);
  await house.run(2, 60);
  const before = house.hoursLeft() ?? 0;
  await addPicture(directory.path, { sequence: 1, bytes: BYTES_MAX / 2 });
  expect((house.hoursLeft() ?? 0) / before).toBeCloseTo(0.5, 1);
  free.bytes = 1000 + BYTES_MAX / 4;
  await house.spool.lookAtDisk();
  expect((house.hoursLeft() ?? 0) / before).toBeCloseTo(0.25, 1);
});

test("the rate is kept over a restart, and what is damaged of it is no rate", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  let before = 0;
  {
    await using house = await openHouse(directory.path, time);
    await house.run(2, 60);
    before = house.hoursLeft() ?? 0;
  }
  time.pass(5 * HOUR_MS);
  {
    await using house = await openHouse(directory.path, time);
    expect((house.hoursLeft() ?? 0) / before, "without the hours in which it was off").toBeCloseTo(1, 1);
    await house.spool.append({ state: { "spool:rate": '[[3600000,1],["x"],7' } });
  }
  await using house = await openHouse(directory.path, time);
  expect(house.hoursLeft()).toBe(null);
});

// Shown: which pictures lie on the disk and for how long, with pictures that the real redactor made: a still camera, two
// cameras that see the same, erasing on a full disk, and a key that is another one.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import type { Making, Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestRedactor, type TestRedactor } from "../helpers/test-redactor.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
let house: TestRedactor;
beforeAll(async () => {
  house = await openTestRedactor();
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

type Time = ReturnType<typeof fakeTime>;

/** The same photograph each time, unless another is named: the same bytes, as of a still camera. */
async function snapshot(
  time: Time,
  { hours = 72, cameraId = "cam", sample = "sample1" as const } = {},
): Promise<Making> {
  const bytes = await samplePhotograph(sample);
  using frame = new RawFrame({ bytes, cameraId, takenAtMs: time.clock.nowMs() });
  const verdict = await house.redactor.redact(
    frame,
    { masks: [], redact: { level: "normal", whenUnsure: "mosaic", persons: false } },
    never,
  );
  if (verdict.kind !== "image") throw new Error(verdict.detail);
  const image = { redacted: verdict.image, expiresAtMs: time.clock.nowMs() + hours * HOUR_MS };
  return { event: luxEvent(1, testDisclosure({ clock: time.clock })), image };
}

const files = (dataDir: string) => readdir(join(dataDir, "images"));

async function deliverAll(spool: Spool, time: Time): Promise<void> {
  await spool.settle({ sinkId: "main", accepted: waitingFor(spool, time.clock.nowMs()), rejected: [] });
}

test("a still camera's picture that waits again is not removed with the one that is past its hour", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  const [old, again] = [await snapshot(time, { hours: 1 }), await snapshot(time, { hours: 72 })];
  await spool.append({ make: [old] });
  await deliverAll(spool, time);
  time.pass(2 * HOUR_MS);
  const appended = spool.append({ make: [again] });
  const swept: number[] = [];
  for (let n = 0; n < 20; n++) {
    swept.push(await spool.sweepPictures(time.clock.nowMs()));
    await new Promise(setImmediate);
  }
  await appended;
  expect(swept.reduce((sum, n) => sum + n)).toBe(1);
  const [entry] = waitingFor(spool, time.clock.nowMs());
  expect((await spool.image(entry?.image?.sha256 ?? "")).length).toBe(entry?.image?.bytes);
  expect(await files(directory.path)).toEqual([entry?.image?.sha256]);
});

test("two cameras that see the same at the same moment each have their picture and its hour; the file goes with the last", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  const both = [
    await snapshot(time, { cameraId: "one", hours: 72 }),
    await snapshot(time, { cameraId: "two", hours: 1 }),
  ];
  await Promise.all(both.map((each) => spool.append({ make: [each] })));
  await deliverAll(spool, time);
  expect(spool.lastPicture("one")?.sha256).toBe(spool.lastPicture("two")?.sha256);
  time.pass(2 * HOUR_MS);
  await spool.sweepPictures(time.clock.nowMs());
  expect([spool.lastPicture("one")?.cameraId, spool.lastPicture("two")]).toEqual(["one", null]);
  expect((await files(directory.path)).length).toBe(1);
  time.pass(71 * HOUR_MS);
  await spool.sweepPictures(time.clock.nowMs());
  expect(spool.lastPicture("one")).toBe(null);
  expect(await files(directory.path)).toEqual([]);
});

test("an event does not outlive its picture: it is not offered without it, and expires with it", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await spool.append({ make: [await snapshot(time, { hours: 1 })] });
  expect(waitingFor(spool, time.clock.nowMs()).length).toBe(1);
  time.pass(2 * HOUR_MS);
  expect(waitingFor(spool, time.clock.nowMs())).toEqual([]);
  expect(spool.expired(time.clock.nowMs(), 10)).toEqual([1]);
});

test("a picture made before the clock was set keeps its time, also when it was taken before and stored after", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await spool.append({ make: [await snapshot(time)] });
  const late = await snapshot(time, { cameraId: "other" });
  time.set(40 * 24 * HOUR_MS);
  await spool.append({ make: [{ ...late, event: luxEvent(2, testDisclosure({ clock: time.clock })) }] });
  await spool.sweepPictures(await spool.timeSettled());
  expect(waitingFor(spool, time.clock.nowMs()).length).toBe(2);
  expect(spool.lastPicture("cam")?.takenAtMs).toBe(time.clock.nowMs());
  expect(spool.lastPicture("other")?.takenAtMs).toBe(time.clock.nowMs());
});

test("pictures past their hour are erased while the spool is full and appends wait", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, {
    clock: time.clock,
    reserveFreeBytes: 1,
    freeBytes: async () => 0,
  });
  await spool.append({ make: [await snapshot(time, { hours: 1 })] });
  await spool.lookAtDisk();
  const held = spool.append({ make: [{ event: luxEvent(2, testDisclosure({ clock: time.clock })) }] });
  expect(spool.condition()).toBe("full");
  time.pass(2 * HOUR_MS);
  expect(await spool.sweepPictures(time.clock.nowMs())).toBe(1);
  expect(await files(directory.path)).toEqual([]);
  expect(query(directory.path, "SELECT count(*) AS n FROM pictures")).toEqual([{ n: 0 }]);
  await spool[Symbol.asyncDispose]();
  await held;
});

test("with another key the pictures that wait are given up by name, counted and said once; the rest goes on", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  const by = testDisclosure({ clock: time.clock });
  {
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await spool.append({ make: [await snapshot(time)] });
    await spool.append({ make: [{ event: luxEvent(2, by) }] });
  }
  await rm(join(directory.path, "keys", "images.key"));
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  {
    await using spool = await openTestSpool(directory.path, { clock: time.clock, log });
    expect(waitingFor(spool, time.clock.nowMs()).map(({ sequence }) => sequence)).toEqual([2]);
    expect(spool.undeliverable(10)).toEqual([1]);
    expect(spool.counters()["spool.pictures-of-lost-key"]).toBe(1);
    expect(await files(directory.path)).toEqual([]);
    await spool.append({ make: [await snapshot(time)] });
    const sha256 = waitingFor(spool, time.clock.nowMs()).at(-1)?.image?.sha256 ?? "";
    expect((await spool.image(sha256)).length).toBeGreaterThan(1000);
  }
  await using again = await openTestSpool(directory.path, { clock: time.clock, log });
  expect(waitingFor(again, time.clock.nowMs()).map(({ sequence }) => sequence)).toEqual([2, 3]);
  expect(lines.filter((line) => line.includes("the pictures' key is another one")).length).toBe(1);
});

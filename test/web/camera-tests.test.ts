// Test pictures that wait to be shown: for the session that asked alone, for some minutes, a few at once, within bytes.
import { expect, test, vi } from "vitest";
import type { CameraTest } from "../../src/core/commands.ts";
import { HeldTests } from "../../src/web/camera-tests.ts";
import { fakeTime } from "../helpers/fake-time.ts";

function seen(bytes = 10): CameraTest {
  const size = { width: 640, height: 360, boxes: [] };
  return { outcome: "empty", detail: null, ...size, jpeg: Buffer.alloc(bytes, 1), ms: {}, frameBytes: null };
}

const BOUNDS = { testsHeld: 2, testsHeldBytes: 100, testHeldMs: 1000 };

function open() {
  const time = fakeTime();
  return { pass: (ms: number) => time.pass(ms), held: new HeldTests({ clock: time.clock, bounds: BOUNDS }) };
}

const mine = { token: "a", camera: "gate-cam" };

test("another session, another camera and no session find nothing", () => {
  const { held } = open();
  held.hold(mine, seen());
  expect(held.find(mine)?.test.outcome).toBe("empty");
  for (const other of [
    { ...mine, token: "b" },
    { ...mine, camera: "yard-cam" },
    { ...mine, token: undefined },
  ])
    expect(held.find(other)).toBeUndefined();
  held.hold({ ...mine, token: undefined }, seen());
  expect(held.bytes()).toBe(10);
});

test("it is over after its time, and gone from memory even when nobody asks", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { held, pass } = open();
    held.hold(mine, seen());
    pass(999);
    expect(held.find(mine)).toBeDefined();
    pass(1);
    expect(held.find(mine)).toBeUndefined();
    held.hold(mine, seen());
    vi.advanceTimersByTime(999);
    expect(held.bytes()).toBe(10);
    vi.advanceTimersByTime(1);
    expect(held.bytes()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("a newer one takes the place of the same session's, and its time begins anew", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { held } = open();
    held.hold(mine, seen(10));
    vi.advanceTimersByTime(900);
    held.hold(mine, seen(20));
    vi.advanceTimersByTime(900);
    expect(held.bytes()).toBe(20);
  } finally {
    vi.useRealTimers();
  }
});

test("the oldest gives way to a third, and to many bytes", () => {
  const { held } = open();
  const of = (token: string) => ({ ...mine, token });
  for (const token of ["a", "b", "c"]) held.hold(of(token), seen());
  expect(["a", "b", "c"].map((token) => held.find(of(token)) !== undefined)).toEqual([false, true, true]);
  held.hold(of("d"), seen(95));
  expect(["b", "c", "d"].map((token) => held.find(of(token)) !== undefined)).toEqual([false, false, true]);
  expect(held.bytes()).toBe(95);
});

test("a session that ends takes all of its own with it, and no other's", () => {
  const { held } = open();
  held.hold(mine, seen());
  held.hold({ ...mine, token: "b" }, seen());
  held.forgetAll("a");
  expect(held.find(mine)).toBeUndefined();
  expect(held.find({ ...mine, token: "b" })).toBeDefined();
});

test("what somebody wished to be erased of a camera goes from every session, and of all cameras where none is named", () => {
  const { held } = open();
  const other = { token: "b", camera: "yard-cam" };
  held.hold(mine, seen());
  held.hold(other, seen());
  held.forgetCameras(["gate-cam"]);
  expect([held.find(mine), held.find(other)?.test.outcome]).toEqual([undefined, "empty"]);
  held.forgetCameras([]);
  expect(held.bytes()).toBe(0);
});

// Shown: a wall clock that is set is noticed once by its size, in both directions, and slewing is not.
import { expect, test } from "vitest";
import { ClockSteps } from "../../src/core/clock-steps.ts";
import { fakeTime } from "../helpers/fake-time.ts";

test("a step is told until it is acted upon, then no more", () => {
  const time = fakeTime();
  const steps = new ClockSteps(time.clock);
  time.pass(5000);
  expect(steps.look().stepMs).toBe(0);
  time.set(40 * 24 * 3_600_000);
  expect(steps.look().stepMs).toBe(40 * 24 * 3_600_000);
  steps.acted(steps.look());
  expect(steps.look().stepMs).toBe(0);
  time.set(-3_600_000);
  expect(steps.look().stepMs).toBe(-3_600_000);
});

test("a clock that is slewed by a little at each look is never said to have been set", () => {
  const time = fakeTime();
  const steps = new ClockSteps(time.clock);
  for (let n = 0; n < 100; n++) {
    time.pass(1000);
    time.set(30_000);
    expect(steps.look().stepMs).toBe(0);
  }
});

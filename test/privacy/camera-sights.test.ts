// Shown: for how long a canary that was found counts as evidence.
import { expect, test } from "vitest";
import { CameraSights } from "../../src/privacy/camera-sights.ts";
import { fakeTime } from "../helpers/fake-time.ts";

const sees = (canary: boolean) =>
  canary
    ? ({ kind: "sees", id: 1, canary: true, ms: {} } as const)
    : ({ kind: "withheld", id: 1, why: "unsure", canary: false, detail: "too dark", ms: {} } as const);

test("a canary counts for its camera and the child that found it, until it is missed once", () => {
  const time = fakeTime();
  const sights = new CameraSights(time.clock);
  const cam = { cameraId: "cam", generation: 1 };
  sights.learn({ ...cam, isBuiltIn: true }, sees(true));
  time.pass(4000);
  expect(sights.canaryAgeMs(cam)).toBe(4000);
  expect(sights.canaryAgeMs({ ...cam, generation: 2 })).toBeNull();
  expect(sights.canaryAgeMs({ ...cam, cameraId: "other" })).toBeNull();
  sights.learn({ ...cam, isBuiltIn: true }, sees(false));
  expect(sights.canaryAgeMs(cam)).toBeNull();
  expect(sights.sightOf(cam)).toMatchObject({ canSee: false, why: "cannot see well enough: too dark" });
});

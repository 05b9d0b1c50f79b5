// Shown: what a raw frame refuses at run time, where types do not reach: JSON, logs, string conversion, use after disposal (I1).
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { bytesOfFrame, RawFrame } from "../../src/camera/raw-frame.ts";

const frame = (): RawFrame => new RawFrame({ bytes: Buffer.from("secret pixels"), cameraId: "gate", takenAtMs: 1 });

test("cannot become JSON, also deep within something else", () => {
  expect(() => JSON.stringify(frame())).toThrow(/private/);
  expect(() => JSON.stringify({ event: [{ image: frame() }] })).toThrow(/private/);
});

test("shows its size and nothing else to logs, templates and spreads", () => {
  expect(inspect(frame())).toBe("RawFrame(13 bytes)");
  expect(inspect({ deep: [frame()] }, { depth: 9, showHidden: true })).not.toContain("secret");
  expect(String(Object.entries(frame()))).not.toContain("secret");
  expect(Object.values(Object.assign({}, frame())).some((value) => Buffer.isBuffer(value))).toBe(false);
});

test("is zeroed where it lies when its scope ends, also by an error", () => {
  const bytes = Buffer.from("secret pixels");
  expect(() => {
    using _frame = new RawFrame({ bytes, cameraId: "gate", takenAtMs: 1 });
    throw new Error("the road ends here");
  }).toThrow("the road ends here");
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test("a look-alike has no bytes to give", () => {
  const forged = Object.create(RawFrame.prototype);
  expect(() => bytesOfFrame(forged)).toThrow(TypeError);
});

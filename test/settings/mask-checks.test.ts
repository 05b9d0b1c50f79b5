// Shown: what is said of masks that do not hide what somebody drew them around.
import { expect, test } from "vitest";
import { GATEWAY, POLICY, said } from "../helpers/settings-folder.ts";

test("a mask that covers no area is a mistake, named with its place", async () => {
  const masks = "masks: [ { name: window, polygon: [[0.1, 0.5], [0.9, 0.5], [0.5, 0.5]] } ]";
  const policy = `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01, ${masks} } }\n`;
  const { mistakes } = await said({ gateway: GATEWAY, policy });
  expect(mistakes).toEqual([
    expect.stringMatching(
      /^policy\.yaml:\d+:\d+ the mask window of camera gate covers no area; write the corners in order/,
    ),
  ]);
});

test("a mask whose edges cross is a warning that says what stays visible; one in order, however bent, is none", async () => {
  const bent = "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.5, 0.2], [0.1, 0.9]]";
  const crossed = "[[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]]";
  const masks = `masks: [ { name: door, polygon: ${bent} }, { name: window, polygon: ${crossed} } ]`;
  const policy = `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01, ${masks} } }\n`;
  const { mistakes, warnings } = await said({ gateway: GATEWAY, policy });
  expect(mistakes).toEqual([]);
  expect(warnings.filter((each) => each.includes("mask"))).toEqual([
    expect.stringMatching(
      /^policy\.yaml:\d+:\d+ the edges of the mask window of camera gate cross, so only the parts that/,
    ),
  ]);
});

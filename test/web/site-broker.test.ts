// Shown: the page's first sentence says when the site's broker is away, or does not let us hear a topic.
import { expect, test } from "vitest";
import type { GatewayStatus } from "../../src/core/commands.ts";
import { handsNeeded } from "../../src/web/verdict.ts";
import { fakeStatus } from "../helpers/fake-house.ts";

const nowMs = Date.parse("2026-06-01T12:00:00Z");
const said = (siteBroker: GatewayStatus["siteBroker"]): string =>
  handsNeeded({ ...fakeStatus(), siteBroker: siteBroker ?? null }, { nowMs, speakerOf: () => ({ kind: "itself" }) })
    .map(({ what, next }) => `${what} ${next}`)
    .join("\n");

test("a site's broker that is away comes with its reason and the next step", () => {
  const away = said({ isUp: false, why: "connect ECONNREFUSED", refused: [] });
  expect(away).toContain("No sensor is heard: the site’s broker is not reached (connect ECONNREFUSED).");
  expect(away).toContain("switched on?");
});

test("topics that it refuses are counted", () => {
  expect(said({ isUp: true, why: null, refused: ["a/#", "b/#"] })).toContain("does not let the box hear 2 topics");
});

test("a site's broker that works, and none at all, are not spoken of", () => {
  expect(said({ isUp: true, why: null, refused: [] })).not.toContain("broker");
  expect(said(null)).not.toContain("broker");
});

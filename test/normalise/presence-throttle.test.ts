// A device that comes and goes is told of a few times an hour at most, and in the end as it is; its flags are not held up by it.
import { expect, test } from "vitest";
import type { ReadingValue } from "../../src/core/reading.ts";
import { PRESENCE_LIMITS } from "../../src/normalise/presence-limits.ts";
import { testDevice, testKit } from "../helpers/test-kit.ts";

const DAY = 24 * 3_600_000;

/** A device that is never late. */
const device = () => testDevice(30 * DAY);

const online = (value: boolean): ReadingValue => ({ kind: "online", value });
const tamper = (value: boolean): ReadingValue => ({ kind: "tamper", value });

test("a device that comes and goes every few seconds is told of a few times an hour, and the page shows what is", () => {
  const d = device();
  d.hear();
  const told: string[] = [];
  let absorbed = 0;
  for (let n = 0; n < 1200; n++) {
    const heard = d.hear(online(n % 2 === 1));
    if (heard.status !== null) told.push(`d ${heard.status.state}`);
    absorbed += heard.absorbed;
    expect(d.view().state).toBe(n % 2 === 1 ? "ok" : "offline");
    told.push(...d.wait(3000));
  }
  expect(told.slice(0, 2)).toEqual(["d offline", "d ok"]);
  expect(told.length).toBeLessThanOrEqual(2 + 6);
  expect(absorbed).toBeGreaterThan(1100);
  expect(d.counters()["device-status.held.rate"]).toBeGreaterThan(500);
});

test("a flapping device that comes to rest is told of as it is in the end, within ten minutes", () => {
  const d = device();
  for (const isOnline of [true, false, true, false]) d.hear(online(isOnline));
  expect(d.view().state).toBe("offline");
  expect(d.wait(PRESENCE_LIMITS.statusEveryMs - 1)).toEqual([]);
  expect(d.wait(1)).toEqual(["d offline"]);
  expect(d.wait(DAY)).toEqual([]);
});

test("tamper is told at once on a device of which enough was said", () => {
  const d = device();
  for (const isOnline of [true, false, true, false, true]) d.hear(online(isOnline));
  expect(d.hear(tamper(true)).status).toMatchObject({ flags: ["tamper"], state: "ok" });
  for (let n = 0; n < 50; n++) {
    d.hear(tamper(false));
    d.hear(tamper(true));
  }
  const rest = [d.wait(PRESENCE_LIMITS.statusEveryMs), d.wait(PRESENCE_LIMITS.statusEveryMs), d.wait(DAY)].flat();
  expect(rest.length).toBeLessThanOrEqual(1);
  expect(d.view().flags).toEqual(["tamper"]);
});

test("a motion sensor that sleeps between passers-by says hardly when it woke; that it is tampered with is told at once", () => {
  const kit = testKit({ d: { staleAfterMs: 30 * DAY, isDiscreet: true } });
  const told: string[] = [];
  for (let passersBy = 0; passersBy < 96; passersBy++) {
    if (kit.hear("d", online(true)).status !== null) told.push("woke");
    kit.hear("d", online(false));
    kit.time.pass(15 * 60_000);
    told.push(...kit.tick().states);
  }
  expect(told.filter((each) => each === "woke").length).toBeLessThanOrEqual(PRESENCE_LIMITS.statusInARow);
  expect(told.length).toBeLessThanOrEqual(3 + DAY / PRESENCE_LIMITS.statusEveryMsDiscreet);
  expect(kit.hear("d", tamper(true)).status).toMatchObject({ flags: ["tamper"] });
});

// Bridges: their own state with the time of their own last word, and what their absence makes of their devices.
import { expect, test } from "vitest";
import { kitOf } from "../helpers/test-kit.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;

test("when a bridge goes its devices are unknown, as one event; back again, each is as late as its silence", () => {
  const kit = kitOf(5);
  const { heardAtMs } = kit.view("d1");
  kit.hear("d0", { kind: "online", value: false });
  kit.watch(3 * MIN);
  expect(kit.bridge(false)).toEqual([]);
  expect(kit.watch(MIN)).toEqual(["devices-lost 4"]);
  expect(kit.view("d0").state).toBe("offline");
  expect(kit.view("d1")).toMatchObject({ state: "unknown", heardAtMs });
  expect(kit.bridge(true)).toEqual([]);
  expect(kit.watch(MIN)).toEqual(["devices-back 4"]);
  expect(kit.view("d1")).toMatchObject({ state: "ok", heardAtMs });
  kit.bridge(false);
  kit.time.pass(240 * HOUR);
  kit.bridge(true);
  kit.tick();
  expect(kit.view("d1").state).toBe("stale");
});

test("a device that is heard while its bridge is said to be away is there", () => {
  const kit = kitOf(1);
  expect(kit.bridge(false)).toEqual(["d0 unknown"]);
  expect(kit.hear("d0").status).toMatchObject({ state: "ok" });
});

test("a bridge has a state of its own, with the time of its own last word, across a restart", () => {
  const kit = kitOf(1);
  expect(kit.presence.bridges.get("z2m")).toMatchObject({ state: "unknown", heardAtMs: null });
  kit.bridge(true);
  const atMs = kit.time.clock.nowMs();
  kit.time.pass(5000);
  kit.bridge(false);
  expect(kit.presence.bridges.get("z2m")).toMatchObject({ state: "offline", heardAtMs: atMs });
  kit.save();
  kit.restart({ awayMs: 0 });
  expect(kit.presence.bridges.get("z2m")).toMatchObject({ state: "offline", heardAtMs: atMs });
  kit.presence.bridges.heard("z2m", atMs + 9000);
  expect(kit.presence.bridges.get("z2m")).toMatchObject({ state: "online", heardAtMs: atMs + 9000 });
});

test("a bridge that speaks often is written once a minute, and at once when its state changes", () => {
  const { bridges } = kitOf(1).presence;
  const writes = (hear: (atMs: number) => void) =>
    Array.from({ length: 180 }, (_, n) => {
      hear(5_000_000 + n * 1000);
      return Object.keys(bridges.unsaved()).length;
    }).reduce((sum, n) => sum + n, 0);
  expect(writes((atMs) => bridges.heard("z2m", atMs))).toBe(3);
  bridges.said("z2m", { isOnline: false, atMs: 5_180_000 });
  expect(bridges.unsaved()["bridge:z2m"]).toContain("offline");
});

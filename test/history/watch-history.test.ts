// How things were, kept on a real spool: looked at and written by itself, there after a restart, gone after an erasure, and no
// hindrance where the disk is full.
import { expect, test } from "vitest";
import type { GatewayStatus } from "../../src/core/commands.ts";
import { silentLog } from "../../src/core/log.ts";
import { History } from "../../src/history/history.ts";
import { watchHistory } from "../../src/history/watch-history.ts";
import { openErasingHouse } from "../helpers/erasing-house.ts";
import { fakeStatus } from "../helpers/fake-house.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool } from "../helpers/test-spool.ts";

const LOOK_MS = 5;

/** Each look is made when the last has been seen: no waiting for time. */
function lookedAt(status: GatewayStatus) {
  let looks = 0;
  return {
    status: () => {
      looks += 1;
      return status;
    },
    times: (count: number) => expect.poll(() => looks).toBeGreaterThan(count),
  };
}

test("what changed is on the disk by itself, and there after a restart; a withheld picture is no history", async () => {
  await using directory = await tempDir();
  const { clock } = fakeTime();
  const { devices, cameras, sinks, ...status } = fakeStatus();
  const withheld = cameras.map((camera) => ({ ...camera, state: "withheld" as const }));
  const away = sinks.map((sink) => ({ ...sink, state: "waiting" }));
  const house = lookedAt({ ...status, devices, cameras: withheld, sinks: away });
  {
    await using spool = await openTestSpool(directory.path, { clock });
    const history = new History({ kept: spool.state("history:"), clock, timezone: "UTC" });
    await using _watch = watchHistory({ history, status: house.status, spool, log: silentLog, lookMs: LOOK_MS });
    await house.times(3);
    await expect.poll(() => spool.state("history:").size).toBe(5);
  }
  await using spool = await openTestSpool(directory.path, { clock });
  const again = new History({ kept: spool.state("history:"), clock, timezone: "UTC" });
  expect(again.historyOf("device", "porch-motion")?.changes.at(-1)?.state).toBe("ok");
  expect(again.historyOf("camera", "gate-cam")?.changes.at(-1)?.state).toBe("ok");
  expect(again.historyOf("platform", "main")?.changes.at(-1)?.state).toBe("stale");
  expect(again.historyOf("gateway", "gateway")?.changes.at(-1)?.state).toBe("ok");
});

test("a disk that takes nothing holds up neither the looks nor the end", async () => {
  const { clock } = fakeTime();
  const history = new History({ kept: new Map(), clock, timezone: "UTC" });
  const house = lookedAt(fakeStatus());
  const spool = { condition: () => "full" as const, append: () => Promise.reject(new Error("never asked")) };
  {
    await using _watch = watchHistory({ history, status: house.status, spool, log: silentLog, lookMs: LOOK_MS });
    await house.times(3);
  }
  expect(history.isSaveDue).toBe(true);
});

test("a write that failed is made again", async () => {
  const { clock } = fakeTime();
  const history = new History({ kept: new Map(), clock, timezone: "UTC" });
  const house = lookedAt(fakeStatus());
  const written: string[] = [];
  let refusals = 1;
  const spool = {
    condition: () => "ok" as const,
    append: async ({ state = {} }: { readonly state?: Readonly<Record<string, string | null>> }) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error("no");
      written.push(...Object.keys(state));
    },
  };
  await using _watch = watchHistory({ history, status: house.status, spool, log: silentLog, lookMs: LOOK_MS });
  await expect.poll(() => new Set(written)).toContain("history:gateway");
});

test("an erasure of a device takes its history from the disk and from memory", async () => {
  await using house = await openErasingHouse();
  const { clock } = house;
  const history = new History({ kept: new Map(), clock, timezone: "UTC" });
  for (let n = 0; n < 3; n += 1)
    history.look(["lamp", "gate"].map((id) => ({ kind: "device", id, state: "ok", batteryPct: 80 })));
  await house.spool.append({ state: history.takeUnsaved() });
  const erasing = await house.open({ history });
  await erasing.erase({ devices: ["lamp"], cameras: [], by: "steward" });
  expect([...house.spool.state("history:").keys()]).toEqual(["history:device:gate", "history:gateway"]);
  expect(history.historyOf("device", "lamp")).toBeNull();
});

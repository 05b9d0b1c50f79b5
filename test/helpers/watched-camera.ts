// A camera watch on a road made by hand, which holds each look until the test ends it; lanes, schedules and rounds are the
// house's own.
import { expect } from "vitest";
import type { Camera } from "../../src/camera/camera.ts";
import { openCameraWatch } from "../../src/camera-watch.ts";
import { Board } from "../../src/core/board.ts";
import { silentLog } from "../../src/core/log.ts";
import { createQuiet } from "../../src/privacy/quiet.ts";
import { CameraEntry } from "../../src/settings/camera-schema.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import type { Look, SnapshotRoad, Trouble } from "../../src/snapshot-road.ts";
import { fakeTime } from "./fake-time.ts";

type Site = {
  readonly camera?: object;
  readonly policy?: object;
  readonly kept?: string;
  /** The policy's quiet zones and hours. */
  readonly quiet?: object;
  /** Of the site; UTC by default. */
  readonly timezone?: string;
  /** The camera sends by itself. */
  readonly sends?: boolean;
  /** The clock says 1970, and the house knows that it is at least this late. */
  readonly earliestNowMs?: number;
  /** Why it does not look; `hold` changes it. */
  readonly held?: "paused" | "draft" | null;
  readonly check?: (stop: AbortSignal) => Promise<Trouble | null>;
};

/** The first self-check has been made. */
export async function openSite({
  camera = {},
  policy = {},
  kept,
  quiet = {},
  timezone = "UTC",
  sends = false,
  earliestNowMs,
  held = null,
  check = async () => null,
}: Site = {}) {
  const time = earliestNowMs === undefined ? fakeTime(Date.UTC(2026, 10, 21, 12)) : fakeTime(5000, false);
  const board = new Board();
  let holding = held;
  const looks: { readonly end: (look: Look) => void; readonly kept: string; readonly stop: AbortSignal }[] = [];
  const senders = new Set<() => void>();
  const checks: number[] = [];
  /** What the camera was told of its rest, where it changed. */
  const rests: boolean[] = [];
  const road: SnapshotRoad = {
    look: (_, counted, stop) => new Promise((resolve) => looks.push({ end: resolve, kept: counted(), stop })),
    test: async () => ({
      outcome: "withheld",
      reason: "unsure",
      detail: "too dark",
      hint: "light",
      ms: {},
      frameBytes: 1,
    }),
    check: async (_, stop) => {
      checks.push(time.clock.monotonicMs());
      return await check(stop);
    },
  };
  const settings = CameraEntry.parse({
    id: "gate-cam",
    zone: "gate",
    source: { kind: "file", path: "/x.jpg" },
    triggers: ["gate-pir"],
    ...camera,
  });
  const allowed = SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Test", contact: "a@b.example" },
    cameras: { "gate-cam": { purpose: { en: "Look" }, until: "2027-06-30", ...policy } },
  }).cameras["gate-cam"];
  if (allowed === undefined) throw new Error("the test's policy has no camera");
  const asCamera: Camera = {
    id: "gate-cam",
    grab: () => Promise.reject(new Error("the road is not the real one")),
    rest: (isResting) => void (rests.at(-1) !== isResting && rests.push(isResting)),
    ...(sends && {
      onPicture: (heard) => {
        senders.add(heard);
        return () => senders.delete(heard);
      },
    }),
  };
  const watch = openCameraWatch({
    cameras: [{ settings, policy: allowed, camera: asCamera }],
    road,
    spool: {
      state: () => new Map(kept === undefined ? [] : [["camera:gate-cam", kept]]),
      condition: () => "ok",
      earliestNowMs: () => earliestNowMs ?? time.clock.nowMs(),
    },
    timezone,
    sun: null,
    heldBack: () => holding,
    quiet: createQuiet({ rule: { zones: [], hours: [], ...quiet }, timezone, sun: null, clock: time.clock }),
    clock: time.clock,
    board,
    log: silentLog,
    roundMs: 1,
  });
  const refused = (why: string) => board.all()[`snapshot.refused.${why}`] ?? 0;
  const endAll = (look: Look = { kind: "taken" }): void => {
    for (const each of looks) each.end(look);
  };
  const isChecked =
    !sends &&
    held === null &&
    allowed.until >= "2026-11-21" &&
    Object.keys(quiet).length === 0 &&
    settings.schedule?.between === undefined;
  if (isChecked) await expect.poll(() => checks).toHaveLength(1);
  await settled();
  return {
    watch,
    time,
    looks,
    checks,
    rests,
    senders,
    refused,
    endAll,
    hold: (why: typeof held) => void (holding = why),
    async [Symbol.asyncDispose]() {
      endAll();
      await watch[Symbol.asyncDispose]();
    },
  };
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));
/** Some rounds of schedules and self-checks have gone by. */
export async function rounds(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setTimeout(resolve, 1));
}

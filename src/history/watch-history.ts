// Looks at all things of the house once a minute, and writes what changed: at most once a minute, when all is calm every quarter
// of an hour, so that an SD card lives. A power cut takes a quarter of an hour at most, and that is shown as not known.
import { setTimeout as sleep } from "node:timers/promises";
import type { CameraView, GatewayStatus } from "../core/commands.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { DeviceState } from "../core/reading.ts";
import type { Spool } from "../spool/spool.ts";
import type { History, Seen } from "./history.ts";
import { HISTORY_LIMITS } from "./history-limits.ts";

/** `lookMs`: shorter in tests. */
type Deps = {
  readonly history: History;
  readonly status: () => Pick<GatewayStatus, "devices" | "cameras" | "sinks">;
  readonly spool: Pick<Spool, "append" | "condition">;
  readonly log: Log;
  readonly lookMs?: number;
};

/** Looks at once, and then again and again until it is closed; closing writes what is left, or gives it up on a full disk. */
export function watchHistory(deps: Deps): AsyncDisposable {
  const { history, status, lookMs = HISTORY_LIMITS.lookMs } = deps;
  let writing: Promise<void> | null = null;
  const write = (): void => {
    if (writing !== null || deps.spool.condition() !== "ok") return;
    writing = save(deps).finally(() => {
      writing = null;
    });
  };
  const look = (): void => {
    history.look(thingsIn(status()));
    if (history.isSaveDue) write();
  };
  look();
  const timer = setInterval(look, lookMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await writing;
      write();
      await Promise.race([writing, sleep(LIMITS.flushAtStopMs, undefined, { ref: false })]);
    },
  };
}

async function save({ history, spool, log }: Deps): Promise<void> {
  const state = history.takeUnsaved();
  const keys = Object.keys(state);
  if (keys.length === 0) return;
  try {
    await spool.append({ state });
  } catch (cause) {
    history.putBack(keys);
    log.warn({ cause: messageOf(cause) }, "how things were could not be written");
  }
}

function thingsIn({ devices, cameras, sinks }: Pick<GatewayStatus, "devices" | "cameras" | "sinks">): readonly Seen[] {
  return [
    ...devices.map(({ id, state, batteryPct, linkPct = null }): Seen => {
      return { kind: "device", id, state, batteryPct, linkPct };
    }),
    ...cameras.map(({ id, state }): Seen => ({ kind: "camera", id, state: CAMERA_STATES[state] })),
    ...sinks.map(({ id, state }): Seen => ({ kind: "platform", id, state: SINK_STATES.get(state) ?? "unknown" })),
  ];
}

/** That a picture was withheld is a word on one picture: on a chart it would tell when somebody passed. */
const CAMERA_STATES: Readonly<Record<CameraView["state"], DeviceState>> = {
  ok: "ok",
  withheld: "ok",
  unreachable: "offline",
  "cannot-see": "offline",
  paused: "paused",
  "no-policy": "paused",
  ended: "paused",
};

const SINK_STATES: ReadonlyMap<string, DeviceState> = new Map([
  ["connected", "ok"],
  ["idle", "ok"],
  ["waiting", "stale"],
  ["paused", "offline"],
  ["resting", "paused"],
]);

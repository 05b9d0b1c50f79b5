// Presence of the kit's devices, all of them together: who is late by listening time, which changes are told now and which
// are held back because the site as a whole is away or enough was said lately, and what bridges say of themselves.
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";
import type { Reading, ReadingValue } from "../core/reading.ts";
import { type BridgeStates, createBridgeStates } from "./bridge-states.ts";
import type { createDeviceMemories } from "./device-memories.ts";
import { startListeningTime } from "./listening-time.ts";
import type { DeviceMemory } from "./normalise.ts";
import {
  afterNews,
  factOf,
  afterReplay,
  afterWord,
  isLate,
  type StatusFact,
  STATUS_KINDS,
  stateOf,
  tell,
  type ToldFields,
} from "./presence.ts";
import { createSiteOutage, type SiteNews } from "./site-outage.ts";

/** `state`: what the spool keeps under a prefix. `device`: undefined for one that is no more in the kit. `isDiscreet`: see `tell`. */
type Deps = {
  readonly memories: ReturnType<typeof createDeviceMemories>;
  readonly state: (prefix: string) => ReadonlyMap<string, string>;
  readonly device: (
    id: string,
  ) => { readonly isPaused: boolean; readonly staleAfterMs: number; readonly isDiscreet: boolean } | undefined;
  readonly clock: Clock;
  readonly fields: ToldFields;
};

/** `absorbed`: readings of status kinds among the news that are in no fact, and why. Together with the fact they are all (I9). */
export type Heard = {
  readonly status: StatusFact | null;
  readonly absorbed: number;
  readonly absorbedBy: "repeat" | "held";
};

export type KitPresence = {
  /**
   * What an arrival says of its device; called after `normalise`, whose memory and news it gets. Remembers the device.
   * `replay`: the readings of a replay, of which there is no news.
   */
  hear(arrival: {
    readonly deviceId: string;
    readonly memory: DeviceMemory;
    readonly news: readonly Reading[];
    readonly replay?: readonly ReadingValue[];
    readonly atMs: number;
  }): Heard;
  /**
   * A bridge says that it goes or that it is back. While it is away nothing is known of its devices; back again, each is as
   * late as its silence. Gives what is to be told now.
   */
  bridgeSays(is: {
    readonly bridgeId: string;
    readonly isOnline: boolean;
    readonly deviceIds: readonly string[];
    readonly atMs: number;
  }): { readonly facts: readonly StatusFact[]; readonly isChange: boolean };
  /** About once a second: who is late, paused or no longer held back. `facts` are of single devices, `site` of all. */
  tick(atMs: number): { readonly facts: readonly StatusFact[]; readonly site: SiteNews | null };
  /** What was said last of each device of the kit, as of now: for when they are called otherwise. */
  saidLast(atMs: number): StatusFact[];
  /** What a restart needs and is not saved yet, by spool key; null forgets. Goes along with whatever is written next. */
  unsaved(): Readonly<Record<string, string | null>>;
  /** Whether it has to be written although there is nothing else to write. */
  isSaveDue(): boolean;
  readonly bridges: BridgeStates;
};

const LISTENING = "presence:listening";
const OUTAGE = "presence:outage";

export function createKitPresence({ memories, state, device, clock, fields }: Deps): KitPresence {
  const kept = state("presence:");
  // What was last saved may be older than the last word that was.
  const wordsMs = memories.ids().map((id) => memories.get(id).heardListeningMs ?? 0);
  const listening = startListeningTime(clock, Math.max(keptMs(kept.get(LISTENING)), ...wordsMs));
  const outage = createSiteOutage(kept.get(OUTAGE) ?? null);
  const bridges = createBridgeStates(state("bridge:"));
  /** No more in the kit, and still on the disk. */
  const removed = new Set<string>();
  let savedMs = listening.startedMs;
  let savedOutage = outage.text();

  /** Those of the kit that are there: asked with each message, so it is kept and not counted anew. */
  const okDevices = new Set<string>();
  const isSiteHeld = (deviceId: string) =>
    outage.isHeld(deviceId, { atMs: listening.nowMs(), okDevices: okDevices.size });

  /** The device is now as in `memory`: whoever follows the site learns of it, and it is told if it may be. */
  const become = (deviceId: string, memory: DeviceMemory, atMs: number) => {
    const was = stateOf(memories.get(deviceId));
    const is = stateOf(memory);
    const listeningMs = listening.nowMs();
    memories.set(deviceId, memory);
    if (is === "ok") okDevices.add(deviceId);
    else okDevices.delete(deviceId);
    if (was !== is) outage.observe({ deviceId, was, is, atMs: listeningMs });
    const isDiscreet = device(deviceId)?.isDiscreet ?? true;
    const told = tell({ memory, deviceId, atMs, listeningMs, isSiteHeld: isSiteHeld(deviceId), isDiscreet, fields });
    memories.set(deviceId, told.memory);
    if (was !== is && told.heldBy !== null) memories.putOff(deviceId, { [`device-status.held.${told.heldBy}`]: 1 });
    else if (was !== is || told.status !== null) memories.putOff(deviceId, {});
    return told;
  };

  // Who left before the restart and was not told, and who came back with it.
  for (const deviceId of memories.ids()) {
    const memory = memories.get(deviceId);
    if (device(deviceId) === undefined) continue;
    if (stateOf(memory) === "ok") okDevices.add(deviceId);
    outage.observe({ deviceId, was: memory.said.state, is: stateOf(memory), atMs: listening.startedMs });
  }

  return {
    bridges,
    hear({ deviceId, memory: normalised, news, replay = [], atMs }) {
      const isPaused = device(deviceId)?.isPaused ?? false;
      const isWord = normalised.heardAtMs === atMs && normalised.absence === null;
      const now = { listeningMs: listening.nowMs(), startedMs: listening.startedMs };
      const memory = isWord ? afterWord(normalised, now) : afterReplay(normalised, replay, { atMs, ...now });
      const { status, heldBy } = become(deviceId, { ...afterNews(memory, news), isPaused }, atMs);
      const absorbed = status === null ? news.filter(({ kind }) => STATUS_KINDS.has(kind)).length : 0;
      return { status, absorbed, absorbedBy: heldBy === null ? "repeat" : "held" };
    },
    bridgeSays({ bridgeId, isOnline, deviceIds, atMs }) {
      const facts = deviceIds.flatMap((deviceId) => {
        const memory = memories.get(deviceId);
        if (memory.heardAtMs === null || memory.absence !== (isOnline ? "unknown" : null)) return [];
        const { status } = become(deviceId, { ...memory, absence: isOnline ? null : "unknown" }, atMs);
        return status ?? [];
      });
      return { facts, isChange: bridges.said(bridgeId, { isOnline, atMs }) };
    },
    tick(atMs) {
      const now = { listeningMs: listening.nowMs(), startedMs: listening.startedMs };
      const facts: StatusFact[] = [];
      const inKit: string[] = [];
      const add = ({ status }: { status: StatusFact | null }) => (status === null ? undefined : facts.push(status));
      for (const deviceId of memories.ids()) {
        const kind = device(deviceId);
        if (kind === undefined) {
          outage.forget(deviceId);
          okDevices.delete(deviceId);
          memories.forget(deviceId);
          removed.add(deviceId);
          continue;
        }
        inKit.push(deviceId);
        const { isPaused, staleAfterMs } = kind;
        const memory = memories.get(deviceId);
        if (memory.isPaused !== isPaused) add(become(deviceId, { ...memory, isPaused }, atMs));
        else if (isLate(memory, { ...now, staleAfterMs })) add(become(deviceId, { ...memory, absence: "stale" }, atMs));
      }
      const site = outage.settle({ atMs: now.listeningMs, okDevices: okDevices.size });
      for (const deviceId of inKit) add(become(deviceId, memories.get(deviceId), atMs));
      return { facts, site };
    },
    saidLast: (atMs) =>
      memories.ids().flatMap((deviceId) => {
        const { said } = memories.get(deviceId);
        if (device(deviceId) === undefined || said.state === "unknown") return [];
        return factOf(said, { deviceId, atMs });
      }),
    unsaved() {
      const texts: Record<string, string | null> = bridges.unsaved();
      for (const deviceId of removed) texts[`device:${deviceId}`] = null;
      removed.clear();
      const nowMs = listening.nowMs();
      if (nowMs - savedMs >= PRESENCE_LIMITS.listeningLagMs) texts[LISTENING] = String((savedMs = nowMs));
      if (outage.text() !== savedOutage) texts[OUTAGE] = savedOutage = outage.text();
      return texts;
    },
    isSaveDue: () =>
      listening.nowMs() - savedMs >= PRESENCE_LIMITS.listeningLagMsMax ||
      outage.text() !== savedOutage ||
      removed.size > 0,
  };
}

function keptMs(text: string | undefined): number {
  return z.coerce
    .number()
    .nonnegative()
    .catch(0)
    .parse(text ?? 0);
}

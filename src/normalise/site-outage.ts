// A power cut of the site is one event, not forty. Devices that leave together are told as one `devices-lost`, and later as
// one `devices-back`; meanwhile what each of them would say of its own absence is held back. The rule, by listening time:
// - A device that leaves is held for a moment; if it merely fell silent, or if others leave too, for two minutes. Then it is
//   told by itself.
// - At least three that left within two minutes, and at least half of all that were there: that is the site. It is told once
//   nobody leaves any more. Who leaves later, while it lasts, belongs to it.
// - It is over when all are back; a quarter of an hour after most are back; and after some hours in any case. Who is still
//   away then is told by itself.
import { z } from "zod";
import type { DeviceState } from "../core/reading.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";

/** Fewer is a coincidence. */
const DEVICES_MIN = 3;
const SHARE_MIN = 0.5;

const Outage = z.strictObject({
  version: z.literal(1),
  sinceMs: z.number(),
  /** Who was lost when it was told. Who is back, and who left later, their own memories say. */
  devices: z.array(z.string()),
});

/** `mostBackMs`: since when most are back; null while they are not. */
type Open = {
  readonly text: string;
  readonly sinceMs: number;
  mostBackMs: number | null;
  readonly lost: Set<string>;
  readonly back: Set<string>;
};

/** What is to be told of the site as a whole. */
export type SiteNews = { readonly state: "devices-lost" | "devices-back"; readonly devices: number };

export type SiteOutage = {
  /** A device's state changed. Only who was ok can leave. */
  observe(change: {
    readonly deviceId: string;
    readonly was: DeviceState;
    readonly is: DeviceState;
    readonly atMs: number;
  }): void;
  /** Whether the device's absence is not told by itself for now. `okDevices`: those that are there. */
  isHeld(deviceId: string, now: { readonly atMs: number; readonly okDevices: number }): boolean;
  /** The device is no more in the kit. */
  forget(deviceId: string): void;
  /** To be asked about once a second, before what is no longer held is told. */
  settle(now: { readonly atMs: number; readonly okDevices: number }): SiteNews | null;
  /** What a restart needs, or null when nothing is going on. */
  text(): string | null;
};

/** `kept`: what `text` gave before the restart; then every device is to be observed once. A text that is none costs the held devices an event each. */
export function createSiteOutage(kept: string | null): SiteOutage {
  let open = parse(kept);
  /** Who left within PRESENCE_LIMITS.siteWindowMs and is not back, told or not. */
  const left = new Map<string, { readonly atMs: number; readonly isSilence: boolean }>();

  const begin = ({ atMs, okDevices }: { readonly atMs: number; readonly okDevices: number }): SiteNews | null => {
    const times = [...left.values()].map((each) => each.atMs);
    const isSite = left.size >= DEVICES_MIN && left.size >= SHARE_MIN * (okDevices + left.size);
    const isQuiet =
      atMs - Math.max(...times) >= PRESENCE_LIMITS.siteQuietMs ||
      atMs - Math.min(...times) >= PRESENCE_LIMITS.siteWindowMs;
    if (!isSite || !isQuiet) return null;
    open = openOf({ version: 1, sinceMs: atMs, devices: [...left.keys()] });
    left.clear();
    return { state: "devices-lost", devices: open.lost.size };
  };

  const end = (outage: Open, atMs: number): SiteNews | null => {
    const { lost, back } = outage;
    outage.mostBackMs = back.size > lost.size ? (outage.mostBackMs ?? atMs) : null;
    const isOver =
      lost.size === 0 ||
      (outage.mostBackMs !== null && atMs - outage.mostBackMs >= PRESENCE_LIMITS.siteStragglersMs) ||
      atMs - outage.sinceMs >= PRESENCE_LIMITS.siteOutageMsMax;
    if (!isOver) return null;
    open = null;
    return back.size === 0 ? null : { state: "devices-back", devices: back.size };
  };

  return {
    observe({ deviceId, was, is, atMs }) {
      if (isAway(is)) {
        if (was !== "ok") return;
        if (open === null) left.set(deviceId, { atMs, isSilence: is === "stale" });
        else open.lost.add(deviceId);
        open?.back.delete(deviceId);
        return;
      }
      left.delete(deviceId);
      if (open?.lost.delete(deviceId) === true && is === "ok") open.back.add(deviceId);
    },
    isHeld(deviceId, { atMs, okDevices }) {
      if (open !== null) return open.lost.has(deviceId);
      const its = left.get(deviceId);
      // In a kit of two there is nothing to wait for.
      if (its === undefined || okDevices + left.size < DEVICES_MIN) return false;
      const isAlone = left.size === 1 && !its.isSilence;
      return atMs - its.atMs < (isAlone ? PRESENCE_LIMITS.siteAloneMs : PRESENCE_LIMITS.siteWindowMs);
    },
    forget(deviceId) {
      left.delete(deviceId);
      open?.lost.delete(deviceId);
      open?.back.delete(deviceId);
    },
    settle(now) {
      const news = open === null ? begin(now) : end(open, now.atMs);
      for (const [id, { atMs }] of left) if (now.atMs - atMs >= PRESENCE_LIMITS.siteWindowMs) left.delete(id);
      return news;
    },
    text: () => open?.text ?? null,
  };
}

function isAway(state: DeviceState): boolean {
  return state === "offline" || state === "stale" || state === "unknown";
}

function parse(text: string | null): Open | null {
  if (text === null) return null;
  try {
    return openOf(Outage.parse(JSON.parse(text)));
  } catch {
    return null;
  }
}

function openOf(outage: z.infer<typeof Outage>): Open {
  const { sinceMs, devices } = outage;
  return { text: JSON.stringify(outage), sinceMs, mostBackMs: null, lost: new Set(devices), back: new Set() };
}

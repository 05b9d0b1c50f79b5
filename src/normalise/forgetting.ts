// What the house remembers of devices, and what of it an erasure takes: on the disk by its keys, in memory by the same rule.
import { z } from "zod";
import { parseLamp, serialiseLamp, withoutSensors } from "./lamp-memory.ts";

/** `isWhen`: of a moment, epoch milliseconds. `isAlways`: of every moment. */
export type Forgetting = {
  readonly isDevice: (id: string) => boolean;
  readonly isWhen: (atMs: number) => boolean;
  readonly isAlways: boolean;
};

/** Times in a memory are epoch milliseconds, which have 13 digits from 2001 to 2286; nothing else there is so large. */
const MOMENT = /\d{13}/g;

/** Whether a device's memory, as its text, is of what shall be forgotten: it is kept whole or not at all. */
export function isToForget(deviceId: string, text: string, { isDevice, isWhen, isAlways }: Forgetting): boolean {
  if (!isDevice(deviceId)) return false;
  return isAlways || (text.match(MOMENT) ?? []).some((moment) => isWhen(Number(moment)));
}

/**
 * What is to be written in place of what is remembered, by key; null forgets. `state`: what the spool keeps under `device:` and
 * `lamp:`. `forgotten`: the ids of devices whose memory goes.
 */
export function forgetIn(
  state: ReadonlyMap<string, string>,
  forgetting: Forgetting,
): { readonly state: Record<string, string | null>; readonly forgotten: string[] } {
  const changes: Record<string, string | null> = {};
  const forgotten = new Set<string>();
  for (const [key, text] of state) {
    const [prefix, id] = splitAt(key);
    if (!isToForget(id, text, forgetting)) continue;
    changes[key] = null;
    if (prefix === "device") forgotten.add(id);
  }
  for (const [key, text] of state) {
    if (!key.startsWith("lamp:") || changes[key] === null) continue;
    const memory = parseLamp(text);
    const left = withoutSensors(memory, (id) => isToForget(id, JSON.stringify(memory.sights[id]), forgetting));
    if (left !== memory) changes[key] = serialiseLamp(left);
  }
  return { state: changes, forgotten: [...forgotten] };
}

/**
 * Of open counts what is to be written under `counts:`: where the next one begins stays, or a later one could be subtracted from
 * what was told; when their edges were goes (counting.ts).
 */
export function withoutSteps(kept: ReadonlyMap<string, string>, devices: readonly string[]): Record<string, string> {
  const changes: Record<string, string> = {};
  for (const id of devices) {
    const key = `counts:${id}`;
    const since = z.looseObject({ sinceMs: z.int() }).safeParse(parsed(kept.get(key))).data;
    if (since !== undefined) changes[key] = JSON.stringify({ sinceMs: since.sinceMs, steps: [] });
  }
  return changes;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // damaged: its window goes, and with it what it counted
  }
}

function splitAt(key: string): [string, string] {
  const at = key.indexOf(":");
  return [key.slice(0, at), key.slice(at + 1)];
}

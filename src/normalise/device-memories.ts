// What the house remembers of each device, in memory; the road writes it to the spool with what it changed. What is not
// news (a repeat, "heard again") is put off and written with the next news or after a while: an SD card wears out.
import { type DeviceMemory, emptyMemory, parseMemory, serialiseMemory } from "./normalise.ts";

/** What a power cut may take of "last heard" and of counted repeats. */
const PUT_OFF_MS = 30_000;

/** `kept`: serialised memories by key `device:<id>`, as the spool gives them. */
export function createDeviceMemories(kept: ReadonlyMap<string, string>) {
  const memories = new Map([...kept].map(([key, text]) => [key.slice("device:".length), parseMemory(text)]));
  let devices = new Set<string>();
  let counters: Record<string, number> = {};
  let sinceMs = 0;

  return {
    ids: () => [...memories.keys()],
    get: (deviceId: string): DeviceMemory => memories.get(deviceId) ?? emptyMemory,
    set: (deviceId: string, memory: DeviceMemory) => void memories.set(deviceId, memory),
    forget(deviceId: string): void {
      memories.delete(deviceId);
      devices.delete(deviceId);
    },
    text: (deviceId: string) => serialiseMemory(memories.get(deviceId) ?? emptyMemory),
    putOff(deviceId: string, by: Readonly<Record<string, number>>): void {
      devices.add(deviceId);
      for (const [name, n] of Object.entries(by)) counters[name] = (counters[name] ?? 0) + n;
    },
    takePutOff() {
      const taken = { devices, counters };
      devices = new Set();
      counters = {};
      sinceMs = 0;
      return taken;
    },
    /** Whether something has been put off for long enough to be written by itself. */
    isPutOffSince(nowMs: number): boolean {
      if (devices.size === 0) return false;
      if (sinceMs === 0) sinceMs = nowMs;
      return nowMs - sinceMs >= PUT_OFF_MS;
    },
  };
}

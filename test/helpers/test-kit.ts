// A kit whose presence is followed, on a clock that a test moves, with a spool's memory that survives a restart.
import type { ReadingValue } from "../../src/core/reading.ts";
import { createDeviceMemories } from "../../src/normalise/device-memories.ts";
import { createKitPresence } from "../../src/normalise/kit-presence.ts";
import { normalise } from "../../src/normalise/normalise.ts";
import { view } from "../../src/normalise/presence.ts";
import { fakeTime } from "./fake-time.ts";

/** `devices`: by id. What is told comes as `<id> <state>`. `fields`: by default the policy tells both. */
export function testKit(
  devices: Readonly<Record<string, { readonly staleAfterMs: number; readonly isDiscreet?: boolean }>>,
  fields = { batteryPct: true, linkPct: true },
) {
  const time = fakeTime();
  const kit = new Map(
    Object.entries(devices).map(([id, device]) => [id, { isDiscreet: false, ...device, isPaused: false }]),
  );
  const disk = new Map<string, string>();
  const counters: Record<string, number> = {};

  const open = () => {
    const state = (prefix: string) => new Map([...disk].filter(([key]) => key.startsWith(prefix)));
    const memories = createDeviceMemories(state("device:"));
    return {
      memories,
      presence: createKitPresence({ memories, state, device: (id) => kit.get(id), clock: time.clock, fields }),
    };
  };
  let house = open();

  /** What the road writes with its next batch. */
  const save = (): void => {
    const putOff = house.memories.takePutOff();
    for (const id of putOff.devices) disk.set(`device:${id}`, house.memories.text(id));
    for (const [name, n] of Object.entries(putOff.counters)) counters[name] = (counters[name] ?? 0) + n;
    for (const [key, text] of Object.entries(house.presence.unsaved())) {
      if (text === null) disk.delete(key);
      else disk.set(key, text);
    }
  };

  const tick = () => {
    const { facts, site } = house.presence.tick(time.clock.nowMs());
    return { facts, site, states: facts.map(({ deviceId, state }) => `${deviceId} ${state}`) };
  };

  return {
    time,
    save,
    tick,
    disk,
    get memories() {
      return house.memories;
    },
    get presence() {
      return house.presence;
    },
    hear(deviceId: string, ...readings: ReadingValue[]) {
      const memory = house.memories.get(deviceId);
      const atMs = time.clock.nowMs();
      const heard = normalise({ memory, readings, deviceId, atMs, isReplay: false });
      house.memories.putOff(deviceId, {});
      return house.presence.hear({ deviceId, memory: heard.memory, news: heard.news, atMs });
    },
    /** All that is told within so long, a tick each second. */
    watch(ms: number) {
      const told: string[] = [];
      for (let passedMs = 0; passedMs < ms; passedMs += 1000) {
        time.pass(1000);
        const { states, site } = tick();
        if (site !== null) told.push(`${site.state} ${site.devices}`);
        told.push(...states);
      }
      return told;
    },
    bridge: (isOnline: boolean) => {
      const told = house.presence.bridgeSays({
        bridgeId: "z2m",
        isOnline,
        deviceIds: [...kit.keys()],
        atMs: time.clock.nowMs(),
      });
      return told.facts.map(({ deviceId, state }) => `${deviceId} ${state}`);
    },
    setPaused(deviceId: string, isPaused: boolean): void {
      kit.set(deviceId, { staleAfterMs: 0, isDiscreet: false, ...kit.get(deviceId), isPaused });
    },
    remove: (deviceId: string) => void kit.delete(deviceId),
    /** The gateway ends as by a power cut: what was not saved is gone. The clock may be wrong afterwards. */
    restart({ awayMs }: { awayMs: number }): void {
      time.pass(awayMs);
      house = open();
    },
    counters(): Readonly<Record<string, number>> {
      save();
      return counters;
    },
    view: (deviceId: string) => view(house.memories.get(deviceId)),
  };
}

/** A kit of so many devices, d0 and so on, all heard some hours ago and not late for days. */
export function kitOf(count: number) {
  const ids = Array.from({ length: count }, (_, n) => `d${n}`);
  const kit = testKit(Object.fromEntries(ids.map((id) => [id, { staleAfterMs: 240 * 3_600_000 }])));
  for (const id of ids) kit.hear(id);
  kit.watch(2 * 60_000);
  kit.time.pass(3 * 3_600_000);
  return Object.assign(kit, { ids });
}

/** A kit of the one device `d`. */
export function testDevice(staleAfterMs: number) {
  const kit = testKit({ d: { staleAfterMs } });
  return {
    ...kit,
    hear: (...readings: ReadingValue[]) => kit.hear("d", ...readings),
    wait(ms: number) {
      kit.time.pass(ms);
      return kit.tick().states;
    },
    view: () => kit.view("d"),
  };
}

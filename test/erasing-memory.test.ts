// Shown: what a person's wish to erase takes of what the house remembers: what devices said last, open counts, lamps, messages
// shown on pages, proposals; on the disk, and in the memory of a running gateway.
import { expect, test } from "vitest";
import type { ErasureAsk } from "../src/core/erasure-commands.ts";
import { createDeviceMemories } from "../src/normalise/device-memories.ts";
import { createJournal } from "../src/normalise/journal.ts";
import { emptyLamp, parseLamp, type Sight, serialiseLamp } from "../src/normalise/lamp-memory.ts";
import { emptyMemory } from "../src/normalise/normalise.ts";
import { openErasingHouse } from "./helpers/erasing-house.ts";

const all: ErasureAsk = { devices: [], cameras: [] };
const asked = (ask: Partial<ErasureAsk>) => ({ ...all, ...ask, by: "steward" }) as const;

function sightOf(atMs: number): Sight {
  const known = { night: {}, nights: [], day: null, seesDay: null, shelteredDays: 0, litAtMs: null };
  return { atMs, lux: 3, phase: "night", ...known, shows: null, doubt: null, changes: [] };
}

test("open counts of motion go with their edges, and where the next ones begin stays: it was told", async () => {
  await using house = await openErasingHouse();
  const nowMs = house.clock.nowMs();
  const open = (id: string) => ({
    [`counts:${id}`]: JSON.stringify({ sinceMs: nowMs - 900_000, steps: [[nowMs - 60_000, 2]] }),
  });
  const window = { fromMs: nowMs - 900_000, toMs: nowMs, count: 2 };
  await house.spool.append({
    state: { ...open("pir"), ...open("other") },
    windows: { pir: window, other: window },
  });
  const erasing = await house.open();
  const ask = { ...all, devices: ["pir"] };
  expect((await erasing.holdings(ask)).windows).toBe(1);
  expect((await erasing.holdings({ ...ask, to: new Date(nowMs - 3_600_000).toISOString() })).windows).toBe(0);
  await erasing.erase(asked(ask));
  expect([...house.spool.openWindows().keys()]).toEqual(["other"]);
  expect(JSON.parse(house.spool.state("counts:").get("counts:pir") ?? "")).toEqual({
    sinceMs: nowMs - 900_000,
    steps: [],
  });
  expect(house.spool.counters()["motion-count.withheld.gone"]).toBe(2);
});

test("what lamps are known to be, and what the sensor has learned of others, is forgotten with it", async () => {
  await using house = await openErasingHouse();
  const sight = sightOf(house.clock.nowMs());
  const lamp = serialiseLamp({ ...emptyLamp, sights: { lux: sight, other: sight } });
  await house.spool.append({ state: { "lamp:lamp-1": lamp, "lamp:lamp-2": lamp } });
  const erasing = await house.open();
  await erasing.erase(asked({ devices: ["lux", "lamp-2"] }));
  const left = house.spool.state("lamp:");
  expect([...left.keys()]).toEqual(["lamp:lamp-1"]);
  expect(Object.keys(parseLamp(left.get("lamp:lamp-1") ?? "").sights)).toEqual(["other"]);
});

test("a running house forgets in memory, too: what a device said, its messages, its counts and its lamp", async () => {
  await using house = await openErasingHouse();
  const nowMs = house.clock.nowMs();
  const memories = createDeviceMemories(new Map());
  for (const id of ["lamp", "other"]) memories.set(id, { ...emptyMemory, heardAtMs: nowMs });
  const journal = createJournal();
  for (const id of ["lamp", "other"])
    journal.note(id, { atMs: nowMs, outcome: "dropped", reason: "no-profile", readings: [], removed: [] });
  const [forgotten, goneOn]: [string[], object[]] = [[], []];
  const window = { fromMs: nowMs, toMs: nowMs + 1, count: 1 };
  const flush = () =>
    house.spool.append({
      state: { "device:lamp": memories.text("lamp"), "device:other": memories.text("other") },
      windows: { lamp: window, other: window },
    });
  await house.registry.update((data) => {
    data.devices.push({ id: "lamp", profile: "p", topic: "lamp", zone: "path", passwordHash: null });
  });
  const road = { flush, memories, journal, forgetWindow: (id: string) => void forgotten.push(id) };
  const lamps = { goOnWith: (written: object) => void goneOn.push(written) };
  await (await house.open({ live: { road, lamps } })).erase(asked({ devices: ["lamp"] }));
  expect(memories.get("lamp")).toEqual(emptyMemory);
  expect(memories.get("other").heardAtMs).toBe(nowMs);
  expect([journal.of("lamp").length, journal.of("other").length]).toEqual([0, 1]);
  expect(forgotten).toEqual(["lamp"]);
  expect(goneOn).toEqual([{ "device:lamp": null }]);
});

test("proposals that name the device are dismissed", async () => {
  await using house = await openErasingHouse();
  const common = { name: "x", topic: "x", via: "x", profile: null, why: null, kinds: [], heardAt: "x" };
  const list = () => [
    { ...common, id: "p1", deviceId: "lamp" },
    { ...common, id: "p2", deviceId: "other" },
    { ...common, id: "p3", deviceId: null },
  ];
  const dismiss = async ({ proposal }: { readonly proposal: string }) => void house.dismissed.push(proposal);
  await (await house.open({ approvals: { list, dismiss } })).erase(asked({ devices: ["lamp"] }));
  expect(house.dismissed).toEqual(["p1"]);
});

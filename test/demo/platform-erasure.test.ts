// Shown: the reference receiver obeys a gateway's wish to erase (config/contract/README.md): what was made before it, of its
// subjects and its span, is gone from what it shows and from its file, also what comes late; nothing else is.
import { createHash } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPlatformStore, type PlatformStore } from "../../src/demo/platform-store.ts";
import { makeEntry } from "../forward/memory-spool.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const said = (sequence: number, change: object = {}) => ({
  ...JSON.parse(makeEntry(sequence).body),
  subject: "device-a",
  time: "2026-06-01T20:00:00.000Z",
  ...change,
});
const about = (data: object = {}) => ({ data: { clock: "synced", ...data } });
const wish = (sequence: number, data: object = {}) =>
  said(sequence, {
    type: "hedgerow.erasure.requested.v1",
    subject: "gateway",
    ...about({ subjects: ["device-a"], ...data }),
  });
const held = (store: PlatformStore) => store.events().map(({ sequence }) => Number(sequence));
const send = (store: PlatformStore, ...events: object[]) => store.takeEvents(events, "test-gate");

test("what was made before it of its subjects goes, also what comes late, and of nobody else", async () => {
  await using store = await openPlatformStore();
  await send(store, said(1, about()), said(2, { ...about(), subject: "device-b" }), said(5, about()));
  await send(store, wish(4), said(3, about()));
  expect(held(store)).toEqual([2, 5, 4]);
  expect(store.stats()).toMatchObject({ events: 3, byType: { "hedgerow.erasure.requested.v1": 1 } });
  // Who reads on from a number misses nothing.
  expect(store.since(2)).toMatchObject({ events: [{ id: makeEntry(5).id }, { id: makeEntry(4).id }], next: 5 });
  expect(await send(store, said(1, about()))).toMatchObject({ duplicate: [makeEntry(1).id] });
});

test("without a subject it is about each device and camera of that gateway, and not about the house's own words", async () => {
  await using store = await openPlatformStore();
  const other = { ...said(1, about()), id: "of-another", source: "urn:hedgerow:other" };
  await store.takeEvents([other], "other");
  await send(store, said(1, about()), said(2, { ...about(), subject: "gateway" }), wish(3, { subjects: [] }));
  expect(store.events().map(({ id }) => id)).toEqual(["of-another", makeEntry(2).id, makeEntry(3).id]);
});

test("of a span go moments in it, counts that reach into it, and what nobody knows the hour of", async () => {
  await using store = await openPlatformStore();
  const at = (minute: number) => `2026-06-01T20:${String(minute).padStart(2, "0")}:00.000Z`;
  await send(
    store,
    said(1, { ...about(), time: at(9) }),
    said(2, { ...about(), time: at(10) }),
    said(3, { ...about(), time: at(20) }),
    said(4, { ...about({ from: at(0), to: at(15) }), time: at(0) }),
    said(5, { ...about({ clock: "unsure" }), time: at(50) }),
    wish(6, { from: at(10), to: at(20) }),
  );
  expect(held(store)).toEqual([1, 3, 6]);
});

test("pictures go that nothing else speaks of, and no byte is left in the file, whenever the program ended", async () => {
  await using directory = await tempDir();
  const file = join(directory.path, "events.jsonl");
  const jpegs = ["one", "two"].map((text) => Buffer.from(text));
  const [first = "", second = ""] = jpegs.map((jpeg) => createHash("sha256").update(jpeg).digest("hex"));
  const picture = (sha256: string, mark: string) => ({
    ...about({ sha256, mark }),
    type: "hedgerow.snapshot.redacted.v1",
  });
  {
    await using store = await openPlatformStore({ file });
    for (const [n, jpeg] of jpegs.entries())
      store.takePicture({ sha256: n === 0 ? first : second, jpeg, gateway: "test-gate" });
    const others = { ...picture(second, "kept"), subject: "camera-b" };
    await send(store, said(1, picture(first, "mark")), said(2, others), wish(3));
    expect(store.pictures().map(({ sha256 }) => sha256)).toEqual([second]);
  }
  expect(await readFile(file, "utf8")).not.toContain('"mark":"mark"');
  {
    await using store = await openPlatformStore({ file });
    expect([held(store), store.since(1).events.length]).toEqual([[2, 3], 2]);
  }
  // The program ended between a wish and its fulfilment.
  await appendFile(file, `${JSON.stringify(said(7, about({ mark: "mark" })))}\n${JSON.stringify(wish(8))}\n`);
  await using store = await openPlatformStore({ file });
  expect(held(store)).toEqual([2, 3, 8]);
  expect(await readFile(file, "utf8")).not.toContain('"mark":"mark"');
});

// The last messages of each device, for "why don't I see my sensor?": bounded, and with what the broker did not let through.
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { createJournal, type Noted, notingForeignTopics } from "../../src/normalise/journal.ts";
import { fakeTime } from "../helpers/fake-time.ts";

const note = (atMs: number): Noted => ({ atMs, outcome: "readings", reason: null, readings: [], removed: [] });

test("the newest messages of a device are kept, so many and no more", () => {
  const journal = createJournal();
  for (let atMs = 0; atMs < LIMITS.heardPerDevice + 5; atMs += 1) journal.note("a", note(atMs));
  expect(journal.of("a").map(({ atMs }) => atMs)).toHaveLength(LIMITS.heardPerDevice);
  expect(journal.of("a")[0]?.atMs).toBe(LIMITS.heardPerDevice + 4);
  expect(journal.of("b")).toEqual([]);
});

test("a device's message on a foreign topic is noted once, and pushes out nothing that it says on its own", () => {
  const journal = createJournal();
  const mayPublish = notingForeignTopics({ journal, clock: fakeTime().clock }, (_, topic) => topic === "own");
  const login = { kind: "device", id: "a" } as const;
  expect(mayPublish(login, "own")).toBe(true);
  expect(journal.of("a")).toEqual([]);
  journal.note("a", note(1));
  for (let count = 0; count < LIMITS.heardPerDevice * 2; count += 1) expect(mayPublish(login, "other")).toBe(false);
  expect(journal.of("a").map(({ reason }) => reason)).toEqual(["foreign-topic", null]);
  expect(mayPublish({ kind: "bridge", id: "a" }, "other")).toBe(false);
  expect(journal.of("a")).toHaveLength(2);
});

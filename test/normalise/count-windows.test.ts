// Shown: count windows when the clock is set back, or for the first time: what was counted is told by the new time, not in the far future.
import { expect, test } from "vitest";
import { createCountWindows } from "../../src/normalise/count-windows.ts";

const YEAR_AHEAD = Date.UTC(2027, 10, 21);
const NOW = Date.UTC(2026, 10, 21);
const rule = { mode: "counts", windowS: 900, atLeast: 3 };

test("a window from the future joins the window of now when the clock is set back, and keeps its count", () => {
  const windows = createCountWindows(new Map(), rule);
  for (let n = 0; n < 3; n++) windows.add("porch", YEAR_AHEAD);
  expect(windows.due(NOW)).toEqual([{ deviceId: "porch", fact: null }]);
  expect(windows.get("porch")).toEqual({ fromMs: NOW, toMs: NOW + 900_000, count: 3 });
  windows.add("porch", NOW + 1000);
  const [closed] = windows.due(NOW + 900_000);
  expect(closed?.fact).toMatchObject({ kind: "motion-count", count: 4, fromMs: NOW, toMs: NOW + 900_000 });
});

test("a window of now is not taken for one from the future", () => {
  const windows = createCountWindows(new Map(), rule);
  windows.add("porch", NOW + 1000);
  expect(windows.due(NOW + 2000)).toEqual([]);
});

test("a window that was opened in 1970 is not told as one of then when the clock is first set", () => {
  const windows = createCountWindows(new Map(), rule);
  for (let n = 0; n < 3; n++) windows.add("porch", 60_000);
  expect(windows.due(NOW + 1000)).toEqual([{ deviceId: "porch", fact: null }]);
  const [closed] = windows.due(NOW + 900_000);
  expect(closed?.fact).toMatchObject({ kind: "motion-count", count: 3, fromMs: NOW, toMs: NOW + 900_000 });
});

// Shown: when the machine's clock is believed. A Pi without a battery boots with a time that looks right.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createSystemClock } from "../../src/core/clock.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);

const machines: readonly [string, Readonly<Record<string, string>>, boolean][] = [
  ["a machine without systemd's time service", {}, true],
  ["a Pi that nobody has told the time yet", { "run/systemd/timesync/.there": "" }, false],
  ["a Pi that was told the time", { "run/systemd/timesync/synchronized": "" }, true],
  [
    "a machine with a battery's clock that agrees",
    { "run/systemd/timesync/.there": "", "sys/class/rtc/rtc0/since_epoch": `${NOW_MS / 1000 + 200}\n` },
    true,
  ],
  [
    "a Pi 5 without its battery",
    { "run/systemd/timesync/.there": "", "sys/class/rtc/rtc0/since_epoch": "1234\n" },
    false,
  ],
];

test.each(machines)("%s", async (_, files, isBelieved) => {
  await using directory = await tempDir();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  expect(createSystemClock({ root: directory.path, nowMs: () => NOW_MS }).isSynced()).toBe(isBelieved);
});

test("an hour before there was a Hedgerow is never believed", async () => {
  await using directory = await tempDir();
  expect(createSystemClock({ root: directory.path, nowMs: () => 1_000_000 }).isSynced()).toBe(false);
});

test("a clock that was believed stays so in this run: the service may be restarted", async () => {
  await using directory = await tempDir();
  const told = join(directory.path, "run/systemd/timesync/synchronized");
  await mkdir(dirname(told), { recursive: true });
  await writeFile(told, "");
  const clock = createSystemClock({ root: directory.path, nowMs: () => NOW_MS });
  expect(clock.isSynced()).toBe(true);
  await rm(told);
  expect(clock.isSynced()).toBe(true);
});

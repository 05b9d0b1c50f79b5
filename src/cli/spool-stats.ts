// `hedgerow spool stats`: how much the buffer holds, for how long there is room, and the sums of I9 for each sink.
import { systemClock } from "../core/clock.ts";
import type { EntrySum } from "../core/conservation.ts";
import type { Database } from "../core/database.ts";
import { freeBytesOf } from "../spool/disk-answers.ts";
import { readSpool } from "../spool/read-only.ts";
import { sumsOf } from "../spool/reconcile.ts";
import { createStatsReader } from "../spool/sqlite-stats.ts";
import { type Print, printTable } from "./print.ts";
import { type Options, settingsOf, type SpoolSettings } from "./spool-settings.ts";

/** As of one moment, also beside a gateway at work. */
export async function showStats(options: Options, print: Print): Promise<void> {
  const settings = await settingsOf(options);
  const freeBytes = await freeBytesOf(settings.dataDir).catch(() => 0); // readSpool says what is not there
  const ofDisk = freeBytes - settings.spool.reserveFreeBytes;
  const stats = readSpool(settings.dataDir, (database) => {
    database.exec("BEGIN");
    return statsOf(database, { ...settings, ofDisk });
  });
  if (options.json === true) return print(JSON.stringify(stats));
  const { entries, pictures, bytes, hoursLeft, deadLetters, damaged, lost } = stats;
  const room = hoursLeft === null ? "" : `; room for about ${hoursLeft.toLocaleString("en")} h at today's rate`;
  print(`It holds ${several(entries, "event")} and ${several(pictures, "picture")}, ${sizeOf(bytes)}${room}.`);
  if (deadLetters > 0) print(`${several(deadLetters, "event")} rejected by a platform: hedgerow spool list --dead`);
  if (damaged > 0)
    print(`${several(damaged, "entry", "entries")} damaged and set aside: hedgerow spool list --damaged`);
  if (lost > 0)
    print(`${several(lost, "entry", "entries")} lost to damage since the beginning; the platforms were told.`);
  if (stats.sinks.length === 0) return;
  const names = ["made", "forwarded", "rejected", "expired", "evicted", "erased", "waiting"] as const;
  const rows = stats.sinks.map((sum) => [
    sum.id,
    ...names.map((name) => String(sum[name])),
    sum.holds ? "✓" : "✗ does not hold",
  ]);
  print("");
  printTable([["sink", ...names, "sum"], ...rows], print);
}

type Stats = {
  readonly entries: number;
  readonly pictures: number;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly hoursLeft: number | null;
  readonly deadLetters: number;
  /** Set aside and still kept. */
  readonly damaged: number;
  /** Since the beginning: entries gone by damage of the disk, and those that were saved from it. */
  readonly lost: number;
  readonly saved: number;
  readonly sinks: readonly (Omit<EntrySum, "isBalanced"> & { readonly holds: boolean })[];
};

/** `ofDisk`: bytes that the buffer may still take of the disk, its reserve kept. */
function statsOf(
  database: Database,
  { sinkIds, spool: { bytesMax }, ofDisk }: SpoolSettings & { readonly ofDisk: number },
): Stats {
  const count = (sql: string) => Number(database.prepare(sql).get()?.["n"] ?? 0);
  const counter = (name: string) =>
    Number(database.prepare("SELECT n FROM counters WHERE name=?").get(name)?.["n"] ?? 0);
  const reader = createStatsReader(database);
  const nowMs = systemClock.nowMs();
  const { entries, bytes, deadLetters } = reader.stats(nowMs, bytesMax);
  const { hoursLeft } = reader.stats(nowMs, Math.min(bytesMax, bytes + ofDisk));
  return {
    entries,
    pictures: count("SELECT count(DISTINCT sha256) AS n FROM pictures"),
    bytes,
    bytesMax,
    hoursLeft,
    deadLetters,
    damaged: count("SELECT count(*) AS n FROM damaged"),
    lost: counter("spool.lost"),
    saved: counter("spool.saved"),
    sinks: sumsOf(database, sinkIds).map(({ isBalanced, ...sum }) => ({ ...sum, holds: isBalanced })),
  };
}

/** 1,204 events */
export function several(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
}

function sizeOf(bytes: number): string {
  const [unit, by] =
    bytes < 1e6 ? (["kB", 1e3] as const) : bytes < 1e9 ? (["MB", 1e6] as const) : (["GB", 1e9] as const);
  return `${(bytes / by).toFixed(bytes < 1e6 ? 0 : 1)} ${unit}`;
}

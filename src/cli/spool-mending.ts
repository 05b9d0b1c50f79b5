// `hedgerow spool repair` and `requeue`: what changes the buffer by a person's wish.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Board } from "../core/board.ts";
import { systemClock } from "../core/clock.ts";
import { lockDataDir } from "../core/data-dir-lock.ts";
import { GatewayError, systemCodeOf } from "../core/errors.ts";
import { silentLog } from "../core/log.ts";
import { leaveMarker } from "../spool/damage-files.ts";
import type { Requeued, Spool } from "../spool/spool.ts";
import { openSpool } from "../spool/sqlite-spool.ts";
import { callGateway } from "../web/local-socket.ts";
import type { Print } from "./print.ts";
import { type Options, settingsOf, type SpoolSettings } from "./spool-settings.ts";
import { several } from "./spool-stats.ts";
import { lookThrough, printVerified } from "./spool-verify.ts";

/** Writes the buffer anew from all that can be read, as a start after damage does, and looks it through afterwards. */
export async function repair(options: Options, print: Print): Promise<void> {
  const settings = await settingsOf(options);
  const { dataDir } = settings;
  await using _lock = await lockDataDir(dataDir);
  const before = await lookThrough(settings);
  const images = await imagesIn(dataDir);
  const isNeeded = before.findings.some(({ kind }) => kind !== "orphan");
  if (isNeeded) leaveMarker(dataDir);
  const lost = await withSpool(settings, async (spool) => spool.counters()["spool.lost"] ?? 0);
  const orphans = images - (await imagesIn(dataDir));
  const after = await lookThrough(settings);
  const done = { wasWrittenAnew: isNeeded, lost, orphansRemoved: Math.max(0, orphans) };
  if (after.findings.length > 0) process.exitCode = 1;
  if (options.json === true) return print(JSON.stringify({ before: before.findings, ...done, after }));
  if (!isNeeded && orphans <= 0) print("Nothing had to be repaired.");
  if (isNeeded)
    print("It was written anew from all that could be read; the old file lies beside it for three days at most.");
  if (orphans > 0) print(`${several(orphans, "file")} removed that belonged to no picture.`);
  if (lost > 0)
    print(
      `${several(lost, "entry", "entries")} lost to damage since the beginning; at its next start the gateway tells the platforms.`,
    );
  printVerified(after, print);
}

/** Through the running gateway where there is one. */
export async function requeue(
  ids: readonly string[],
  options: Options & { readonly sink?: string; readonly all?: true },
  print: Print,
): Promise<void> {
  const { sink, all } = options;
  if ([ids.length > 0, sink !== undefined, all === true].filter(Boolean).length !== 1)
    throw new GatewayError("USAGE", "name ids, or a sink with --sink, or --all");
  const settings = await settingsOf(options);
  const ask = { ...(ids.length > 0 && { ids: [...ids] }), ...(sink !== undefined && { sinkId: sink }) };
  const { requeued, left } =
    (await callGateway(settings.dataDir, "requeue", ask)) ?? (await requeueHere(settings, ask));
  const isNoneFound = requeued === 0 && left.length === 0;
  const isUnknown = ids.length > 0 || (sink !== undefined && !settings.sinkIds.includes(sink));
  if (isNoneFound && isUnknown) process.exitCode = 1;
  if (options.json === true) return print(JSON.stringify({ requeued, left }));
  print(`${several(requeued, "event")} will be sent once more.`);
  for (const { id, sinkId, why } of left) print(`${id} stays rejected by ${sinkId}: ${WHY_LEFT[why]}`);
  if (isNoneFound)
    print(
      isUnknown
        ? "Nothing that was named is among the rejected: hedgerow spool list --dead"
        : "Nothing rejected is kept any more, or nothing was rejected.",
    );
}

const WHY_LEFT: Readonly<Record<Requeued["left"][number]["why"], string>> = {
  "picture-gone": "its picture is gone",
  "past-its-hour": "its hour is past",
  "sink-gone": "gateway.yaml names this sink no more",
};

async function requeueHere(settings: SpoolSettings, ask: Parameters<Spool["requeue"]>[0]): Promise<Requeued> {
  await using _lock = await lockDataDir(settings.dataDir);
  return await withSpool(settings, (spool) => spool.requeue(ask));
}

/** Opened as the gateway does, damage looked for and all. What it would log is what the command prints. */
async function withSpool<T>(
  { dataDir, sinkIds, spool: ofSettings }: SpoolSettings,
  use: (spool: Spool) => Promise<T>,
): Promise<T> {
  const clock = systemClock;
  await using spool = await openSpool({ dataDir, ...ofSettings, sinkIds, clock, board: new Board(), log: silentLog });
  return await use(spool);
}

async function imagesIn(dataDir: string): Promise<number> {
  try {
    return (await readdir(join(dataDir, "images"))).length;
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return 0;
    throw cause;
  }
}

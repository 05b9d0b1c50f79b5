// `hedgerow spool verify`: looks the whole buffer through, and says what is wrong and what to do about it.
import cliProgress from "cli-progress";
import { systemClock } from "../core/clock.ts";
import { type Verified, verifySpool } from "../spool/verify.ts";
import type { Print } from "./print.ts";
import { type Options, settingsOf, type SpoolSettings } from "./spool-settings.ts";
import { several } from "./spool-stats.ts";

/** Names shown behind a sentence; JSON has more. */
const NAMES_SHOWN = 5;

/** Exit code 1 when something is wrong. */
export async function verify(options: Options, print: Print): Promise<void> {
  const verified = await lookThrough(await settingsOf(options));
  if (verified.findings.length > 0) process.exitCode = 1;
  if (options.json === true) print(JSON.stringify(verified));
  else printVerified(verified, print);
}

/** With a bar on standard error while a person watches. */
export async function lookThrough({ dataDir, spool }: SpoolSettings): Promise<Verified> {
  const bar = process.stderr.isTTY
    ? new cliProgress.SingleBar(
        { stream: process.stderr, clearOnComplete: true, format: "{bar} {value} of {total}, {eta_formatted} left" },
        cliProgress.Presets.shades_classic,
      )
    : null;
  bar?.start(1, 0);
  try {
    return await verifySpool({
      dataDir,
      keyFile: spool.pictureKeyFile,
      nowMs: systemClock.nowMs(),
      onProgress(done, total) {
        bar?.setTotal(total);
        bar?.update(done);
      },
    });
  } finally {
    bar?.stop();
  }
}

export function printVerified({ entries, pictures, findings, setAside }: Verified, print: Print): void {
  const looked = `Looked at ${several(entries, "event")} and ${several(pictures, "picture")}`;
  print(findings.length === 0 ? `${looked}: all of them sound, and the sums hold.` : `${looked}:`);
  for (const { text, names, count, remedy } of findings) {
    const more = count > NAMES_SHOWN ? ", …" : "";
    print(`✗ ${text}: ${names.slice(0, NAMES_SHOWN).join(", ")}${more}`);
    print(`  ${remedy}`);
  }
  if (setAside.entries > 0)
    print(`${several(setAside.entries, "damaged entry", "damaged entries")} set aside: hedgerow spool list --damaged`);
  if (setAside.files > 0)
    print(`${several(setAside.files, "damaged buffer")} beside it, spool.db.damaged-…, kept for three days at most`);
}

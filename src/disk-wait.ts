// The waiting room: while the disk cannot be used the program stays, says on its page what is wrong, and tries again.
// Decision: to wait here and not to end, since a gateway that systemd starts for ever shows its volunteer nothing at all. A disk
// that fails later ends the gateway (SPOOL_FAILED: a failed fsync is never tried again on open files), and the next start waits here.
import { backoffMs } from "./core/backoff.ts";
import { DISK_LIMITS } from "./core/disk-limits.ts";
import { type DiskTrouble, diskTroubleOf, tryDisk } from "./core/disk-trouble.ts";
import { messageOf } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { untilAborted, waitFor } from "./core/wait.ts";
import type { GatewaySettings } from "./settings/schema.ts";
import { openDiskPage } from "./web/disk-page.ts";

/** `open` is called again after each trial that the disk stood; it has closed what it had opened when it throws. */
type Deps<T> = {
  readonly open: () => Promise<T>;
  readonly settings: GatewaySettings;
  readonly log: Log;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Gives what `open` gives, or null when `stop` aborts while the disk is waited for. Throws what `open` throws when that is not
 * the disk's doing.
 */
export async function openOnDisk<T>(deps: Deps<T>, stop: AbortSignal): Promise<T | null> {
  for (let failures = 0; ; failures++) {
    try {
      return await deps.open();
    } catch (thrown) {
      const trouble = stop.aborted ? null : diskTroubleOf(thrown);
      if (trouble === null) throw thrown;
      await waitForDisk({ ...deps, trouble, failures }, stop);
      if (stop.aborted) return null;
      deps.log.info("the disk takes writes again");
    }
  }
}

/** Until the disk stands a trial, or the stop. The page is closed then: the gateway's own takes its place. */
async function waitForDisk<T>(
  { settings, log, wait = waitFor, ...found }: Deps<T> & { trouble: DiskTrouble; failures: number },
  stop: AbortSignal,
): Promise<void> {
  let { trouble, failures } = found;
  say(log, trouble);
  await using _page = await openDiskPage({ settings, trouble: () => trouble }).catch((thrown: unknown) => {
    // Without its page the gateway waits all the same: the log has said what is wrong.
    log.error({ cause: messageOf(thrown) }, "the page that says so cannot be shown");
    return null;
  });
  while (!stop.aborted) {
    failures++;
    await wait(backoffMs({ failures, minMs: DISK_LIMITS.retryMinMs, maxMs: DISK_LIMITS.retryMaxMs }), stop);
    // A disk that hangs does not hold up the stop.
    const now = await Promise.race([tryDisk(settings.gateway.dataDir), untilAborted(stop)]);
    if (now === null) return;
    if (now === undefined) continue;
    if (now.kind !== trouble.kind) say(log, now);
    trouble = now;
  }
}

function say(log: Log, { kind, what, next, detail }: DiskTrouble): void {
  log.error({ code: "DATA_DIR_UNUSABLE", disk: kind, detail, next }, `${what} The gateway waits for it`);
}

// `hedgerow run`: the gateway itself, until a signal ends it. This is what systemd starts.
import { dirname } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { openLog } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import { openOnDisk } from "../disk-wait.ts";
import type { Gateway } from "../gateway.ts";
import { findingLine } from "../settings/findings.ts";
import { loadSettings } from "../settings/load.ts";
import { configFile } from "./config-file.ts";

export function addRun(program: Command): void {
  program
    .command("run")
    .description("run the gateway until it is told to stop (SIGTERM or Ctrl-C)")
    .option("--config <file>", "gateway.yaml")
    .action(async (options: { config?: string }) => {
      const settings = await loadSettings(await configFile(options.config));
      const log = openLog({ level: settings.gateway.log.level });
      for (const warning of settings.warnings) log.warn(findingLine(warning, dirname(settings.file)));
      const stop = stopSignal();
      // Loaded here: the other commands start without broker, spool and page.
      const { openGateway } = await import("../gateway.ts");
      const openOnce = () => openGateway({ settings, clock: systemClock, log }, stop);
      let open = openOnce;
      while (!stop.aborted) {
        const gateway = await unlessStopped(openOnDisk({ open, settings: settings.gateway, log }, stop), stop);
        if (gateway === null) return;
        open = () => openAgain(openOnce, stop);
        announceSetupCode(gateway, settings.gateway.gateway.dataDir);
        try {
          await Promise.race([gateway.failed, gateway.due, aborted(stop)]);
        } finally {
          await closeInTime(gateway);
        }
        log.info(stop.aborted ? "gateway closed" : "the announced policy holds now: the house is opened anew");
      }
    });
}

/** Null when the start failed because it was told to stop: that is no failure. */
export async function unlessStopped<T>(starting: Promise<T>, stop: AbortSignal): Promise<T | null> {
  try {
    return await starting;
  } catch (cause) {
    if (stop.aborted) return null;
    throw cause;
  }
}

/**
 * As `open`; but what the closed house let go of, its lock or a port, somebody may have taken for a moment, such as another
 * command. That is waited for, LIMITS.stopMs at most.
 */
export async function openAgain<T>(open: () => Promise<T>, stop: AbortSignal): Promise<T> {
  const patience = AbortSignal.any([stop, AbortSignal.timeout(LIMITS.stopMs)]);
  for (;;) {
    try {
      return await open();
    } catch (thrown) {
      const isTaken =
        thrown instanceof GatewayError && (thrown.code === "DATA_DIR_LOCKED" || thrown.code === "PORT_IN_USE");
      if (!isTaken || patience.aborted) throw thrown;
      await waitFor(LIMITS.backoffMinMs, patience);
    }
  }
}

/** Aborts at the first SIGTERM, SIGINT or SIGHUP (a closed terminal); a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => (stopping.signal.aborted ? process.exit(1) : stopping.abort()));
  }
  return stopping.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Finishes what is in hand within LIMITS.stopMs; what hangs longer is left to the spool, which holds everything acknowledged. */
export async function closeInTime(gateway: AsyncDisposable): Promise<void> {
  const late = setTimeout(() => {
    process.stderr.write(
      `hedgerow: ${new GatewayError("INTERNAL", `closing took longer than ${LIMITS.stopMs} ms`).message}; ending now\n`,
    );
    process.exit(1);
  }, LIMITS.stopMs);
  late.unref();
  await gateway[Symbol.asyncDispose]();
  clearTimeout(late);
}

/** On the console only when a person sits there: under systemd standard error is the journal, and the code stays out of logs. */
function announceSetupCode({ setupCode }: Gateway, dataDir: string): void {
  if (setupCode === null || !process.stderr.isTTY) return;
  process.stderr.write(
    `First start: open the status page and type the code ${setupCode} (also in ${dataDir}/setup-code.txt)\n`,
  );
}

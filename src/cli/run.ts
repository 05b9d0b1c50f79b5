// `hedgerow run`: the gateway itself, until a signal ends it. This is what systemd starts.
import { dirname } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { openLog } from "../core/log.ts";
import { openOnDisk } from "../disk-wait.ts";
import type { Gateway } from "../gateway.ts";
import { keepOpen } from "../reopening.ts";
import { findingLine } from "../settings/findings.ts";
import { loadSettings, type Settings } from "../settings/load.ts";
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
      const { KeptSessions } = await import("../web/sessions.ts");
      const sessions = new KeptSessions();
      const { dataDir } = settings.gateway.gateway;
      const openOne = (now: Settings, trouble: string | null) =>
        openOnDisk(
          {
            open: () => openGateway({ settings: now, clock: systemClock, log, sessions, trouble }, stop),
            settings: now.gateway,
            log,
          },
          stop,
        );
      await keepOpen<Gateway>(
        {
          settings,
          load: () => loadSettings(settings.file),
          open: (...said) => unlessStopped(openOne(...said), stop),
          close: closeInTime,
          opened: (gateway) => announceSetupCode(gateway, dataDir),
          log,
        },
        stop,
      );
      log.info("gateway closed");
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

/** Aborts at the first SIGTERM, SIGINT or SIGHUP (a closed terminal); a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => (stopping.signal.aborted ? process.exit(1) : stopping.abort()));
  }
  return stopping.signal;
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

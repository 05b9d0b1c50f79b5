// The log: facts as fields, to standard output, one JSON object a line. Never payloads, frames, addresses or secrets.
import { type Logger, pino } from "pino";

export type Log = Logger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** Opens the program's log on the given file descriptor (1: standard output, 2: standard error). */
export function openLog({ level, fd = 1 }: { level: LogLevel; fd?: number }): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd, sync: true }));
}

/** A log that says nothing, for tests and for commands whose output is an answer. */
export const silentLog: Log = pino({ level: "silent" });

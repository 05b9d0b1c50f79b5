// A log whose lines a test can read.
import { Writable } from "node:stream";
import { pino } from "pino";
import type { Log } from "../../src/core/log.ts";

/** Keeps what is logged, as text. */
export function textLog(): { readonly lines: readonly string[]; readonly log: Log } {
  const lines: string[] = [];
  const log = pino(
    { level: "debug" },
    new Writable({
      write(line, _encoding, done) {
        lines.push(String(line));
        done();
      },
    }),
  );
  return { lines, log };
}

// How the demo's processes are told things: JSON lines on their standard input, the first one their configuration.
import { createInterface } from "node:readline";
import type { z } from "zod";

/** The configuration from the first line, and the lines after it; `lines` ends when the parent dies or closes the pipe. */
export async function readInstructions<T>(
  schema: z.ZodType<T>,
): Promise<{ readonly config: T; readonly lines: AsyncIterable<string> }> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const first = await lines.next();
  const config = schema.parse(JSON.parse(first.done === true ? "null" : first.value));
  return { config, lines: { [Symbol.asyncIterator]: () => lines } };
}

/** Tells the parent, in one JSON line, that all is ready. */
export function announce(facts: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}

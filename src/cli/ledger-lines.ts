// The lines of an exported ledger, byte by byte as they stand: a reader that knows several line ends would overlook a changed one.
import { createReadStream } from "node:fs";
import { TextDecoder } from "node:util";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LEDGER_LIMITS } from "../ledger/ledger-limits.ts";

const LINE_END = 0x0a;

/** The lines of a file. Throws as `linesIn`, and CONFIG_UNREADABLE for a file that cannot be read. */
export function linesOf(path: string): AsyncGenerator<string, void> {
  return linesIn(chunksOf(path));
}

/** Each line without its end. Throws LEDGER_INVALID for what is no text of bounded lines, each with its end. */
export async function* linesIn(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END)) {
      yield textOf(bytes.subarray(0, end), decoder);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > LEDGER_LIMITS.exportLineBytes) throw new GatewayError("LEDGER_INVALID", "a line is too long");
    rest = bytes;
  }
  if (rest.length > 0) throw new GatewayError("LEDGER_INVALID", "the file breaks off in the middle of its last line");
}

async function* chunksOf(path: string): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of createReadStream(path)) yield Buffer.from(chunk);
  } catch (cause) {
    throw new GatewayError("CONFIG_UNREADABLE", `cannot read ${path}: ${messageOf(cause)}`, {
      hint: "Check that the file exists and that this user may read it.",
      cause,
    });
  }
}

function textOf(bytes: Uint8Array, decoder: TextDecoder): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new GatewayError("LEDGER_INVALID", "the file holds bytes that are no text", { cause });
  }
}

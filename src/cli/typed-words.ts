// A passphrase from whoever sits at the terminal, unseen; or the first line of a file.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { GatewayError } from "../core/errors.ts";
import { readSmallFile } from "../core/small-file.ts";
import { BACKUP_LIMITS } from "./backup-limits.ts";

/** Where words are typed and asked for, and whether a person sits there. */
export type Terminal = {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly isTerminal: boolean;
};

/** Questions go to standard error: an answer for programs goes to standard output. */
export const TERMINAL: Terminal = {
  input: process.stdin,
  output: process.stderr,
  isTerminal: process.stdin.isTTY,
};

/** One line for each question; what is typed is shown nowhere. Throws USAGE where nobody can type, or stops. */
export async function typed(questions: readonly string[], { input, output, isTerminal }: Terminal): Promise<string[]> {
  if (!isTerminal)
    throw new GatewayError("USAGE", "a passphrase is needed, and nobody can type it here", {
      hint: "Give it in a file that only you may read: --passphrase-file FILE.",
    });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // One for all of them: what is pasted in one go would be lost between two.
  const lines = createInterface({ input, output: nowhere, terminal: true });
  lines.once("SIGINT", () => lines.close());
  try {
    const answers: string[] = [];
    const typedLines = lines[Symbol.asyncIterator]();
    for (const question of questions) {
      output.write(question);
      const line = await typedLines.next();
      output.write("\n");
      if (line.done === true) throw new GatewayError("USAGE", "no passphrase was typed; nothing was written");
      answers.push(line.value);
    }
    return answers;
  } finally {
    lines.close();
  }
}

/** The first line of a file. Throws SECRET_UNREADABLE. */
export async function passphraseIn(path: string): Promise<string> {
  const file = await readSmallFile(path, { bytesMax: BACKUP_LIMITS.passphraseBytes });
  const [line = ""] = file.kind === "bytes" ? file.bytes.toString("utf8").split(/\r?\n/, 1) : [];
  if (line !== "") return line;
  const why = file.kind === "bytes" ? "it is empty" : file.kind === "absent" ? "there is no such file" : file.why;
  throw new GatewayError("SECRET_UNREADABLE", `the passphrase cannot be read from ${path}: ${why}`);
}

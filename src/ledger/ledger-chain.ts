// The chain at work: a line with what it carries in one transaction, heads, the keys it is signed with, and what is done where
// the file breaks: it is set aside, and the new chain's first line names the last head that is known of the old one.
import { randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { dayIn } from "../core/day-times.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { GatewayKey } from "../core/gateway-key.ts";
import type { Log } from "../core/log.ts";
import type { Book } from "./ledger-book.ts";
import { headOf } from "./ledger-export.ts";
import { isDamage, isOlderThan, ledgerPath, openBook, type Restart, setAside } from "./ledger-file.ts";
import { type LedgerHead, signHead } from "./ledger-head.ts";
import { isPublicKind, type LineKind } from "./ledger-line.ts";
import { LEDGER_LIMITS } from "./ledger-limits.ts";
import type { TrimLimits } from "./ledger-trim.ts";

/** `limits`: smaller ones in tests. */
export type LedgerDeps = {
  readonly dataDir: string;
  readonly key: GatewayKey;
  readonly gatewayId: string;
  /** Of the site: by its days the lines are dated. */
  readonly timezone: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: TrimLimits;
};

const SALT_BYTES = 16;
const DAY_MS = 24 * 3_600_000;
/** Read at once while they are taken up. */
const ROWS_ADOPTED = 1000;

export class LedgerChain {
  readonly #deps: LedgerDeps;
  #book: Book;
  /** What the next line has to wait for. */
  readonly #owed: (() => void)[] = [];

  /** Opens the file, says what is missing, and takes up what was there before the lines. Throws DATA_DIR_UNUSABLE, SPOOL_NEWER. */
  constructor(deps: LedgerDeps, mirror: LedgerHead | null) {
    this.#deps = deps;
    const { book, isAnew } = this.#open();
    this.#book = book;
    const why = isAnew ? "damaged" : whyBehind(book, mirror);
    if (why !== null) this.#owed.push(() => this.#addRestart(why, mirror));
    this.#owed.push(() => this.#adopt());
    try {
      this.write(() => undefined);
      this.noteKey();
    } catch (cause) {
      // A full disk: it is owed still, and the gateway has to open, since deliveries are what makes room.
      deps.log.error({ cause: messageOf(cause) }, "the ledger cannot be written yet");
    }
  }

  get book(): Book {
    return this.#book;
  }

  /** The day at the site; null while the clock cannot be believed. */
  today(): string | null {
    const { clock, timezone } = this.#deps;
    return clock.isSynced() ? dayIn(timezone, clock.nowMs()) : null;
  }

  /** All of it or nothing, on disk when this returns. Where the file turns out to be damaged, in a new one. Throws SPOOL_FAILED. */
  write<T>(work: () => T): T {
    try {
      return this.#inOne(work);
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      if (!isDamage(cause)) throw refused(cause);
      this.#startOver(cause);
      return this.#inOne(work);
    }
  }

  /** What is asked of the book; where it turns out to be damaged, of a new one. */
  read<T>(ask: (book: Book) => T): T {
    try {
      return ask(this.#book);
    } catch (cause) {
      if (!isDamage(cause) || this.#book.database.isTransaction) throw cause;
      this.#startOver(cause);
      return ask(this.#book);
    }
  }

  /** To be called in `write`. `ref`: of the row that holds the body. */
  line(kind: LineKind, body: string, ref?: number): void {
    const salt = isPublicKind(kind) ? null : randomBytes(SALT_BYTES);
    this.#book.append({ kind, day: this.today(), body, salt, ...(ref !== undefined && { ref }) });
  }

  /** A line of what changed, if it did; `lineOf` makes it from what was before (null: nothing yet). */
  noteChange(what: string, now: string, lineOf: (before: string | null) => readonly [LineKind, object]): void {
    if (this.read((book) => book.remembered(what)) === now) return;
    this.write(() => {
      const [kind, body] = lineOf(this.#book.remembered(what));
      this.line(kind, JSON.stringify(body));
      this.#book.remember(what, now);
    });
  }

  /**
   * Keys that sign, in the chain itself. One that is to follow is announced while the old one still signs, and a head of the
   * old one covers that: so who knows the old key alone can follow to the new one.
   */
  noteKey(): void {
    const { key } = this.#deps;
    const said = (step: string, { keyId, publicKey }: { keyId: string; publicKey: string }) =>
      ["key-change", { step, keyId, publicKey }] as const;
    this.noteChange("key", key.keyId, (before) => said(before === null ? "first" : "in-use", key));
    const { next } = key;
    if (next === null || this.#book.remembered("next-key") === next.keyId) return;
    this.noteChange("next-key", next.keyId, () => said("announced", next));
    this.write(() => this.#book.addHead(this.headAt(this.#book.tip().number)));
  }

  /** Of that line: one that is kept, else one made now. */
  headAt(number: number): LedgerHead {
    return headOf(this.#book, number, this.#deps);
  }

  /** The head of yesterday, made if it is not there; null where there is nothing to sign, or the clock was set back. */
  endDayBefore(today: string): LedgerHead | null {
    const yesterday = new Date(Date.parse(`${today}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
    const number = this.#book.lastBefore(today);
    if (number === 0) return null;
    const made = this.#book.headSince(yesterday);
    if (made !== null && made.number >= number) return made;
    const { key, gatewayId } = this.#deps;
    const head = signHead({ gateway: gatewayId, day: yesterday, number, digest: this.#book.linkAt(number) }, key);
    this.write(() => this.#book.addHead(head));
    return head;
  }

  #open(): ReturnType<typeof openBook> {
    const { dataDir, log, limits = LEDGER_LIMITS } = this.#deps;
    return openBook(dataDir, { log, bytesMax: limits.databaseBytesMax });
  }

  #inOne<T>(work: () => T): T {
    const made = this.#book.transaction(() => {
      for (const each of this.#owed) each();
      return work();
    });
    this.#owed.length = 0;
    return made;
  }

  /** Sets the file aside and opens a new one, whose first line says so. Throws SPOOL_FAILED. */
  #startOver(cause: unknown): void {
    const { dataDir, log } = this.#deps;
    const last = attempt(() => this.#book.newestHeads(Number.MAX_SAFE_INTEGER, 1)[0]) ?? null;
    try {
      this.#book.database.close();
      setAside(ledgerPath(dataDir), { log, cause });
      this.#book = this.#open().book;
      this.#owed.push(() => this.#addRestart("damaged", last));
      this.#inOne(() => undefined);
    } catch (again) {
      throw refused(again);
    }
  }

  #addRestart(why: Restart, last: LedgerHead | null): void {
    this.#deps.log.error({ why, last: last?.number ?? null }, "the ledger's chain is broken; a line says so");
    this.line("restarted", JSON.stringify({ why, last }));
  }

  /** Receipts and lamp commands from before the lines; nobody knows any more on which day they were made. */
  #adopt(): void {
    const { sql } = this.#book;
    for (const [kind, after] of [
      ["receipt", sql.receiptsAfter],
      ["lamp-command", sql.commandsAfter],
    ] as const) {
      let ref = Number(sql.lastRef.get(kind)?.["ref"] ?? 0);
      for (let rows = after.all(ref, ROWS_ADOPTED); rows.length > 0; rows = after.all(ref, ROWS_ADOPTED)) {
        for (const row of rows) {
          const salt = isPublicKind(kind) ? null : randomBytes(SALT_BYTES);
          ref = Number(row["number"]);
          this.#book.append({ kind, day: null, body: String(row["body"]), salt, ref });
        }
      }
    }
  }
}

/** Why the book is not what its last known head says. */
function whyBehind(book: Book, mirror: LedgerHead | null): Restart | null {
  if (mirror === null || !isOlderThan(book, mirror)) return null;
  return book.tip().number === 0 ? "missing" : "older";
}

function refused(cause: unknown): GatewayError {
  return new GatewayError("SPOOL_FAILED", `the ledger could not be written: ${messageOf(cause)}`, { cause });
}

/** What can still be read of a damaged file, or undefined. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

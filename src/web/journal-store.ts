// The journal of logins and changes on disk: journal.db in dataDir, for stewards alone. Bounded in entries and in days; addresses
// are cut short to their network after a week. It is there for people: where it cannot be written, everything else goes on.
//
// A database, and not a file of lines: numbers grow (failed logins of one address are one entry), old addresses are cut short,
// and what is deleted is overwritten with zeroes; none of that goes in a file that is only added to.
import { chmodSync, closeSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Board } from "../core/board.ts";
import {
  type ChangeJournal,
  JOURNAL_KEPT,
  JOURNAL_WORDS,
  type JournalNote,
  type JournalWord,
} from "../core/change-journal.ts";
import type { Clock } from "../core/clock.ts";
import { type Database, openDatabase, sqliteCodeOf } from "../core/database.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { networkOf } from "../core/network-of.ts";
import { plainText } from "./html.ts";
import { PEOPLE_LIMITS } from "./people-limits.ts";

/** `count`: of failed logins that are one entry; else 1. `address`: null for what was done on this machine. */
export type JournalEntry = {
  readonly number: number;
  readonly atMs: number;
  readonly what: JournalWord;
  readonly by: string | null;
  readonly about: string | null;
  readonly address: string | null;
  readonly count: number;
};

/** `before`: entries below this number alone. */
export type JournalWish = { readonly by?: string; readonly what?: JournalWord; readonly before?: number };

export type JournalStore = ChangeJournal &
  Disposable & {
    /** The newest first, PEOPLE_LIMITS.journalShown at most. Empty where it cannot be read. */
    list(wish: JournalWish): readonly JournalEntry[];
    /** When each user was let in last, ms since 1970. */
    lastLogins(): ReadonlyMap<string, number>;
  };

type Deps = { readonly dataDir: string; readonly clock: Clock; readonly board: Board; readonly log: Log };

const FILE = "journal.db";
const DAY_MS = 24 * 3_600_000;
const TABLES = `
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, what TEXT NOT NULL,
  by_user TEXT, about TEXT, address TEXT, count INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE TABLE IF NOT EXISTS last_logins (user TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;`;
const CAME_IN: ReadonlySet<JournalWord> = new Set(["login", "set-up", "account-joined", "passphrase-renewed"]);
const Row = z.object({
  number: z.number(),
  at_ms: z.number(),
  what: z.enum(JOURNAL_WORDS).catch("changed"),
  by_user: z.string().nullable(),
  about: z.string().nullable(),
  address: z.string().nullable(),
  count: z.number(),
});
const LastLogin = z.object({ user: z.string(), at_ms: z.number() });

/** What may be said of failed logins that are one entry. */
type Failures = { readonly number: number; readonly sinceMs: number; count: number };

/** Opens it. A damaged one is put aside as journal.db.damaged; where none can be had, nothing is noted and the log says so. */
export function openJournal(deps: Deps): JournalStore {
  return new Store(deps);
}

class Store implements JournalStore {
  readonly #deps: Deps;
  readonly #database: Database | null;
  readonly #failures = new Map<string, Failures>();
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#database = this.#tried(() => opened(join(deps.dataDir, FILE), deps.log)) ?? null;
  }

  note(noted: JournalNote): void {
    this.#tried(() => {
      if (noted.what === "login-failed") this.#noteFailure(noted);
      else this.#insert(noted);
      if (!CAME_IN.has(noted.what) || noted.by === null) return;
      this.#run(
        "INSERT INTO last_logins (user, at_ms) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET at_ms = excluded.at_ms",
        noted.by,
        this.#deps.clock.nowMs(),
      );
    });
  }

  list({ by, what, before = Number.MAX_SAFE_INTEGER }: JournalWish): readonly JournalEntry[] {
    const rows = this.#tried(() => {
      this.#sweep();
      return this.#database
        ?.prepare(
          `SELECT * FROM entries WHERE number < ? AND (? IS NULL OR by_user = ?) AND (? IS NULL OR what = ?)
           ORDER BY number DESC LIMIT ?`,
        )
        .all(before, by ?? null, by ?? null, what ?? null, what ?? null, PEOPLE_LIMITS.journalShown);
    });
    return z
      .array(Row)
      .parse(rows ?? [])
      .map(({ at_ms, by_user, ...row }) => ({ ...row, atMs: at_ms, by: by_user }));
  }

  lastLogins(): ReadonlyMap<string, number> {
    const rows = this.#tried(() => this.#database?.prepare("SELECT user, at_ms FROM last_logins").all());
    return new Map(
      z
        .array(LastLogin)
        .parse(rows ?? [])
        .map(({ user, at_ms }) => [user, at_ms]),
    );
  }

  [Symbol.dispose](): void {
    this.#tried(() => {
      for (const { number, count } of this.#failures.values())
        this.#run("UPDATE entries SET count = ? WHERE number = ?", count, number);
    });
    this.#failures.clear();
    if (this.#database?.isOpen === true) this.#database.close();
  }

  #insert({ what, by, about, address }: JournalNote): number {
    this.#sweep();
    const told = about === undefined ? null : plainText(about).slice(0, PEOPLE_LIMITS.journalChars);
    const { lastInsertRowid } = this.#run(
      "INSERT INTO entries (at_ms, what, by_user, about, address) VALUES (?, ?, ?, ?, ?)",
      this.#deps.clock.nowMs(),
      what,
      by,
      told,
      address ?? null,
    ) ?? { lastInsertRowid: 0 };
    return Number(lastInsertRowid);
  }

  /** Counted in memory, and written whenever the number has doubled: who hammers the door does not wear the card. */
  #noteFailure({ what, by, address = "" }: JournalNote): void {
    const block = networkOf(address);
    const key = `${block} ${by ?? ""}`;
    const nowMs = this.#deps.clock.monotonicMs();
    const known = this.#failures.get(key);
    if (known === undefined || nowMs - known.sinceMs >= PEOPLE_LIMITS.failuresMs) {
      this.#failures.delete(key);
      this.#failures.set(key, { number: this.#insert({ what, by, address: block }), sinceMs: nowMs, count: 1 });
      const oldest = this.#failures.keys().next().value;
      if (this.#failures.size > PEOPLE_LIMITS.failures && oldest !== undefined) this.#failures.delete(oldest);
      return;
    }
    known.count += 1;
    if (Number.isInteger(Math.log2(known.count)))
      this.#run("UPDATE entries SET count = ? WHERE number = ?", known.count, known.number);
  }

  /** Once an hour what is too old, and with each entry what is too many. */
  #sweep(): void {
    const { clock } = this.#deps;
    const newest = Number(this.#database?.prepare("SELECT max(number) AS newest FROM entries").get()?.["newest"] ?? 0);
    this.#run("DELETE FROM entries WHERE number <= ?", newest + 1 - PEOPLE_LIMITS.journalEntries);
    // Whoever guesses from ever new addresses must not push out what was changed meanwhile.
    this.#run(
      `DELETE FROM entries WHERE number IN
         (SELECT number FROM entries WHERE what = 'login-failed' ORDER BY number DESC LIMIT -1 OFFSET ?)`,
      PEOPLE_LIMITS.failures,
    );
    if (clock.monotonicMs() - this.#sweptMs < PEOPLE_LIMITS.sweepMs || !clock.isSynced()) return;
    this.#sweptMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    this.#run("DELETE FROM entries WHERE at_ms < ?", nowMs - JOURNAL_KEPT.days * DAY_MS);
    const old = nowMs - JOURNAL_KEPT.addressDays * DAY_MS;
    const rows = this.#database
      ?.prepare(
        "SELECT number, address FROM entries WHERE at_ms < ? AND address IS NOT NULL AND address NOT LIKE '%/%'",
      )
      .all(old);
    for (const { number, address } of rows ?? [])
      this.#run("UPDATE entries SET address = ? WHERE number = ?", blockOf(String(address)), Number(number));
  }

  #run(sql: string, ...values: (string | number | null)[]) {
    return this.#database?.prepare(sql).run(...values);
  }

  /** A person must not be kept out because nobody can write down that they came. */
  #tried<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (cause) {
      this.#deps.board.count("journal.failed");
      this.#deps.log.error({ cause: messageOf(cause) }, "the journal of logins and changes cannot be kept");
      return undefined;
    }
  }
}

/** "192.0.2.0/24"; of IPv6 the /48. */
export function blockOf(address: string): string {
  const network = networkOf(address);
  if (!network.includes(":")) return network.replace(/\.\d+$/, ".0/24");
  return `${network.split(":").slice(0, 3).join(":")}::/48`;
}

function opened(path: string, log: Log): Database {
  try {
    return made(path);
  } catch (cause) {
    // 11: damaged, 26: no database at all.
    if (![11, 26].includes(sqliteCodeOf(cause) ?? 0)) throw cause;
    log.warn({ cause: messageOf(cause) }, "the journal is damaged; it is put aside, and a new one begins");
    renameSync(path, `${path}.damaged`);
    for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
    return made(path);
  }
}

function made(path: string): Database {
  // Before SQLite makes it: what it puts beside the file has the file's mode.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const database = openDatabase(path, { bytesMax: PEOPLE_LIMITS.journalBytes });
  database.exec(TABLES);
  return database;
}

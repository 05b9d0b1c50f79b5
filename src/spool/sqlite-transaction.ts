// One transaction of the spool: all of it or nothing, with the counters and sequences that it used (I5, I9).
import type { Database } from "../core/database.ts";
import type { Moment } from "./house-time.ts";
import { createTimeWriter } from "./sqlite-time.ts";

/** Adds to the durable counters at the end of the transaction that runs. */
export type Count = (counters: Readonly<Record<string, number>>) => void;

/** What the writers of each subject share. They are called within `run` only. */
export type Transaction = {
  readonly database: Database;
  readonly count: Count;
  /** The sequence of the next entry, never given twice. */
  readonly takeSequence: () => number;
  /** Runs all of the work or nothing of it, after the moment's leap and with its time. Throws SQLite's errors. */
  readonly run: (work: () => void, moment: Moment) => void;
};

export function createTransaction(database: Database): Transaction {
  const sql = {
    nextSequence: database.prepare("SELECT n FROM meta WHERE key='next_sequence'"),
    setNextSequence: database.prepare("UPDATE meta SET n=? WHERE key='next_sequence'"),
    count: database.prepare("INSERT INTO counters VALUES (?,?) ON CONFLICT (name) DO UPDATE SET n=n+excluded.n"),
  };
  let nextSequence = Number(sql.nextSequence.get()?.["n"]);
  const time = createTimeWriter(database, { firstOfThisRun: nextSequence });
  /** Gathered over a transaction and written once at its end. */
  const counted = new Map<string, number>();

  return {
    database,
    count(counters) {
      for (const [name, n] of Object.entries(counters)) counted.set(name, (counted.get(name) ?? 0) + n);
    },
    takeSequence: () => nextSequence++,
    run(work, moment) {
      const sequenceBefore = nextSequence;
      database.exec("BEGIN IMMEDIATE");
      try {
        time.leap(moment);
        work();
        if (moment.isToKeep) time.keep(moment);
        for (const [name, n] of counted) if (n !== 0) sql.count.run(name, n);
        if (nextSequence !== sequenceBefore) sql.setNextSequence.run(nextSequence);
        database.exec("COMMIT");
      } catch (cause) {
        nextSequence = sequenceBefore;
        // SQLite has rolled back by itself after some errors (SQLITE_FULL, SQLITE_IOERR).
        if (database.isTransaction) database.exec("ROLLBACK");
        throw cause;
      } finally {
        counted.clear();
      }
    },
  };
}

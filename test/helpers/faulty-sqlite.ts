// Disk errors inside SQLite, at a chosen step of a transaction of a chosen file: as the kernel gives them, which no test can
// make happen at will below a real database. Each error does what SQLite itself then does: it rolls back, or it has written all the same.
import { DatabaseSync, StatementSync } from "node:sqlite";

/** `commit-lost`: nothing was written. `commit-written`: all of it was, and fsync still refused. The others meet a statement on its way. */
export type SqliteFault = "full" | "statement-failed" | "commit-lost" | "commit-written";

const FULL = { errcode: 13, text: "database or disk is full" };
/** SQLITE_IOERR_FSYNC: code 10 with its extension. */
const FAILED = { errcode: 1034, text: "disk I/O error" };

type Armed = { readonly fault: SqliteFault; statements: number; readonly onFailed: () => void };

/** By the folder that the database lies in. */
const armed = new Map<string, Armed>();
const databases = new WeakMap<StatementSync, DatabaseSync>();
let isInstalled = false;

/** A write transaction of spool.db in this folder meets the fault, once: the next commit, or the statement after so many others. `onFailed`: called when a commit has met it. */
export function armFault(dataDir: string, { fault, statements, onFailed }: Armed): void {
  install();
  armed.set(dataDir, { fault, statements, onFailed });
}

export function disarmFaults(dataDir: string): void {
  armed.delete(dataDir);
}

/** Before the first database is opened, so that its statements are known. */
export function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  // oxlint-disable-next-line typescript/unbound-method -- each is called with the `this` that it was asked on
  const { exec, prepare } = DatabaseSync.prototype;
  // oxlint-disable-next-line typescript/unbound-method -- likewise
  const { run } = StatementSync.prototype;
  DatabaseSync.prototype.prepare = function (...args) {
    const statement = prepare.apply(this, args);
    databases.set(statement, this);
    return statement;
  };
  StatementSync.prototype.run = function (...args: unknown[]) {
    const database = databases.get(this);
    const found = database === undefined || !database.isTransaction ? undefined : armed.get(folderOf(database));
    if (database !== undefined && found !== undefined && !found.fault.startsWith("commit") && found.statements-- <= 0) {
      fail(database, found.fault === "full" ? FULL : FAILED);
    }
    return Reflect.apply(run, this, args);
  };
  DatabaseSync.prototype.exec = function (sql) {
    const found = sql === "COMMIT" ? armed.get(folderOf(this)) : undefined;
    if (found === undefined || !found.fault.startsWith("commit")) return exec.call(this, sql);
    exec.call(this, found.fault === "commit-written" ? sql : "ROLLBACK");
    found.onFailed();
    return fail(this, FAILED);
  };
  /** As SQLite does for these errors: the transaction is rolled back already when the caller hears of it. */
  const fail = (database: DatabaseSync, { errcode, text }: typeof FULL): never => {
    armed.delete(folderOf(database));
    if (database.isTransaction) exec.call(database, "ROLLBACK");
    throw Object.assign(new Error(text), { code: "ERR_SQLITE_ERROR", errcode, errstr: text });
  };
}

function folderOf(database: DatabaseSync): string {
  return database.location()?.replace(/\/spool\.db$/, "") ?? "";
}

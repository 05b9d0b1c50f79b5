// spool.db as the spool works with it: opened after damage was looked for and losses were named, its high-water mark kept, and
// damage that is met at work noted, so that the next start saves what can be read.
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { type Database, openDatabase } from "../core/database.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { leaveMarker } from "./damage-files.ts";
import { forgetFound } from "./found-entries.ts";
import { HighWater } from "./high-water.ts";
import { isDamage } from "./inspection.ts";
import { markClosed, nameWhatIsLost } from "./lost.ts";
import { saveWhatIsDamaged } from "./recovery.ts";
import { migrate } from "./schema.ts";

/** `bytesMax` and `pageBytes` as for openDatabase. `sinkIds`: at least one. */
type Deps = {
  readonly dataDir: string;
  readonly bytesMax: number;
  readonly pageBytes: number;
  readonly sinkIds: readonly string[];
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly log: Log;
};

/** Opens dataDir/spool.db, whatever it looks like. Throws SPOOL_NEWER, SPOOL_FULL, DATA_DIR_UNUSABLE. */
export async function openSpoolFile(deps: Deps): Promise<SpoolFile> {
  const { dataDir, bytesMax, pageBytes, clock } = deps;
  const path = join(dataDir, "spool.db");
  let database: Database | undefined;
  try {
    const nowMs = clock.nowMs();
    const damage = await saveWhatIsDamaged({ ...deps, nowMs });
    database = openDatabase(path, { bytesMax, pageBytes });
    migrate(database);
    const databaseId = nameWhatIsLost(database, damage, { ...deps, nowMs });
    await forgetFound(dataDir);
    return new SpoolFile(deps, database, new HighWater(dataDir, databaseId));
  } catch (cause) {
    database?.close();
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** The open file. `watched` and `commit` are for whoever reads and writes it; disposing closes it. */
export class SpoolFile implements Disposable {
  readonly database: Database;
  readonly #deps: Deps;
  readonly #mark: HighWater;
  readonly #next;
  readonly #oldest;
  #isClosed = false;

  constructor(deps: Deps, database: Database, mark: HighWater) {
    this.#deps = deps;
    this.database = database;
    this.#mark = mark;
    this.#next = database.prepare("SELECT n FROM meta WHERE key='next_sequence'");
    this.#oldest = database.prepare("SELECT sequence FROM entries ORDER BY sequence LIMIT 1");
  }

  /** Runs a transaction; what it made is not forgotten, whatever becomes of the log. Throws SPOOL_DAMAGED, and what it throws. */
  commit(transaction: () => void): void {
    try {
      transaction();
      this.#noteMark();
    } catch (thrown) {
      throw damageOr(thrown, this.#deps.dataDir);
    }
  }

  /** The same object, whose methods tell `failed` of damage that they meet. What they throw then is SPOOL_DAMAGED. */
  watched<T extends object>(reads: T, failed: (cause: unknown) => void): T {
    const dataDir = this.#deps.dataDir;
    return new Proxy(reads, {
      get(target, key, receiver) {
        const value: unknown = Reflect.get(target, key, receiver);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          try {
            return Reflect.apply(value, target, args);
          } catch (thrown) {
            const cause = damageOr(thrown, dataDir);
            if (cause !== thrown) failed(cause);
            throw cause;
          }
        };
      },
    });
  }

  /** Closed cleanly: the next start looks less closely. May be called twice. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      markClosed(this.database);
    } catch (cause) {
      // The disk has failed; why is said by whoever ends the gateway, and must not be hidden by this.
      this.#deps.log.warn({ cause: messageOf(cause) }, "not closed cleanly: the next start looks more closely");
    } finally {
      this.#mark[Symbol.dispose]();
      this.database.close();
    }
  }

  #noteMark(): void {
    const next = Number(this.#next.get()?.["n"] ?? 0);
    const oldest = Number(this.#oldest.get()?.["sequence"] ?? next);
    this.#mark.note({ next, oldest, monotonicMs: this.#deps.clock.monotonicMs() });
  }
}

/** SPOOL_DAMAGED, with its marker left, for what SQLite says of a damaged file; else what was thrown. */
function damageOr(thrown: unknown, dataDir: string): unknown {
  if (!isDamage(thrown)) return thrown;
  const damaged = new GatewayError("SPOOL_DAMAGED", `spool.db is damaged: ${messageOf(thrown)}`, { cause: thrown });
  try {
    leaveMarker(dataDir);
    return damaged;
  } catch {
    return damaged; // a disk that is full or read-only, too: the next start looks by itself
  }
}

// Entries that this run made while the clock was not believed: kept back for a while, put right once it is, and left as they
// are, for ever, if a sink was offered them meanwhile (I6: an id has one body).
import type { Clock } from "../core/clock.ts";
import type { Database } from "../core/database.ts";
import type { CorrectTime } from "../privacy/correct-time.ts";
import type { HouseTime } from "./house-time.ts";
import { checksumOf } from "./schema.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** `correctTime` is privacy's: only it may change what leaves. `firstOfThisRun`: the sequence of this run's first entry. */
type Deps = {
  readonly database: Database;
  readonly time: HouseTime;
  readonly clock: Clock;
  readonly correctTime: CorrectTime;
  readonly firstOfThisRun: number;
};

export class UnsureEntries {
  readonly #deps: Deps;
  readonly #sql;
  readonly #offered = new Set<number>();
  /** Up to here all is as it will stay: put right, or left. */
  #settledUpTo: number;
  #offeredUpTo = 0;
  #waitingSinceMs: number | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#sql = prepare(deps.database);
    this.#settledUpTo = deps.firstOfThisRun - 1;
  }

  /**
   * The first sequence that is not to be offered yet, or null. While the clock is not believed they wait for
   * SPOOL_LIMITS.clockWaitMs; while it is, until they are put right.
   */
  hiddenFrom(): number | null {
    const { clock } = this.#deps;
    const first = this.#first();
    if (first === null) this.#waitingSinceMs = null;
    if (first === null || clock.isSynced()) return first;
    this.#waitingSinceMs ??= clock.monotonicMs();
    return clock.monotonicMs() - this.#waitingSinceMs < SPOOL_LIMITS.clockWaitMs ? first : null;
  }

  /** To be told of each entry that a sink is given. */
  wereOffered(sequences: readonly number[]): void {
    const first = this.#first();
    if (first === null) return;
    for (const sequence of sequences) if (sequence >= first) this.#offered.add(sequence);
    if (this.#offered.size <= SPOOL_LIMITS.offeredUnsure) return;
    this.#offeredUpTo = Math.max(...this.#offered);
    this.#offered.clear();
  }

  /** Whether `putRight` has anything to do. */
  isWorkDue(): boolean {
    return this.#deps.clock.isSynced() && this.#first() !== null;
  }

  /** Within a transaction: puts the next SPOOL_LIMITS.correctedAtOnce right. What it did counts once that is on disk (`settled`). */
  putRight(): { readonly settled: () => void } {
    const { correctTime, time } = this.#deps;
    let last = this.#settledUpTo;
    for (const row of this.#sql.next.all(this.#settledUpTo, SPOOL_LIMITS.correctedAtOnce)) {
      const sequence = Number(row["sequence"]);
      last = sequence;
      const byMs = this.#wasOffered(sequence) ? null : time.wrongBy(sequence);
      const before = entryOf(row);
      // A body that is damaged must not be given a checksum that fits.
      if (byMs === null || checksumOf([sequence, ...before]) !== row["crc"]) continue;
      const [id, eventClass, type, body, image] = before;
      const corrected = correctTime(body, byMs);
      if (corrected === null) continue;
      this.#sql.correct.run(corrected, checksumOf([sequence, id, eventClass, type, corrected, image]), sequence);
      this.#sql.correctPicture.run(sequence);
    }
    return {
      settled: () => {
        this.#settledUpTo = last;
        for (const sequence of this.#offered) if (sequence <= last) this.#offered.delete(sequence);
      },
    };
  }

  #wasOffered(sequence: number): boolean {
    return sequence <= this.#offeredUpTo || this.#offered.has(sequence);
  }

  #first(): number | null {
    const row = this.#sql.first.get(this.#settledUpTo);
    return row === undefined ? null : Number(row["sequence"]);
  }
}

type Parts = readonly [id: string, eventClass: string, type: string, body: string, image: string | null];

function entryOf(row: Record<string, unknown>): Parts {
  const image = row["image"];
  return [
    String(row["id"]),
    String(row["class"]),
    String(row["type"]),
    String(row["body"]),
    typeof image === "string" ? image : null,
  ];
}

function prepare(database: Database) {
  return {
    first: database.prepare("SELECT sequence FROM entries WHERE unsure = 1 AND sequence > ? ORDER BY sequence LIMIT 1"),
    next: database.prepare(
      "SELECT sequence, id, class, type, body, image, crc FROM entries WHERE unsure = 1 AND sequence > ? ORDER BY sequence LIMIT ?",
    ),
    correct: database.prepare("UPDATE entries SET body=?, crc=?, unsure=0 WHERE sequence=?"),
    correctPicture: database.prepare("UPDATE pictures SET unsure=0 WHERE sequence=?"),
  };
}

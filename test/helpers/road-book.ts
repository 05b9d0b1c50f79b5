// What the model of the road knows to be true: what was acknowledged, which entry each sequence is, who must see it, and the sums.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Clock } from "../../src/core/clock.ts";
import type { Entry } from "../../src/spool/spool.ts";
import type { RoadPlatform } from "./road-platform.ts";
import type { SinkId } from "./road-steps.ts";

/** `madeAtMs` is monotonic; `keptMs` from then on at most, `leastMs` at least. `isInTime`: it was on disk before its hour was over, and not held back longer by a full one. */
type Made = {
  readonly madeAtMs: number;
  keptMs: number;
  leastMs: number;
  isInTime: boolean;
  readonly isHouse: boolean;
};
type Known = { readonly id: string; readonly body: string };

const UNASSIGNED = "unassigned";
const ENDINGS = ["forwarded", "rejected", "expired", "evicted", "erased"];
/** An event's hour is rounded to the policy's bucket of a second. */
const BUCKET_MS = 1000;

export class RoadBook {
  readonly #platforms: ReadonlyMap<SinkId, RoadPlatform>;
  readonly #clock: Clock;
  readonly #made = new Map<string, Made>();
  /** With the hour of it. */
  readonly #acknowledged = new Map<string, number>();
  readonly #known = new Map<number, Known>();
  readonly #sequenceOf = new Map<string, number>();
  /** By sink: the sequences that it must hear of. */
  readonly #due = new Map<string, Set<number>>();
  /** By sink: what was discarded while the gateway did not know of it. Its platform sees holes of that time in any case. */
  readonly #missed = new Map<string, Set<number>>();
  readonly #wrong = new Set<string>();
  #sinkIds: readonly string[] = [];
  #newest = 0;
  #wasClockSet = false;
  #isClockSteady = true;
  #eyes: DatabaseSync | null = null;
  #statements = new Map<string, StatementSync>();

  constructor(platforms: ReadonlyMap<SinkId, RoadPlatform>, clock: Clock) {
    this.#platforms = platforms;
    this.#clock = clock;
  }

  /** Before a spool is opened: what was committed until now belongs to those sinks that were there. */
  opens(dataDir: string, sinkIds: readonly SinkId[]): void {
    this.close();
    this.#isClockSteady = !this.#wasClockSet;
    if (this.#newest > 0 || this.#sinkIds.length > 0) {
      this.#look(dataDir);
      this.#dueUntilNow();
      const adopted = sinkIds.length === 0 ? [] : this.#rows("SELECT sequence FROM waiting WHERE sink='unassigned'");
      for (const { sequence } of adopted) {
        for (const sinkId of sinkIds) this.#dueOf(sinkId).add(Number(sequence));
        this.#dueOf(UNASSIGNED).delete(Number(sequence));
      }
      this.close();
    }
    this.#sinkIds = sinkIds.length === 0 ? [UNASSIGNED] : sinkIds;
  }

  opened(dataDir: string): void {
    this.#look(dataDir);
  }

  handedOver(markers: readonly string[], made: Pick<Made, "keptMs" | "isHouse">): void {
    for (const marker of markers)
      this.#made.set(marker, { ...made, leastMs: made.keptMs, isInTime: false, madeAtMs: this.#clock.monotonicMs() });
  }

  acknowledged(markers: readonly string[]): void {
    const nowMs = this.#clock.monotonicMs();
    for (const marker of markers) {
      this.#acknowledged.set(marker, nowMs);
      const made = this.#made.get(marker);
      if (made !== undefined) made.isInTime = nowMs - made.madeAtMs < made.keptMs;
    }
  }

  /** While the program runs, no setting of the clock gives or takes an hour; what a start makes of it depends on what was saved. */
  clockSet(): void {
    this.#wasClockSet = true;
  }

  /** Markers of what is on disk by now. */
  onDisk(): ReadonlySet<string> {
    return new Set(this.#acknowledged.keys());
  }

  /** From when it is asked for: where the disk fails at it, it may have come to be all the same. */
  tightens(keptMs: number): void {
    for (const made of this.#made.values()) if (!made.isHouse) made.leastMs = Math.min(made.leastMs, keptMs);
  }

  /** `onDisk`: what was there when it was asked for; what was on its way is shortened or is not (making room goes first on a full disk). */
  tightened(keptMs: number, onDisk: ReadonlySet<string>): void {
    this.tightens(keptMs); // what came while it waited, too
    for (const [marker, atMs] of this.#acknowledged) {
      const made = this.#made.get(marker);
      // Hours count from when it was on disk.
      if (made?.isHouse === false && onDisk.has(marker))
        made.keptMs = Math.min(made.keptMs, atMs - made.madeAtMs + keptMs);
    }
  }

  offered(sinkId: string, entries: readonly Entry[]): void {
    const nowMs = this.#clock.nowMs();
    let before = 0;
    for (const entry of entries) {
      this.#know(entry);
      if (entry.sequence <= before) this.#say(`sink ${sinkId} was offered ${entry.sequence} after ${before}`);
      before = entry.sequence;
      if (entry.expiresAtMs <= nowMs) this.#say(`sink ${sinkId} was offered ${entry.sequence} after its hour`);
      const made = this.#made.get(markerOf(entry.body));
      const ageMs = this.#clock.monotonicMs() - (made?.madeAtMs ?? Number.NaN);
      if (this.#isClockSteady && made?.isInTime === true && ageMs >= made.keptMs + BUCKET_MS)
        this.#say(`sink ${sinkId} was offered ${entry.sequence} at an age of ${ageMs} ms`);
    }
  }

  /** Before a tombstone is made that names them. */
  discards(sequences: readonly number[], how: string): void {
    const rows = this.#rows(
      "SELECT sequence, id, body FROM entries WHERE sequence IN (SELECT value FROM json_each(?))",
      JSON.stringify(sequences),
    );
    for (const row of rows) {
      const entry = { sequence: Number(row["sequence"]), id: String(row["id"]), body: String(row["body"]) };
      this.#know(entry);
      const made = this.#made.get(markerOf(entry.body));
      if (made === undefined || how !== "expired" || !this.#isClockSteady) continue;
      const ageMs = this.#clock.monotonicMs() - made.madeAtMs;
      if (ageMs + BUCKET_MS < made.leastMs) this.#say(`${entry.sequence} expired at an age of ${ageMs} ms`);
    }
    for (const sinkId of this.#due.keys()) {
      if (this.#sinkIds.includes(sinkId)) continue;
      this.#missed.set(sinkId, new Set([...(this.#missed.get(sinkId) ?? []), ...sequences]));
    }
  }

  waiting(): number {
    return Number(this.#rows("SELECT count(*) AS n FROM waiting")[0]?.["n"]);
  }

  /** The sums of I9, and that each sequence was made by somebody; after every step. */
  check(): void {
    const counters = new Map(
      this.#rows("SELECT name, n FROM counters").map(({ name, n }) => [String(name), Number(n)]),
    );
    const of = (name: string) => counters.get(name) ?? 0;
    this.#dueUntilNow();
    const made = of("model.made") + of("model.tombstones");
    if (made !== this.#newest) this.#say(`${this.#newest} entries were made, and counters know of ${made}`);
    const waiting = new Map(
      this.#rows("SELECT sink, count(*) AS n FROM waiting GROUP BY sink").map(({ sink, n }) => [
        String(sink),
        Number(n),
      ]),
    );
    for (const [sinkId, due] of this.#due) {
      const ended = ENDINGS.reduce((sum, how) => sum + of(`entry.${how}.${sinkId}`), 0);
      const sum = ended + (waiting.get(sinkId) ?? 0);
      if (of(`entry.made.${sinkId}`) !== sum)
        this.#say(`sink ${sinkId}: made ${of(`entry.made.${sinkId}`)}, and ${sum} ended or wait (I9)`);
      if (due.size !== of(`entry.made.${sinkId}`))
        this.#say(`sink ${sinkId}: ${due.size} were made for it, and its counter says ${of(`entry.made.${sinkId}`)}`);
    }
  }

  /** What does not add up at the end of all, and whatever was noticed on the way. */
  verdict(): readonly string[] {
    if (this.waiting() > 0) this.#say(`${this.waiting()} entries still wait for platforms that take everything`);
    for (const marker of this.#acknowledged.keys()) {
      if (!this.#sequenceOf.has(marker)) this.#say(`${marker} was acknowledged and nobody ever saw it`);
    }
    for (const [sinkId, platform] of this.#platforms) {
      for (const sequence of this.#dueOf(sinkId)) {
        const isExcused = this.#missed.get(sinkId)?.has(sequence) === true;
        if (!platform.seen.has(sequence) && !isExcused) this.#say(`sink ${sinkId} never heard of ${sequence}`);
      }
      for (const [id, body] of [...platform.stored, ...platform.rejected]) {
        const known = this.#known.get(Number(id.slice(0, 12)));
        if (known?.id !== id || known.body !== body) this.#say(`sink ${sinkId} has another body for ${id}`);
      }
    }
    return [...this.#wrong];
  }

  close(): void {
    this.#eyes?.close();
    this.#eyes = null;
  }

  /** An entry never changes, whoever sees it, and each thing that was handed over is one entry. */
  #know({ sequence, id, body }: Pick<Entry, "sequence" | "id" | "body">): void {
    const known = this.#known.get(sequence);
    if (known !== undefined && (known.id !== id || known.body !== body)) this.#say(`${sequence} is two entries`);
    this.#known.set(sequence, { id, body });
    const marker = markerOf(body);
    if (!this.#made.has(marker)) return;
    const before = this.#sequenceOf.get(marker) ?? sequence;
    if (before !== sequence) this.#say(`${marker} is both ${before} and ${sequence}`);
    this.#sequenceOf.set(marker, sequence);
  }

  #dueUntilNow(): void {
    const newest = Number(this.#rows("SELECT n FROM meta WHERE key='next_sequence'")[0]?.["n"] ?? 1) - 1;
    if (newest < this.#newest) this.#say(`sequences went back from ${this.#newest} to ${newest}`);
    for (let sequence = this.#newest + 1; sequence <= newest; sequence++) {
      for (const sinkId of this.#sinkIds) this.#dueOf(sinkId).add(sequence);
    }
    this.#newest = newest;
  }

  #dueOf(sinkId: string): Set<number> {
    const due = this.#due.get(sinkId) ?? new Set();
    this.#due.set(sinkId, due);
    return due;
  }

  #look(dataDir: string): void {
    this.#statements = new Map();
    this.#eyes = new DatabaseSync(`${dataDir}/spool.db`);
  }

  #rows(sql: string, ...values: string[]): Record<string, unknown>[] {
    if (this.#eyes === null) return [];
    const statement = this.#statements.get(sql) ?? this.#eyes.prepare(sql);
    this.#statements.set(sql, statement);
    return statement.all(...values);
  }

  #say(what: string): void {
    this.#wrong.add(what);
  }
}

/** Devices of the model are their own zones; tombstones have none. */
function markerOf(body: string): string {
  return String(JSON.parse(body).data.zone ?? "");
}

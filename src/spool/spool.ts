// The spool port: the buffer on disk between privacy and the platform. It accepts only what privacy minted.
import type { Event } from "../privacy/disclose.ts";
import type { RedactedImage } from "../privacy/redact.ts";
import type { Tighten, Waiting } from "../privacy/tighten.ts";
import type { Erasable } from "./spool-erasure.ts";

/** What is disclosed, with the picture it speaks of; `imageExpiresAtMs` is the policy's hour for the picture. */
export type Making = {
  readonly event: Event;
  readonly image?: { readonly redacted: RedactedImage; readonly expiresAtMs: number };
};

/** What is counted of a device and not told yet: from where, and until when at least. */
export type CountWindow = { readonly fromMs: number; readonly toMs: number; readonly count: number };

/**
 * All that one arrival changes, in one transaction (I5): entries, count windows, what the normaliser remembers, counters.
 * `windows` and `state`: by device and by key, null forgets. `counters` are added to the durable ones (I9).
 * `discard`: entries that go unsent; the same batch makes their tombstone, and nothing else, for the sinks that waited (I6).
 */
export type Batch = {
  readonly make?: readonly Making[];
  readonly windows?: Readonly<Record<string, CountWindow | null>>;
  readonly state?: Readonly<Record<string, string | null>>;
  readonly counters?: Readonly<Record<string, number>>;
  /** What the ledger shall say of it; carried over to ledger.db afterwards. */
  readonly notes?: readonly LedgerNote[];
  readonly discard?: { readonly sequences: readonly number[]; readonly how: "expired" | "evicted" | "erased" };
};

/** A line for the ledger: `kind` as in ledger/ledger.ts, `body` JSON. */
export type LedgerNote = { readonly kind: string; readonly body: string; readonly atMs: number };

/** An event as it lies in the spool: `body` is the CloudEvent's JSON, made once (I6). Only the spool makes entries. */
export type Entry = {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  /** The CloudEvent's subject: a device's or camera's pseudonym, or "gateway". */
  readonly subject: string;
  readonly body: string;
  readonly expiresAtMs: number;
  readonly image?: { readonly sha256: string; readonly bytes: number };
};

/** `state`: ok, or full (acknowledgements are held back until there is room). `hoursLeft`: for how long
 * there is room at the rate of the last day, or null while that is a guess. `pictures`: those of `entries` that have one.
 * `bytes`: of events and pictures on the disk. */
export type SpoolStats = {
  readonly state: "ok" | "full" | "failed";
  readonly entries: number;
  /** Of each class of which there are any. */
  readonly byClass: Readonly<Record<string, number>>;
  readonly pictures: number;
  readonly bytes: number;
  readonly oldestAtMs: number | null;
  readonly deadLetters: number;
  readonly hoursLeft: number | null;
};

/** A redacted picture that is still held. */
export type HeldPicture = {
  readonly sha256: string;
  readonly cameraId: string;
  readonly takenAtMs: number;
  readonly regions: number;
};

/** Which of a sink's waiting entries: sequences above `after`, up to `upTo`; `isUrgent`: those alone that go before others. */
export type Peek = {
  readonly sinkId: string;
  readonly entriesMax: number;
  readonly bytesMax: number;
  readonly nowMs: number;
  readonly after?: number;
  readonly upTo?: number;
  readonly isUrgent?: boolean;
};

/** What the pump needs of the spool; `forward` sees this and nothing else. */
export type SpoolReader = {
  /** Waiting entries of a sink in sequence order, at most the given count and bytes of bodies (at least one if any waits). */
  peek(ask: Peek): Entry[];
  /** The sequence of the newest entry ever made, 0 before the first. */
  newestSequence(): number;
  /** The redacted JPEG, decrypted and checked against its digest. Throws when it is gone or damaged. */
  image(sha256: string): Promise<Buffer>;
  /**
   * Settles exactly the named entries for this sink; resolves when on disk. `rejected` become dead letters with the reason;
   * `undeliverable` can be given to no sink (a picture is lost): they are offered no more and go with a tombstone.
   */
  settle(settlement: Settlement): Promise<void>;
  /** Calls back after each append, until the returned function is called. */
  onAppend(watcher: () => void): () => void;
};

export type Settlement = {
  readonly sinkId: string;
  readonly accepted: readonly Entry[];
  readonly rejected: readonly { readonly entry: Entry; readonly why: string }[];
  readonly undeliverable?: readonly Entry[];
};

export type DeadLetter = {
  readonly sinkId: string;
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly why: string;
  /** When it was rejected, and its hour. */
  readonly atMs: number;
  readonly expiresAtMs: number;
};

/** How many dead letters wait again; `left`: those that do not, with the reason. */
export type Requeued = {
  readonly requeued: number;
  readonly left: readonly {
    readonly id: string;
    readonly sinkId: string;
    readonly why: "picture-gone" | "past-its-hour" | "sink-gone";
  }[];
};

/** A tombstone that still waits, and the sequences that it names. */
export type Tombstone = { readonly sequence: number; readonly names: readonly number[] };

/** What can go of a class, the oldest first, all awaited by the same sinks: about so many bytes with what lies around them. */
export type Evictable = (ask: {
  readonly eventClass: string;
  readonly bytes: number;
  readonly entriesMax: number;
}) => number[];

export type Spool = SpoolReader &
  AsyncDisposable & {
    /**
     * Resolves when everything in the batch is fsynced; batches commit in the order of the calls. While the disk is full it
     * waits and tries again (acknowledgements are held back). Rejects with SPOOL_FAILED when the disk refused: nothing of this
     * batch nor of those after it was kept, and the gateway has to end, since a failed fsync cannot be repaired by another.
     */
    append(batch: Batch): Promise<void>;
    /** Resolves when everything appended before is on disk, at once if nothing waits; rejects like `append`. Writes nothing. */
    settled(): Promise<void>;
    /** What a person's wish to erase works with. */
    readonly erasable: Erasable;
    /** False while too many writes wait for the disk: callers refuse new arrivals before they change anything they remember. */
    hasRoom(): boolean;
    /** What was remembered under keys that start with `prefix`, as of the last commit. */
    state(prefix: string): Map<string, string>;
    openWindows(): Map<string, CountWindow>;
    /** Durable counters by name, as of the last commit. */
    counters(): Record<string, number>;
    stats(nowMs: number): SpoolStats;
    condition(): SpoolStats["state"];
    /**
     * Resolves to the wall time, once a step of the clock that was seen is on disk: what was made in this run before the step
     * is moved by it, so that nothing is past its hour only because the clock was set. To be asked before anything is erased.
     */
    timeSettled(): Promise<number>;
    /** The wall time that it is at least: when the clock was last believed, and the running time since. As the clock says, where it never was. */
    earliestNowMs(): number;
    /**
     * Looks at the disk's free bytes and at what is used, pictures included: below the reserve or beyond bytesMax the spool is
     * full, but for what makes room, until there is room again.
     */
    lookAtDisk(): Promise<void>;
    /** Calls back each time a write did not fit, until the returned function is called. */
    onFull(watcher: () => void): () => void;
    /** Bytes that have to go so that there is room for a while, 0 while there is. As of the last `lookAtDisk`. */
    shortBytes(): number;
    /**
     * Removes what nobody waits for, about so many bytes of it: delivered pictures kept for the page, then dead letters, the
     * oldest first. False when there is none.
     */
    dropSpare(bytes: number): Promise<boolean>;
    /** Entries that may go of a class; the caller discards them with a tombstone. Also such as a sink has in hand: what it says of them later changes nothing. */
    evictable: Evictable;
    /** The newest tombstone that waits of what went so, which a further one may take the place of; null where none is near. */
    lastTombstone(how: "expired" | "evicted" | "erased"): Tombstone | null;
    /** The tombstones among these entries: whoever discards them has to name again what they named. */
    tombstonesAmong(sequences: readonly number[]): Tombstone[];
    /** Gives free pages back to the disk, a few, in a quiet moment. Called about once a second. */
    giveBack(): Promise<void>;
    /** At most `limit` entries past their hour and undelivered, all awaited by the same sinks; the caller discards them with a tombstone. */
    expired(nowMs: number, limit: number): number[];
    /** Likewise, entries that no sink can ever be given. */
    undeliverable(limit: number): number[];
    /** Likewise, entries that were found damaged when a sink was to be offered them; what lay there is set aside for a person. */
    damaged(limit: number): number[];
    /** How many entries wait for each sink; counted, so not to be asked for many times a second. */
    waitingBySink(): Map<string, number>;
    /**
     * Puts the next entries above `after`, up to `upTo`, to privacy, and rewrites, in one transaction, those that no sink can have seen, in this
     * run or an earlier one. `erased`: those that are to go; the caller discards them with a tombstone. `last`: the last one that
     * was looked at, null where there is none. To be called before entries are offered.
     */
    tighten(part: {
      readonly after: number;
      readonly upTo: number;
      readonly entriesMax: number;
      readonly tighten: Tighten;
    }): Promise<{
      readonly last: number | null;
      readonly erased: readonly number[];
      readonly rewritten: number;
    }>;
    /** The next entries above `after` that wait for a sink; `cameraId` where they have a picture. */
    waiting(part: {
      readonly after: number;
      readonly entriesMax: number;
    }): { readonly sequence: number; readonly type: string; readonly cameraId: string | null }[];
    /**
     * Brings hours forward that a new policy shortened, also of dead letters: `classesMs` by class, `eventsMs` for the other
     * classes but house; a camera that is not in `picturesMs` loses its pictures. Dead letters that are not `isAllowed` any
     * more go at once, and with `isAllowed` what was set aside as damaged: nobody can tell what it is. Of `notShown` cameras
     * the delivered pictures go that are kept for the page.
     */
    shortenRetention(to: {
      readonly eventsMs: number;
      readonly classesMs?: Readonly<Record<string, number>>;
      readonly picturesMs: Readonly<Record<string, number>>;
      readonly isAllowed?: (letter: Waiting) => boolean;
      readonly notShown?: readonly string[];
    }): Promise<void>;
    /** Removes pictures that are past their hour, their files first and on a full disk too, or delivered and no longer the last of their camera. */
    sweepPictures(nowMs: number): Promise<number>;
    /** Removes dead letters past their hour, the oldest beyond their bound, and what was set aside as damaged and is past its hour. */
    sweepDeadLetters(nowMs: number): Promise<void>;
    /** What the ledger has yet to be told, the oldest first; `told` forgets up to and with a number, once it is on disk there. */
    ledgerNotes(limit: number): (LedgerNote & { readonly number: number })[];
    told(upTo: number): Promise<void>;
    lastPicture(cameraId: string): HeldPicture | null;
    /** Those of a camera that are still held, the newest first. */
    picturesOf(cameraId: string, limit: number): HeldPicture[];
    deadLetters(limit: number): DeadLetter[];
    /**
     * Dead letters wait again for their sink, with the same id, sequence and body: those of these events, of this sink, or
     * all. Resolves when on disk; throws SPOOL_FULL. What cannot be put back stays a dead letter.
     */
    requeue(ask: { readonly ids?: readonly string[]; readonly sinkId?: string }): Promise<Requeued>;
  };

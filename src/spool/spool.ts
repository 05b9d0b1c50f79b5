// The spool port: the buffer on disk between privacy and the platform. It accepts only what privacy minted.
import type { Event } from "../privacy/disclose.ts";
import type { RedactedImage } from "../privacy/redact.ts";

/** What is disclosed, with the picture it speaks of. */
export type Making = { readonly event: Event; readonly image?: RedactedImage };

/** One addition to an open count window; the window is merged onward until it holds `atLeast`. */
export type CountAddition = {
  readonly deviceId: string;
  readonly atMs: number;
  readonly windowMs: number;
};

/**
 * All that one arrival changes, in one transaction (I5): entries, count windows, what the normaliser remembers, counters.
 * `state`: opaque values by key; null forgets. `counters`: added to the durable counters (I9).
 */
export type Batch = {
  readonly make?: readonly Making[];
  readonly counts?: readonly CountAddition[];
  readonly closeWindows?: readonly { readonly deviceId: string; readonly fromMs: number }[];
  readonly state?: Readonly<Record<string, string | null>>;
  readonly counters?: Readonly<Record<string, number>>;
};

/** An event as it lies in the spool: `body` is the CloudEvent's JSON, made once (I6). Only the spool makes entries. */
export type Entry = {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly expiresAtMs: number;
  readonly image?: { readonly sha256: string; readonly bytes: number };
};

export type SpoolStats = {
  readonly entries: number;
  readonly bytes: number;
  readonly oldestAtMs: number | null;
  readonly deadLetters: number;
  readonly hoursLeft: number | null;
};

export type OpenWindow = { readonly deviceId: string; readonly fromMs: number; readonly toMs: number; readonly count: number };

/** What the pump needs of the spool; `forward` sees this and nothing else. */
export type SpoolReader = {
  /** Waiting entries of a sink in sequence order, at most the given count and bytes of bodies (at least one if any waits). */
  peek(ask: { readonly sinkId: string; readonly entriesMax: number; readonly bytesMax: number; readonly nowMs: number }): Entry[];
  /** The redacted JPEG, decrypted and checked against its digest. Throws when it is gone or damaged. */
  image(sha256: string): Promise<Buffer>;
  /** Settles exactly the named entries for this sink; resolves when on disk. `rejected` become dead letters with the reason. */
  settle(settlement: {
    readonly sinkId: string;
    readonly accepted: readonly Entry[];
    readonly rejected: readonly { readonly entry: Entry; readonly why: string }[];
  }): Promise<void>;
  /** Calls back after each append, until the returned function is called. */
  onAppend(watcher: () => void): () => void;
};

export type Spool = SpoolReader &
  AsyncDisposable & {
    /**
     * Resolves when everything in the batch is fsynced; batches commit in the order of the calls. Rejects with SPOOL_FAILED
     * when the disk refused: then nothing of this batch, nor of those after it in flight, was kept, and remembered state must
     * be read again. While the disk is full it waits and tries again (acknowledgements are held back).
     */
    append(batch: Batch): Promise<void>;
    /** What the normaliser remembered under keys that start with `prefix`. */
    state(prefix: string): Map<string, string>;
    openWindows(): OpenWindow[];
    /** Durable counters by name, as of the last commit. */
    counters(): Record<string, number>;
    stats(nowMs: number): SpoolStats;
    /** Sequences that are past their hour and undelivered; they leave by `discard` in the transaction that makes their tombstone. */
    expired(nowMs: number): { readonly sequences: readonly number[] };
    discard(gone: { readonly sequences: readonly number[]; readonly how: "expired" | "evicted" | "erased"; readonly tombstone: Event }): Promise<void>;
    deadLetters(): { readonly sinkId: string; readonly entry: Entry; readonly why: string; readonly atMs: number }[];
    requeue(sequence: number, sinkId: string): Promise<void>;
  };

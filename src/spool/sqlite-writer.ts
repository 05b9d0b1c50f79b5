// The spool's writes, all inside the transaction its caller runs; nothing here waits. What is appended is here; each other
// subject has a file of its own.
import type { Database } from "../core/database.ts";
import type { Batch, Making, Settlement } from "./spool.ts";
import { TAKEN_BYTES } from "./rate.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import { checksumOf, URGENT } from "./schema.ts";
import { createDeadLetterWriter } from "./sqlite-dead-letters.ts";
import { createEndingWriter } from "./sqlite-endings.ts";
import { createEvictionWriter } from "./sqlite-eviction.ts";
import type { PageBound } from "./page-bound.ts";
import { createPictureWriter } from "./sqlite-pictures.ts";
import { createRetentionWriter } from "./sqlite-retention.ts";
import { createSettlingWriter } from "./sqlite-settling.ts";
import { pictureHours } from "./sqlite-time.ts";
import { createTransaction } from "./sqlite-transaction.ts";

/**
 * What `append` says of time: house time now, and what makes house time of the batch's wall times; `isLate`: the clock was
 * set after the batch was handed over.
 */
export type AppendTime = { readonly nowMs: number; readonly lateByMs: number; readonly isLate: boolean };

/** `append`, `settle` and the others are called within `transaction` only; a throw rolls everything back. */
export function createWriter({
  database,
  bound,
  sinkIds,
  randomHex,
}: {
  database: Database;
  bound: PageBound;
  sinkIds: readonly string[];
  randomHex: () => string;
}) {
  const sql = prepare(database);
  const transaction = createTransaction(database);
  const { count, takeSequence } = transaction;
  const endings = createEndingWriter(transaction);
  const settling = createSettlingWriter(transaction, sinkIds);

  const make = ({ event, image }: Making, { nowMs, lateByMs, isLate }: AppendTime) => {
    const { class: eventClass, attributes } = event.content;
    const sequence = takeSequence();
    const text = String(sequence).padStart(12, "0");
    // Made once, before the first attempt (I6). The sequence attribute is a string by the CloudEvents sequence extension.
    const id = `${text}-${randomHex()}`;
    const body = JSON.stringify({
      specversion: "1.0",
      id,
      ...attributes,
      sequence: text,
      datacontenttype: "application/json",
    });
    // How wrong the clock was is known of what was not late alone; the rest stays as it is.
    const unsure = attributes.data["clock"] === "unsure" && !isLate ? 1 : 0;
    let expiresAtMs = event.content.expiresAtMs + lateByMs;
    const sha256 = image?.redacted.content.sha256 ?? null;
    if (image !== undefined && sha256 !== null) {
      const { cameraId, content } = image.redacted;
      const { takenMs, expiresMs } = pictureHours({ event, image }, { nowMs, lateByMs });
      sql.addPicture.run(
        sequence,
        sha256,
        cameraId,
        takenMs,
        expiresMs,
        content.jpeg.length,
        content.boxes.length,
        unsure,
      );
      // The event does not outlive its picture: it would name bytes that nobody has.
      expiresAtMs = Math.min(expiresAtMs, expiresMs);
    }
    const crc = checksumOf([sequence, id, eventClass, attributes.type, body, sha256]);
    const urgent = URGENT.has(attributes.type) ? 1 : 0;
    sql.addEntry.run(sequence, id, eventClass, attributes.type, body, nowMs, expiresAtMs, sha256, crc, urgent, unsure);
    // Without tombstones, which take the room of what they name.
    if (attributes.type !== "hedgerow.tombstone.v1") {
      const bytes = Buffer.byteLength(body) + (image?.redacted.content.jpeg.length ?? 0);
      count({ [TAKEN_BYTES]: bytes + SPOOL_LIMITS.entryOverheadBytes });
    }
    for (const sinkId of sinkIds) {
      sql.addWaiting.run(sinkId, sequence);
      count({ [`entry.made.${sinkId}`]: 1 });
    }
  };

  const append = (batch: Batch, time: AppendTime) => {
    // First, so that on a full disk the tombstone finds the room of what it speaks of. It goes to every sink, also to one
    // that has what it names: each sink sees every sequence, so that a hole is a loss and nothing else.
    if (batch.discard !== undefined) endings.discard(batch.discard);
    for (const making of batch.make ?? []) make(making, time);
    for (const [deviceId, window] of Object.entries(batch.windows ?? {})) {
      if (window === null) sql.dropWindow.run(deviceId);
      else sql.setWindow.run(deviceId, window.fromMs, window.toMs, window.count);
    }
    for (const [key, value] of Object.entries(batch.state ?? {})) {
      if (value === null) sql.dropState.run(key);
      else sql.setState.run(key, value);
    }
    for (const { kind, body, atMs } of batch.notes ?? []) sql.addNote.run(kind, body, atMs);
    count(batch.counters ?? {});
  };

  return {
    transaction: transaction.run,
    setAside: (sequences: readonly number[], nowMs: number): void => endings.setAside(sequences, nowMs),
    ...settling,
    settle: (settlement: Settlement, nowMs: number): void => bound.whole(() => settling.settle(settlement, nowMs)),
    ...createPictureWriter(transaction),
    ...createEvictionWriter(transaction),
    ...createDeadLetterWriter(transaction, sinkIds),
    ...createRetentionWriter(transaction),

    append(batch: Batch, time: AppendTime): void {
      if (batch.discard === undefined) return append(batch, time);
      bound.whole(() => append(batch, time));
    },

    told: (upTo: number): void => void sql.dropNotes.run(upTo),
  };
}

function prepare(database: Database) {
  return {
    addEntry: database.prepare(
      "INSERT INTO entries (sequence,id,class,type,body,made_at,expires_at,image,crc,urgent,unsure) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    ),
    addWaiting: database.prepare("INSERT INTO waiting (sink,sequence) VALUES (?,?)"),
    addPicture: database.prepare("INSERT INTO pictures VALUES (?,?,?,?,?,?,?,?)"),
    addNote: database.prepare("INSERT INTO ledger_notes (kind, body, at) VALUES (?,?,?)"),
    dropNotes: database.prepare("DELETE FROM ledger_notes WHERE number <= ?"),
    setWindow: database.prepare("INSERT OR REPLACE INTO windows VALUES (?,?,?,?)"),
    dropWindow: database.prepare("DELETE FROM windows WHERE device=?"),
    setState: database.prepare("INSERT OR REPLACE INTO state VALUES (?,?)"),
    dropState: database.prepare("DELETE FROM state WHERE key=?"),
  };
}

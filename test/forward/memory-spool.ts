// A spool reader in memory, for what is tested around the sink: entries in order, pictures by digest, what was settled.
import type { Entry, Settlement, SpoolReader } from "../../src/spool/spool.ts";

export type MemorySpool = SpoolReader & {
  /** Appends and tells the watchers, as the spool does after a commit. */
  add(...entries: readonly Entry[]): void;
  readonly waiting: Entry[];
  readonly settlements: Settlement[];
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
};

export function memorySpool(
  entries: readonly Entry[] = [],
  pictures: ReadonlyMap<string, Buffer> = new Map(),
): MemorySpool {
  const waiting = [...entries];
  const settlements: Settlement[] = [];
  let newest = waiting.at(-1)?.sequence ?? 0;
  const watchers = new Set<() => void>();
  const drainers = new Set<() => void>();
  return {
    waiting,
    settlements,
    add(...more) {
      waiting.push(...more);
      newest = Math.max(newest, ...more.map(({ sequence }) => sequence));
      for (const watcher of watchers) watcher();
    },
    async drained() {
      if (waiting.length > 0) await new Promise<void>((resolve) => drainers.add(resolve));
    },
    peek({ entriesMax, bytesMax, after = 0, upTo = Number.MAX_SAFE_INTEGER, isUrgent = false }) {
      let bytes = 0;
      const asked = waiting.filter(
        ({ sequence, type }) => sequence > after && sequence <= upTo && (!isUrgent || type.includes(".status.")),
      );
      const end = asked.findIndex(({ body }, index) => {
        bytes += Buffer.byteLength(body);
        return index > 0 && (bytes > bytesMax || index >= entriesMax);
      });
      return end === -1 ? asked : asked.slice(0, end);
    },
    newestSequence: () => newest,
    async image(sha256) {
      const picture = pictures.get(sha256);
      if (picture === undefined) throw new Error("no such picture");
      return picture;
    },
    async settle(settlement) {
      settlements.push(settlement);
      const gone = new Set(
        [
          ...settlement.accepted,
          ...settlement.rejected.map(({ entry }) => entry),
          ...(settlement.undeliverable ?? []),
        ].map(({ id }) => id),
      );
      waiting.splice(0, waiting.length, ...waiting.filter(({ id }) => !gone.has(id)));
      if (waiting.length === 0) for (const drainer of drainers) drainer();
    },
    onAppend(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** An entry as the spool makes it; `padding` grows its body by that many bytes; `type` as in CloudEvents, without `hedgerow.`. */
export function makeEntry(
  sequence: number,
  more: {
    readonly padding?: number;
    readonly image?: Entry["image"];
    readonly note?: string;
    readonly subject?: string;
    readonly type?: string;
  } = {},
): Entry {
  const text = String(sequence).padStart(12, "0");
  const id = `${text}-0123456789abcdef0123`;
  const type = `hedgerow.${more.type ?? (more.image === undefined ? "motion.detected.v1" : "snapshot.redacted.v1")}`;
  const data = {
    clock: "synced",
    note: more.note ?? "",
    pad: "x".repeat(more.padding ?? 0),
    ...(more.image !== undefined && { sha256: more.image.sha256 }),
  };
  const attributes = {
    specversion: "1.0",
    id,
    source: "urn:hedgerow:test-gate",
    type,
    subject: more.subject ?? "device-1",
    time: "2026-05-01T00:00:00.000Z",
  };
  const body = JSON.stringify({ ...attributes, data, sequence: text, datacontenttype: "application/json" });
  return {
    sequence,
    id,
    type,
    subject: attributes.subject,
    body,
    expiresAtMs: Date.UTC(2100, 0, 1),
    ...(more.image !== undefined && { image: more.image }),
  };
}

/** Entries numbered from 1. */
export function makeEntries(count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => makeEntry(index + 1));
}

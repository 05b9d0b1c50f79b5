// What the reference receiver has: events by id, pictures by digest; in memory, and the events in a file where one is named.
import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { z } from "zod";
import { writeDurably } from "../core/durable-file.ts";
import { systemCodeOf } from "../core/errors.ts";
import { isMeant, type Wish, wishIn } from "./platform-erasure.ts";

/** A demonstration's receiver holds no more: 500,000 events of 600 bytes are 300 MB. */
const EVENTS_MAX = 500_000;
/** The newest pictures; 200 of 300 kB are 60 MB. */
const PICTURES_MAX = 200;

const Shape = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(200),
  source: z.string().startsWith("urn:hedgerow:"),
  type: z.string().startsWith("hedgerow."),
  subject: z.string(),
  time: z.iso.datetime(),
  sequence: z.string(),
  data: z.looseObject({ sha256: z.string().optional() }),
});

/** As received, field by field in the order sent; attributes that the receiver does not know are kept. */
export type CloudEvent = z.infer<typeof Shape>;

/** Checks and does not rebuild: what is kept is what was sent. */
const CloudEvent = z.custom<CloudEvent>((item) => Shape.safeParse(item).success);

/** The answer of interfaces.md §4. */
export type Settlement = {
  readonly accepted: string[];
  readonly duplicate: string[];
  readonly rejected: { readonly id: string; readonly reason: string; readonly permanent: boolean }[];
};

export type Picture = { readonly sha256: string; readonly jpeg: Buffer; readonly gateway: string };

export type PlatformStore = AsyncDisposable & {
  /** Takes a batch of a gateway; resolves when what it accepted is durable. Batches are taken one after another. */
  takeEvents(batch: readonly unknown[], gateway: string): Promise<Settlement>;
  /** False when the bytes do not have that digest. */
  takePicture(picture: Picture): boolean;
  picture(sha256: string): Picture | undefined;
  pictures(): readonly Picture[];
  /** Events in the order of their arrival, without what was erased at a gateway's wish. */
  events(): readonly CloudEvent[];
  /** Those after the first `after` that ever came, erased ones counted, and where the next ones begin. */
  since(after: number): { readonly events: readonly CloudEvent[]; readonly next: number };
  stats(): {
    readonly events: number;
    readonly duplicates: number;
    readonly conflicts: number;
    readonly snapshots: number;
    readonly byType: Record<string, number>;
  };
};

/** `file`: JSON lines, one event each, fsynced before the answer; what it holds is read first, a torn last line is cut off. */
export async function openPlatformStore({ file }: { file?: string | undefined } = {}): Promise<PlatformStore> {
  const store = new Store(file === undefined ? null : await open(file, "a"), file);
  if (file !== undefined) await store.load(file);
  return store;
}

class Store implements PlatformStore {
  #file: FileHandle | null;
  readonly #path: string | undefined;
  /** Null: erased. It keeps its place, so that who reads on from a number misses nothing. */
  readonly #events: (CloudEvent | null)[] = [];
  readonly #wishes: Wish[] = [];
  readonly #digests = new Map<string, string>();
  readonly #pictures = new Map<string, Picture>();
  readonly #byType = new Map<string, number>();
  #duplicates = 0;
  #conflicts = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle | null, path: string | undefined) {
    this.#file = file;
    this.#path = path;
  }

  async load(path: string): Promise<void> {
    const text = await readFile(path, "utf8").catch((thrown: unknown) => {
      if (systemCodeOf(thrown) === "ENOENT") return "";
      throw thrown;
    });
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) await this.#file?.truncate(Buffer.byteLength(whole));
    let isErasedNow = false;
    for (const line of whole.split("\n").slice(0, -1)) {
      const kept: unknown = JSON.parse(line);
      if (kept === null) this.#events.push(null);
      else if (this.#keep(CloudEvent.parse(kept))) isErasedNow = true;
    }
    // A power cut came between a wish and its fulfilment.
    if (isErasedNow) await this.#writeAnew();
  }

  takeEvents(batch: readonly unknown[], gateway: string): Promise<Settlement> {
    const taken = this.#last.then(() => this.#take(batch, gateway));
    this.#last = taken.catch(() => undefined); // the caller of this batch hears of it
    return taken;
  }

  async #take(batch: readonly unknown[], gateway: string): Promise<Settlement> {
    const settlement: Settlement = { accepted: [], duplicate: [], rejected: [] };
    const fresh = new Map<string, CloudEvent>();
    for (const item of batch) {
      const { id, reason, permanent, event } = this.#judge(item, gateway, fresh);
      if (reason === "duplicate") settlement.duplicate.push(id);
      else if (reason !== null) settlement.rejected.push({ id, reason, permanent });
      else {
        settlement.accepted.push(id);
        fresh.set(id, event);
      }
    }
    const lines = [...fresh.values()].map((event) => `${JSON.stringify(event)}\n`).join("");
    if (lines !== "") {
      await this.#file?.write(lines);
      await this.#file?.sync();
    }
    const erased = [...fresh.values()].filter((event) => this.#keep(event)).length;
    if (erased > 0) await this.#writeAnew();
    return settlement;
  }

  #judge(item: unknown, gateway: string, fresh: ReadonlyMap<string, CloudEvent>): Judgement {
    const parsed = CloudEvent.safeParse(item);
    if (!parsed.success) return { id: idOf(item), reason: "not a CloudEvent of Hedgerow", permanent: true };
    const event = parsed.data;
    const { id } = event;
    if (event.source !== `urn:hedgerow:${gateway}`) return { id, reason: "source is another gateway", permanent: true };
    const known = this.#digests.get(id) ?? (fresh.has(id) ? digestOf(fresh.get(id)) : undefined);
    if (known !== undefined && known === digestOf(event)) {
      this.#duplicates++;
      return { id, reason: "duplicate", permanent: true };
    }
    if (known !== undefined) {
      this.#conflicts++;
      return { id, reason: "conflict: the same id with another body", permanent: true };
    }
    if (this.#events.length + fresh.size >= EVENTS_MAX) return { id, reason: "the receiver is full", permanent: false };
    if (event.type === "hedgerow.snapshot.redacted.v1" && !this.#pictures.has(event.data.sha256 ?? "")) {
      return { id, reason: "its picture has not arrived", permanent: false };
    }
    return { id, reason: null, permanent: false, event };
  }

  /** True where something that was kept, or would have been, is erased by it. */
  #keep(event: CloudEvent): boolean {
    this.#digests.set(event.id, digestOf(event));
    this.#count(event, 1);
    this.#events.push(event);
    const wish = wishIn(event);
    if (wish !== null) this.#wishes.push(wish);
    // A wish is about what was made before it: also what comes after it, on another line.
    const about = wish === null ? this.#wishes : [wish];
    const places = wish === null ? [this.#events.length - 1] : this.#events.keys();
    const erased: CloudEvent[] = [];
    for (const place of places) {
      const kept = this.#events[place] ?? null;
      if (kept === null || !about.some((each) => isMeant(kept, each))) continue;
      this.#events[place] = null;
      this.#count(kept, -1);
      erased.push(kept);
    }
    this.#dropPictures(erased);
    return erased.length > 0;
  }

  #count({ type }: CloudEvent, by: 1 | -1): void {
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + by);
  }

  /** Those of the erased events that no other speaks of. */
  #dropPictures(erased: readonly CloudEvent[]): void {
    const going = erased.flatMap(({ data: { sha256 } }) => sha256 ?? []);
    if (going.length === 0) return;
    const named = new Set(this.events().map(({ data }) => data.sha256));
    for (const sha256 of going) if (!named.has(sha256)) this.#pictures.delete(sha256);
  }

  /** Without what was erased; whole, or as it was, after a power cut. */
  async #writeAnew(): Promise<void> {
    if (this.#path === undefined) return;
    await writeDurably(this.#path, this.#events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    await this.#file?.close();
    this.#file = await open(this.#path, "a");
  }

  takePicture(picture: Picture): boolean {
    if (createHash("sha256").update(picture.jpeg).digest("hex") !== picture.sha256) return false;
    this.#pictures.delete(picture.sha256);
    this.#pictures.set(picture.sha256, picture);
    const [oldest] = this.#pictures.keys();
    if (this.#pictures.size > PICTURES_MAX && oldest !== undefined) this.#pictures.delete(oldest);
    return true;
  }

  picture(sha256: string): Picture | undefined {
    return this.#pictures.get(sha256);
  }

  pictures(): readonly Picture[] {
    return [...this.#pictures.values()];
  }

  events(): readonly CloudEvent[] {
    return this.#events.filter((event) => event !== null);
  }

  since(after: number): ReturnType<PlatformStore["since"]> {
    const events = this.#events.slice(after).filter((event) => event !== null);
    return { events, next: Math.max(after, this.#events.length) };
  }

  stats() {
    const byType = Object.fromEntries(this.#byType);
    return {
      events: this.events().length,
      duplicates: this.#duplicates,
      conflicts: this.#conflicts,
      snapshots: this.#pictures.size,
      byType,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#file?.close();
  }
}

type Judgement =
  | { readonly id: string; readonly reason: string; readonly permanent: boolean; readonly event?: never }
  | { readonly id: string; readonly reason: null; readonly permanent: false; readonly event: CloudEvent };

function digestOf(event: unknown): string {
  return createHash("sha256").update(JSON.stringify(event)).digest("base64");
}

function idOf(item: unknown): string {
  return z.object({ id: z.string() }).safeParse(item).data?.id ?? "";
}

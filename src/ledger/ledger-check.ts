// Checking an export of the ledger, as a stranger does: with the file and the gateway's public key alone.
//
// Each line of the file must be written in the one canonical way, each body must have the digest that its line names, each line
// must name the one before it, and each head must be signed and name a line as it is. So one changed byte is found wherever it
// is. What no file can tell is what came after its last line, and whether somebody who has the gateway's key wrote two ledgers:
// for that one keeps a head, or an older export, and compares.
import { hash } from "node:crypto";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { HeadRecord, headText, isSignedBy, type LedgerHead, sha256Hex } from "./ledger-head.ts";
import {
  bodyDigest,
  FIRST_LINK,
  isPublicKind,
  isTrimmedKind,
  LINE_KINDS,
  type Line,
  type LineKind,
  lineText,
  linkOf,
} from "./ledger-line.ts";

/** 32 bytes in base64, as only one text says them. */
const PUBLIC_KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const publicKey = z.string().regex(PUBLIC_KEY);
const HeaderRecord = z.strictObject({
  version: z.literal(1),
  kind: z.literal("ledger-export"),
  gateway: z.string(),
  keys: z.array(publicKey).min(1),
  after: z.int().min(0),
  upTo: z.int().min(0),
  heads: z.int().min(1),
});
type Header = z.infer<typeof HeaderRecord>;
const LineRecord = z.strictObject({
  version: z.literal(1),
  number: z.int().min(1),
  kind: z.enum(LINE_KINDS),
  day: z.iso.date().nullable(),
  digest: sha256Hex,
  previous: sha256Hex,
  body: z.string().optional(),
});
const KeyChange = z.object({ step: z.string(), publicKey });

/** Where an export begins or ends: a line's number and what names it. */
export type Place = { readonly number: number; readonly link: string };

/**
 * What was found in an export that is sound. `from`: the place before its first line. `kinds`: how many lines of each.
 * `withoutBody`: lines of public kinds whose body is no longer kept. `proven`: the last line that the key asked for stands for.
 * `restarts`: lines that say that the chain was broken. `at`: the link of the place that was asked for, null if it is not in here.
 */
export type CheckedExport = {
  readonly gateway: string;
  readonly key: string;
  readonly keys: readonly string[];
  readonly from: Place;
  readonly to: Place;
  readonly kinds: ReadonlyMap<LineKind, number>;
  readonly withoutBody: number;
  readonly proven: number;
  readonly restarts: readonly number[];
  readonly heads: readonly LedgerHead[];
  readonly at: string | null;
};

/** `key`: base64; without, the first that the file names. `place`: a number whose link is wanted. */
type Asked = { readonly key?: string | undefined; readonly place?: number };

/** Reads each line of a file once (without its line end). Throws LEDGER_INVALID with the first fault. */
export async function checkExport(
  texts: AsyncIterable<string> | Iterable<string>,
  asked: Asked = {},
): Promise<CheckedExport> {
  let check: ExportCheck | null = null;
  for await (const text of texts) {
    if (check === null) check = new ExportCheck(headerIn(text), asked);
    else check.take(text);
  }
  if (check === null) throw fault("the file is empty");
  return check.finish();
}

class ExportCheck {
  readonly #header: Header;
  readonly #asked: Asked;
  readonly #keyOf: ReadonlyMap<string, string>;
  readonly #heads: LedgerHead[] = [];
  /** Where the lines have come to; null before the head from which a part begins. */
  #place: Place | null;
  #from: Place | null;
  #at: string | null = null;
  #headsPassed = 0;
  #hasBodies = false;
  #withoutBody = 0;
  readonly #kinds = new Map<LineKind, number>();
  readonly #announced: { readonly number: number; readonly publicKey: string }[] = [];
  readonly #restarts: number[] = [];

  constructor(header: Header, asked: Asked) {
    this.#header = header;
    this.#asked = asked;
    this.#keyOf = new Map(header.keys.map((key) => [keyIdOf(key), key]));
    this.#from = this.#place = header.after === 0 ? { number: 0, link: FIRST_LINK } : null;
  }

  take(text: string): void {
    const record = parsed(text);
    if (this.#heads.length < this.#header.heads) this.#takeHead(HeadRecord.safeParse(record).data, text);
    else this.#takeLine(LineRecord.safeParse(record).data, text);
  }

  finish(): CheckedExport {
    const { gateway, keys, upTo } = this.#header;
    const place = this.#place;
    if (place === null || this.#from === null || place.number !== upTo)
      throw fault(`the file breaks off after ${nameOf(place?.number)}; it should reach ${nameOf(upTo)}`);
    if (keys.some((key) => !this.#heads.some(({ keyId }) => keyId === keyIdOf(key))))
      throw fault("the file names a key that signed nothing in it");
    return {
      gateway,
      key: this.#asked.key ?? keys[0] ?? "",
      keys,
      from: this.#from,
      to: place,
      kinds: this.#kinds,
      withoutBody: this.#withoutBody,
      proven: this.#proven(),
      restarts: this.#restarts,
      heads: this.#heads,
      at: this.#at,
    };
  }

  #takeHead(head: LedgerHead | undefined, text: string): void {
    const { after, upTo, heads, gateway } = this.#header;
    if (head === undefined) throw fault(`head ${this.#heads.length + 1} of ${heads} is none`);
    const name = `the head of ${nameOf(head.number)}`;
    if (headText(head) !== text) throw fault(`${name} is written otherwise than the gateway writes it`);
    const key = this.#keyOf.get(head.keyId);
    if (key === undefined || !isSignedBy(head, key)) throw fault(`${name} was changed, or signed by another key`);
    if (head.gateway !== gateway) throw fault(`${name} is of another gateway`);
    const isInOrder = head.number >= (this.#heads.at(-1)?.number ?? after) && head.number <= upTo;
    const isLast = this.#heads.length === heads - 1;
    if (!isInOrder || (isLast && head.number !== upTo)) throw fault(`${name} is not where it belongs`);
    if (isLast && key !== this.#header.keys[0]) throw fault(`${name} is not signed by the first of the file's keys`);
    this.#from ??= this.#place = { number: head.number, link: head.digest };
    if (this.#from.number !== after) throw fault(`the file lacks a head of ${nameOf(after)}, after which it begins`);
    this.#heads.push(head);
    if (isLast) this.#pass(this.#from);
  }

  #takeLine(record: z.infer<typeof LineRecord> | undefined, text: string): void {
    const before = this.#place;
    if (record === undefined || before === null) throw fault(`after ${nameOf(before?.number)} stands what is no line`);
    const { body, ...line } = record;
    const name = nameOf(line.number);
    if (line.number !== before.number + 1) throw fault(`${name} stands where ${nameOf(before.number + 1)} belongs`);
    const written = body === undefined ? lineText(line) : JSON.stringify({ ...JSON.parse(lineText(line)), body });
    if (written !== text) throw fault(`${name} is written otherwise than the gateway writes it`);
    if (line.previous !== before.link) throw fault(`${name} does not follow ${nameOf(before.number)}`);
    this.#takeBody(line, body);
    this.#kinds.set(line.kind, (this.#kinds.get(line.kind) ?? 0) + 1);
    this.#pass({ number: line.number, link: linkOf(line) });
  }

  #takeBody({ number, kind, digest }: Line, body: string | undefined): void {
    const name = nameOf(number);
    if (!isPublicKind(kind)) {
      if (body !== undefined) throw fault(`${name} shows what is private`);
      return;
    }
    if (body === undefined) {
      // The oldest lose theirs first: one that is missing among others was taken out.
      if (this.#hasBodies || !isTrimmedKind(kind)) throw fault(`${name} lacks what it says`);
      this.#withoutBody++;
      return;
    }
    if (bodyDigest({ body, salt: null }) !== digest) throw fault(`${name} was changed: it says something else`);
    this.#hasBodies ||= isTrimmedKind(kind);
    if (kind === "restarted") this.#restarts.push(number);
    if (kind !== "key-change") return;
    const change = KeyChange.safeParse(parsed(body));
    if (change.success) this.#announced.push({ number, publicKey: change.data.publicKey });
  }

  /** The heads of this place name it. */
  #pass(place: Place): void {
    this.#place = place;
    if (place.number === this.#asked.place) this.#at = place.link;
    while (this.#heads[this.#headsPassed]?.number === place.number) {
      if (this.#heads[this.#headsPassed]?.digest !== place.link)
        throw fault(`the head of ${nameOf(place.number)} names another line than the one that stands here`);
      this.#headsPassed++;
    }
  }

  /**
   * The last line that the asked-for key stands for: by its own heads, and by those of keys that were announced in lines which
   * it already stands for. Throws where it signed nothing here.
   */
  #proven(): number {
    const trusted = new Set([keyIdOf(this.#asked.key ?? this.#header.keys[0] ?? "")]);
    for (let before = -1; ; ) {
      const numbers = this.#heads.filter(({ keyId }) => trusted.has(keyId)).map(({ number }) => number);
      if (numbers.length === 0) throw fault("it was signed by another key than the one you named");
      const proven = Math.max(...numbers);
      if (proven === before) return proven;
      before = proven;
      for (const { number, publicKey: key } of this.#announced) if (number <= proven) trusted.add(keyIdOf(key));
    }
  }
}

/** As people call it; 0 is before the first line. */
function nameOf(number: number | undefined): string {
  return number === undefined || number === 0 ? "the beginning" : `line ${number}`;
}

function headerIn(text: string): Header {
  const header = HeaderRecord.safeParse(parsed(text));
  if (!header.success) throw fault("it does not begin like an exported ledger");
  if (JSON.stringify(header.data) !== text)
    throw fault("its first line is written otherwise than the gateway writes it");
  return header.data;
}

/** Whether this can be an ed25519 public key in base64. */
export function isPublicKeyText(text: string): boolean {
  return PUBLIC_KEY.test(text);
}

export function keyIdOf(key: string): string {
  return hash("sha256", Buffer.from(key, "base64")).slice(0, 16);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError("LEDGER_INVALID", "the file holds a line that is not JSON", { cause });
  }
}

function fault(what: string): GatewayError {
  return new GatewayError("LEDGER_INVALID", what);
}

// The ledger: one chain of what the house did, in dataDir/ledger.db: pictures redacted, entries gone unsent, the policy changed,
// data erased or given to somebody, lamps switched, keys changed. Each line names the one before it; each day ends with a
// signed head. Anybody can check what is exported of it (ledger-check.ts); what is private is there as a digest.
//
// Its own database, so that a full spool cannot tear the chain; a receipt is on disk before the picture's event is made. Receipts
// and lamp commands are signed and chained by themselves, too, as they were before the lines: each line of theirs carries one.
import { messageOf } from "../core/errors.ts";
import type { Receipt } from "../core/receipt.ts";
import type { RedactedImage } from "../privacy/redact.ts";
import { commandDigest, type LampCommand, signedCommandBytes } from "./lamp-commands.ts";
import type { LedgerRow } from "./ledger-book.ts";
import { LedgerChain, type LedgerDeps } from "./ledger-chain.ts";
import { exportLines } from "./ledger-export.ts";
import { readMirror, writeMirror } from "./ledger-file.ts";
import type { LedgerHead } from "./ledger-head.ts";
import { isLineKind, type LineKind } from "./ledger-line.ts";
import { LEDGER_LIMITS } from "./ledger-limits.ts";
import { giveSpaceBack, trimStep } from "./ledger-trim.ts";
import { boundedBody, printOf, type SpoolNote } from "./notes.ts";
import { FIRST_PREVIOUS, receiptDigest, signedBytes } from "./receipts.ts";

export type Ledger = AsyncDisposable & {
  /** Signs, chains and stores a receipt; it is on disk when this returns. Throws SPOOL_FAILED when the disk refuses. */
  addReceipt(image: RedactedImage, policySha256: string): Receipt;
  /** The newest receipts, newest first. */
  latestReceipts(limit: number): Receipt[];
  /** Receipts of a picture by its SHA-256, the newest first, a few of many. `number`: from 1, as they were made. */
  receiptsOf(image: string): { readonly number: number; readonly receipt: Receipt }[];
  /** How many there are. */
  receiptCount(): number;
  /** Signs, chains and stores that a person asked for it; it is on disk when this returns. Throws SPOOL_FAILED when the disk refuses. */
  addLampCommand(asked: Pick<LampCommand, "lamp" | "isOn" | "by"> & { readonly atMs: number }): LampCommand;
  /** The newest lamp commands, newest first. */
  latestLampCommands(limit: number): LampCommand[];

  /** A line if this is not what it was last time. `sha256`: of the policy; `moved`: its rules, where that is known. Throws SPOOL_FAILED. */
  notePolicy(sha256: string, moved?: { readonly tighter: number; readonly looser: number } | null): void;
  /** What was noted last; null where nothing was, or a damaged ledger was begun anew. */
  lastPolicy(): string | null;
  /** Likewise whom data goes to from now on. Throws SPOOL_FAILED. */
  noteRecipients(recipients: readonly object[]): void;
  /** Pictures erased since the gateway began to count; a line a day says how many more they are than the line before. Throws SPOOL_FAILED. */
  noteErased(pictures: number): void;
  /** A line for each note that has none yet; on disk when this returns. Gives back those of kinds that it does not know. Throws SPOOL_FAILED. */
  carry(notes: readonly SpoolNote[]): SpoolNote[];
  /** To be called each second or so: a head for the day that is over, changes of the key, bounds. Throws SPOOL_FAILED. */
  turn(): Promise<void>;

  /** The number of the last line, or of the last of the days before today: all that may be told where today may not. */
  lastNumber(of: "now" | "days-before"): number;
  /** A head of that line: the one of its day, else one made now. */
  headAt(number: number): LedgerHead;
  /** Heads up to a line, the newest first. */
  heads(upTo: number, limit: number): LedgerHead[];
  /** The newest lines with what they say, newest first. */
  newest(kind: LineKind | null, limit: number): LedgerRow[];
  /** The lines of an export (ledger-export.ts), each with its line end: after one number up to another. */
  exported(span: { readonly after: number; readonly upTo: number }): Generator<string, void>;
};

/** A camera that shows a still picture makes the same image every time; its newest receipts are enough to find one. */
const RECEIPTS_OF_PICTURE = 5;

/** Opens `dataDir/ledger.db`; one that is damaged is set aside, and a new chain begins. Throws DATA_DIR_UNUSABLE, SPOOL_NEWER. */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  return new SqliteLedger(deps, new LedgerChain(deps, await readMirror(deps.dataDir)));
}

class SqliteLedger implements Ledger {
  readonly #deps: LedgerDeps;
  readonly #chain: LedgerChain;
  #isOpen = true;
  /** The day for which all is done that is done once a day. */
  #turned: string | null = null;
  #isTrimmed = false;

  constructor(deps: LedgerDeps, chain: LedgerChain) {
    this.#deps = deps;
    this.#chain = chain;
  }

  addReceipt(image: RedactedImage, policySha256: string): Receipt {
    const { sha256, outcome, boxes, modelSha256, settings, canaryAgeMs } = image.content;
    const { key } = this.#deps;
    return this.#chain.write(() => {
      const [last] = this.latestReceipts(1);
      const unsigned = {
        version: 1,
        image: sha256,
        outcome,
        regions: boxes.length,
        policy: policySha256,
        model: modelSha256,
        settings,
        // Minutes are enough to show that the detector was tried, and say less about when a person passed.
        canaryAgeS: canaryAgeMs === null ? null : Math.ceil(canaryAgeMs / 60_000) * 60,
        previous: last === undefined ? FIRST_PREVIOUS : receiptDigest(last),
        keyId: key.keyId,
      } as const;
      const receipt = { ...unsigned, signature: key.sign(signedBytes(unsigned)).toString("base64") };
      const body = JSON.stringify(receipt);
      this.#chain.line("receipt", body, Number(this.#chain.book.sql.addReceipt.run(body).lastInsertRowid));
      return receipt;
    });
  }

  addLampCommand({ lamp, isOn, by, atMs }: Parameters<Ledger["addLampCommand"]>[0]): LampCommand {
    const { key } = this.#deps;
    return this.#chain.write(() => {
      const [last] = this.latestLampCommands(1);
      const unsigned = {
        version: 1,
        kind: "lamp-command",
        lamp,
        isOn,
        by,
        at: new Date(atMs).toISOString(),
        previous: last === undefined ? FIRST_PREVIOUS : commandDigest(last),
        keyId: key.keyId,
      } as const;
      const command = { ...unsigned, signature: key.sign(signedCommandBytes(unsigned)).toString("base64") };
      const body = JSON.stringify(command);
      this.#chain.line("lamp-command", body, Number(this.#chain.book.sql.addCommand.run(body).lastInsertRowid));
      return command;
    });
  }

  notePolicy(sha256: string, moved: Parameters<Ledger["notePolicy"]>[1] = null): void {
    const lineOf = (before: string | null) => ["policy-change", { before, after: sha256, ...moved }] as const;
    this.#chain.noteChange("policy", sha256, lineOf);
  }

  lastPolicy(): string | null {
    return this.#chain.read((book) => book.remembered("policy")) ?? null;
  }

  noteRecipients(recipients: readonly object[]): void {
    this.#chain.noteChange("recipients", JSON.stringify(recipients), () => ["disclosure", { to: recipients }]);
  }

  noteErased(pictures: number): void {
    const today = this.#chain.today();
    const [day = "", before = "0"] = (this.#chain.read((book) => book.remembered("erased")) ?? "").split(" ");
    if (today === null || today <= day || pictures === Number(before)) return;
    // Fewer than before: the spool was made anew, and counts from the beginning.
    const more = pictures > Number(before) ? pictures - Number(before) : pictures;
    const lineOf = () => ["erasure", { pictures: more }] as const;
    this.#chain.noteChange("erased", `${today} ${pictures}`, lineOf);
  }

  carry(notes: readonly SpoolNote[]): SpoolNote[] {
    const [first, last] = [notes[0], notes.at(-1)];
    if (first === undefined || last === undefined) return [];
    return this.#chain.write(() => {
      const { sql } = this.#chain.book;
      const unknown: SpoolNote[] = [];
      for (const note of notes) {
        const print = printOf(note);
        if (sql.isCarried.get(note.number, print) !== undefined) continue;
        if (isLineKind(note.kind)) this.#chain.line(note.kind, boundedBody(note.body));
        else unknown.push(note);
        sql.addCarried.run(note.number, print);
      }
      // What the spool no longer offers it has forgotten.
      sql.forgetCarried.run(first.number, last.number);
      return unknown;
    });
  }

  async turn(): Promise<void> {
    const chain = this.#chain;
    chain.noteKey();
    const today = chain.today();
    if (today !== null && today !== this.#turned) {
      const head = chain.endDayBefore(today);
      if (head !== null) await writeMirror(this.#deps.dataDir, head);
      this.#turned = today;
      this.#isTrimmed = false;
    }
    if (this.#isTrimmed || !this.#isOpen) return;
    const { limits = LEDGER_LIMITS } = this.#deps;
    this.#isTrimmed = !chain.write(() => trimStep(chain.book, { limits, headAt: (number) => chain.headAt(number) }));
    if (!this.#isTrimmed) giveSpaceBack(chain.book);
  }

  latestReceipts(limit: number): Receipt[] {
    const rows = this.#chain.read(({ sql }) => sql.latestReceipts.all(limit));
    return rows.map(({ body }): Receipt => JSON.parse(String(body)));
  }

  latestLampCommands(limit: number): LampCommand[] {
    const rows = this.#chain.read(({ sql }) => sql.latestCommands.all(limit));
    return rows.map(({ body }): LampCommand => JSON.parse(String(body)));
  }

  receiptsOf(image: string): ReturnType<Ledger["receiptsOf"]> {
    const found = this.#chain.read(({ sql }) => sql.receiptsOfImage.all(image, RECEIPTS_OF_PICTURE));
    return found.map(({ number, body }) => ({ number: Number(number), receipt: JSON.parse(String(body)) }));
  }

  receiptCount = (): number => Number(this.#chain.read(({ sql }) => sql.receiptCount.get())?.["count"] ?? 0);
  headAt: Ledger["headAt"] = (number) => this.#chain.read(() => this.#chain.headAt(number));
  heads: Ledger["heads"] = (upTo, limit) => this.#chain.read((book) => book.newestHeads(upTo, limit));
  newest: Ledger["newest"] = (kind, limit) => this.#chain.read((book) => book.newest(kind, limit));

  lastNumber(of: "now" | "days-before"): number {
    if (of === "now") return this.#chain.read((book) => book.tip().number);
    const today = this.#chain.today();
    return today === null ? 0 : this.#chain.read((book) => book.lastBefore(today));
  }

  exported(span: Parameters<Ledger["exported"]>[0]): Generator<string, void> {
    return exportLines(this.#chain.book, span, this.#deps);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { book } = this.#chain;
    try {
      await writeMirror(this.#deps.dataDir, this.headAt(book.tip().number));
      book.remember("is-open", "no");
    } catch (cause) {
      this.#deps.log.warn({ cause: messageOf(cause) }, "the ledger's newest head could not be written at the end");
    } finally {
      book.database.close();
    }
  }
}

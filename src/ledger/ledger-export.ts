// The ledger as anybody may have it: JSON lines, one header, then the heads, then the lines.
//
//   {"version":1,"kind":"ledger-export","gateway":…,"keys":[…],"after":0,"upTo":153,"heads":2}
//   {"version":1,"kind":"ledger-head","gateway":…,"day":…,"number":153,"digest":…,"keyId":…,"signature":…}
//   {"version":1,"number":1,"kind":"receipt","day":…,"digest":…,"previous":…,"body":"{…}"}     the public part, and the body as
//   …                                                                                   the text that was hashed, if public
//
// The body is a string, so that a stranger hashes what was hashed and no program's own way of writing JSON comes between. Heads
// come first, so that a program checks as it reads; the last is of the last line. A part that does not begin with line 1 has a
// head of the line before it. `keys`: base64, the gateway's current one first, then those of before that signed a head in here.
import type { GatewayKey } from "../core/gateway-key.ts";
import type { Book, LedgerRow } from "./ledger-book.ts";
import { headText, type LedgerHead, signHead } from "./ledger-head.ts";
import { isPublicKind, isTrimmedKind, lineText } from "./ledger-line.ts";
import { LEDGER_LIMITS } from "./ledger-limits.ts";

type Span = { readonly after: number; readonly upTo: number };

/** Whose heads they are, and what signs one where none is kept. */
export type Signer = { readonly key: GatewayKey; readonly gatewayId: string };

/** The head of that line: one that is kept of the current key, else one made now. */
export function headOf(book: Book, number: number, { key, gatewayId }: Signer): LedgerHead {
  const kept = book
    .heads(number - 1, number)
    .findLast((head) => head.keyId === key.keyId && head.gateway === gatewayId);
  const said = { gateway: gatewayId, day: book.dayOf(number), number, digest: book.linkAt(number) };
  return kept ?? signHead(said, key);
}

/**
 * Reads a few hundred rows at a time, so a writer may write between two lines. What is asked for and no longer there is left
 * out: the export then begins later, at the anchor.
 */
export function* exportLines(book: Book, asked: Span, signer: Signer): Generator<string, void> {
  const upTo = Math.min(asked.upTo, book.tip().number);
  const after = Math.min(Math.max(asked.after, book.firstNumber() - 1), upTo);
  const { key, gatewayId } = signer;
  const heads = headsOf(book, { after, upTo }, signer);
  const signers = new Set(heads.map(({ keyId }) => keyId));
  const keys = key.publicKeys().filter(({ keyId }, index) => index === 0 || signers.has(keyId));
  yield `${JSON.stringify({
    version: 1,
    kind: "ledger-export",
    gateway: gatewayId,
    keys: keys.map(({ publicKey }) => publicKey),
    after,
    upTo,
    heads: heads.length,
  })}\n`;
  for (const head of heads) yield `${headText(head)}\n`;
  const bodiesFrom = book.bodiesFrom();
  for (let at = after; at < upTo; ) {
    const rows = book.rowsBetween(at, upTo, LEDGER_LIMITS.rowsAtOnce);
    if (rows.length === 0) return;
    for (const row of rows) yield `${rowText(row, bodiesFrom)}\n`;
    at = rows.at(-1)?.line.number ?? upTo;
  }
}

/** The canonical text of a line in a file; the body only where anybody may see it, and not one that is kept for a later one's sake. */
function rowText({ line, body }: LedgerRow, bodiesFrom: number): string {
  const isGone = body === null || (isTrimmedKind(line.kind) && line.number < bodiesFrom);
  if (isGone || !isPublicKind(line.kind)) return lineText(line);
  return JSON.stringify({ ...JSON.parse(lineText(line)), body });
}

/** Those kept that are of its name now, one before the first line and one of the last, signed by the current key: it stands for all before it. */
function headsOf(book: Book, { after, upTo }: Span, signer: Signer): LedgerHead[] {
  const { key, gatewayId } = signer;
  const known = new Set(key.publicKeys().map(({ keyId }) => keyId));
  const kept = book.heads(after, upTo).filter(({ keyId, gateway }) => known.has(keyId) && gateway === gatewayId);
  const first = after > 0 ? [headOf(book, after, signer)] : [];
  const last = kept.at(-1);
  const isEnded = last !== undefined && last.number === upTo && last.keyId === key.keyId;
  return [...first, ...kept, ...(isEnded ? [] : [headOf(book, upTo, signer)])];
}

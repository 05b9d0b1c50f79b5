// A line of the ledger: its kinds, what of it anybody may see, and the bytes that are hashed.
//
// A line's public part names a digest of its body and the line before it. So the chain can be shown whole, and checked by
// anybody, while the body of a private line (who switched a lamp, to whom something is given) stays in the house. The digest
// of a private body is salted: who switched which lamp is one of a few possibilities, and a stranger would try them all.
// A body that is erased later leaves its digest, and the chain holds.
//
// `day` is the date at the site, not in UTC: all that is public is told by whole days of the site (web/transparency.ts), and
// a second calendar beside that one would split its days where the two midnights lie apart.
import { hash } from "node:crypto";

/** Kinds whose body anybody may see, and kinds whose body stays in the house. */
const PUBLIC_KINDS = ["receipt", "tombstone", "policy-change", "erasure", "key-change", "restarted"] as const;
const PRIVATE_KINDS = ["lamp-command", "disclosure"] as const;
export const LINE_KINDS = [...PUBLIC_KINDS, ...PRIVATE_KINDS] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** Kinds of which there are so many that their bodies go first (ledger-limits.ts); of the others all are kept. */
export const TRIMMED_KINDS = ["receipt", "tombstone", "erasure", "lamp-command"] as const satisfies readonly LineKind[];

/**
 * The public part. `number`: from 1. `day`: YYYY-MM-DD at the site when it was written, null while the clock was not believed
 * or where nobody knows. `digest`: SHA-256 over salt and body. `previous`: `linkOf` the line before, 64 zeros for the first.
 */
export type Line = {
  readonly version: 1;
  readonly number: number;
  readonly kind: LineKind;
  readonly day: string | null;
  readonly digest: string;
  readonly previous: string;
};

/** What the first line names as `previous`. */
export const FIRST_LINK = "0".repeat(64);

export function isLineKind(kind: string): kind is LineKind {
  return LINE_KINDS.some((each) => each === kind);
}

export function isPublicKind(kind: LineKind): boolean {
  return PUBLIC_KINDS.some((each) => each === kind);
}

export function isTrimmedKind(kind: LineKind): boolean {
  return TRIMMED_KINDS.some((each) => each === kind);
}

/** The canonical text: JSON, keys in the order of the type, no spaces. What is hashed is this text in UTF-8. */
export function lineText({ version, number, kind, day, digest, previous }: Line): string {
  return JSON.stringify({ version, number, kind, day, digest, previous });
}

/** SHA-256 in hex of the canonical text: what the next line names as `previous`, and what a head signs. */
export function linkOf(line: Line): string {
  return hash("sha256", lineText(line));
}

/** SHA-256 in hex over the salt, if there is one, and the body as it stands. */
export function bodyDigest({ body, salt }: { readonly body: string; readonly salt: Uint8Array | null }): string {
  return hash("sha256", salt === null ? body : Buffer.concat([salt, Buffer.from(body)]));
}

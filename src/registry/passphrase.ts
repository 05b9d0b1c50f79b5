// How people's passphrases are kept: salted scrypt (RFC 7914), never the words themselves.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { LIMITS } from "../core/limits.ts";

/** 32 MiB and three passes: as strong as OWASP's first choice (N=2^17, p=1, 128 MiB), yet it fits on a Pi with 1 GB. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const;
const HASH_BYTES = 32;

const derive: (words: string, salt: Buffer, length: number, cost: typeof COST) => Promise<Buffer> = promisify(scrypt);

export type PassphraseMistake = "short" | "long" | "plain";

/** What a person reads of a passphrase that is refused. */
export const PASSPHRASE_MISTAKES: Record<PassphraseMistake, string> = {
  short: `The passphrase needs at least ${LIMITS.passphraseMin} characters. Three or four words are easy to keep in mind.`,
  long: `The passphrase may have ${LIMITS.passphraseMax} characters at most.`,
  plain: "The passphrase is too easy to guess: use at least five different characters, and not the code.",
};

/** What is wrong with a passphrase that somebody chose, or null. */
export function passphraseMistake(passphrase: string): PassphraseMistake | null {
  const characters = Array.from(passphrase.normalize("NFKC"));
  if (characters.length < LIMITS.passphraseMin) return "short";
  if (passphrase.length > LIMITS.passphraseMax) return "long";
  return new Set(characters).size < 5 ? "plain" : null;
}

/** `scrypt$N$r$p$salt$hash` (base64url), 0.17 s of one x64 core, some four times that on a Pi 4 by estimate. Unicode is normalised: keyboards spell é in two ways. */
export async function hashPassphrase(passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(passphrase.normalize("NFKC"), salt, HASH_BYTES, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/**
 * Whether these are the words behind the hash. A null hash (no such user) takes the same time and is false, so that
 * nobody learns who exists. Throws on a hash that this program did not write.
 */
export async function verifyPassphrase(passphrase: string, passphraseHash: string | null): Promise<boolean> {
  const { salt, hash } = passphraseHash === null ? { salt: Buffer.alloc(16), hash: null } : parse(passphraseHash);
  const derived = await derive(passphrase.normalize("NFKC"), salt, HASH_BYTES, COST);
  return timingSafeEqual(derived, hash ?? Buffer.alloc(HASH_BYTES)) && hash !== null;
}

function parse(passphraseHash: string): { salt: Buffer; hash: Buffer } {
  const [scheme, n, r, p, salt = "", hash = ""] = passphraseHash.split("$");
  const isOurs = scheme === "scrypt" && n === `${COST.N}` && r === `${COST.r}` && p === `${COST.p}`;
  const parsed = { salt: Buffer.from(salt, "base64url"), hash: Buffer.from(hash, "base64url") };
  if (!isOurs || parsed.hash.length !== HASH_BYTES) throw new Error("an account's passphrase hash is damaged");
  return parsed;
}

// Certificates on disk: the association's own pair, and what the house's own authority keeps in dataDir/tls. Read and judged here,
// for the page, `hedgerow key show` and `hedgerow doctor` alike.
import { X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { GatewayError, messageOf } from "../core/errors.ts";
import { checkedPair, type PairFiles, readPem } from "../core/pem-pair.ts";
import { readSmallFile } from "../core/small-file.ts";
import { TLS_LIMITS } from "./tls-limits.ts";

/** PEM texts: a certificate with its chain, and its private key. */
export type Pair = { readonly cert: string; readonly key: string };

/** What a person compares and installs. `fingerprint`: SHA-256 as "AB:CD:…". */
export type AuthorityView = {
  readonly pem: string;
  readonly der: Buffer;
  readonly fingerprint: string;
  readonly endsMs: number;
};

/** Reads the association's own. Throws CERTIFICATE_UNUSABLE when one is absent, no PEM, or the key is not the certificate's. */
export async function readPair({ certFile, keyFile }: PairFiles): Promise<Pair> {
  const [cert, key] = [await readPem(certFile), await readPem(keyFile)];
  return checkedPair({ cert: cert.toString("utf8"), key: key.toString("utf8") }, { certFile, keyFile });
}

/** Changes when one of the files is written or another is put in its place. */
export async function versionOf({ certFile, keyFile }: PairFiles): Promise<string> {
  const found = await Promise.allSettled([certFile, keyFile].map((file) => stat(file, { bigint: true })));
  return found
    .map((each) => (each.status === "fulfilled" ? `${each.value.ino} ${each.value.size} ${each.value.ctimeNs}` : ""))
    .join("\n");
}

export function authorityFile(dataDir: string): string {
  return join(dataDir, "tls", "authority.pem");
}

export function pageFile(dataDir: string): string {
  return join(dataDir, "tls", "page.pem");
}

/**
 * A certificate and its key out of one file, so that no power cut leaves the one without the other; null where there is none.
 * Throws CERTIFICATE_UNUSABLE for one that is damaged.
 */
export async function readKept(path: string): Promise<Pair | null> {
  const file = await readSmallFile(path, { bytesMax: TLS_LIMITS.authorityBytes });
  if (file.kind === "absent") return null;
  if (file.kind === "unreadable") throw damaged(path, file.why, file.cause);
  const text = file.bytes.toString("utf8");
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text)?.[0] ?? "";
  const cert = text.replace(key, "");
  try {
    return checkedPair({ cert, key }, { certFile: path, keyFile: path });
  } catch (cause) {
    throw damaged(path, messageOf(cause), cause);
  }
}

/** The authority that this gateway made, as it may be shown; null where none was made. Throws CERTIFICATE_UNUSABLE. */
export async function readAuthority(dataDir: string): Promise<AuthorityView | null> {
  const kept = await readKept(authorityFile(dataDir));
  return kept === null ? null : authorityView(kept);
}

export function authorityView({ cert: pem }: Pick<Pair, "cert">): AuthorityView {
  const certificate = new X509Certificate(pem);
  const { raw: der, fingerprint256: fingerprint } = certificate;
  return { pem, der, fingerprint, endsMs: certificate.validToDate.getTime() };
}

/** Whether a browser that asks for this host is given a certificate of its name. `host`: as in a URL. */
export function isFor({ cert }: Pick<Pair, "cert">, host: string): boolean {
  const certificate = new X509Certificate(cert);
  const plain = host.replaceAll(/^\[|\]$|\.$/g, "");
  return (isIP(plain) === 0 ? certificate.checkHost(plain) : certificate.checkIP(plain)) !== undefined;
}

/** From and until when, in ms since 1970. */
export function validityOf({ cert }: Pick<Pair, "cert">): { readonly fromMs: number; readonly toMs: number } {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  return { fromMs: validFromDate.getTime(), toMs: validToDate.getTime() };
}

/** Never replaced by itself: phones trust the one that was there. */
function damaged(path: string, why: string, cause: unknown): GatewayError {
  return new GatewayError("CERTIFICATE_UNUSABLE", `${path} is damaged: ${why}`, {
    hint: "Bring it back from a backup. Or delete it: the gateway makes another one, which phones have to install anew.",
    cause,
  });
}

// A certificate and its private key out of PEM files of an operator: read with a bound, and held against each other.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { GatewayError, messageOf } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { readSmallFile } from "./small-file.ts";

type Pem = string | Buffer;
export type PairFiles = { readonly certFile: string; readonly keyFile: string };

/** Throws CERTIFICATE_UNUSABLE when the file is absent, unreadable or too large. */
export async function readPem(path: string): Promise<Buffer> {
  const file = await readSmallFile(path, { bytesMax: LIMITS.secretBytes });
  if (file.kind === "bytes") return file.bytes;
  throw unusable(`${path} cannot be read: ${file.kind === "absent" ? "there is no such file" : file.why}`);
}

/** The pair, if the key is the certificate's. Throws CERTIFICATE_UNUSABLE; the files are named in its message. */
export function checkedPair<Pair extends { readonly cert: Pem; readonly key: Pem }>(
  pair: Pair,
  { certFile, keyFile }: PairFiles,
): Pair {
  const certificate = certificateIn(pair.cert, certFile);
  const key = parsed(keyFile, () => createPrivateKey(pair.key));
  if (certificate.checkPrivateKey(key)) return pair;
  throw unusable(`the key in ${keyFile} is not that of the certificate in ${certFile}`);
}

/** The first certificate of a PEM. Throws CERTIFICATE_UNUSABLE. */
export function certificateIn(pem: Pem, path: string): X509Certificate {
  return parsed(path, () => new X509Certificate(pem));
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw unusable(`${path} is no PEM file of its kind (${messageOf(cause)})`, cause);
  }
}

function unusable(why: string, cause?: unknown): GatewayError {
  return new GatewayError("CERTIFICATE_UNUSABLE", why, { cause });
}

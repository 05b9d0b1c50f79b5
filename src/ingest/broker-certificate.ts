// The broker's certificate: read, checked, and read again when its files change, so that a renewal needs no restart.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";

/** PEM files. `clientCaFile`: who signs the certificates of devices. */
export type CertificateFiles = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string | undefined;
};

/** PEM texts; `version` changes when a file does. */
export type Certificate = {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly version: string;
};

/** Reads the files. Throws CERTIFICATE_UNUSABLE when one is absent or no PEM, or the key is not the certificate's. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const version = await certificateVersion(files);
  const cert = await readPem(files.certFile);
  const key = await readPem(files.keyFile);
  const x509 = parsed(files.certFile, () => new X509Certificate(cert));
  const privateKey = parsed(files.keyFile, () => createPrivateKey(key));
  if (!x509.checkPrivateKey(privateKey))
    throw unusable(`the key in ${files.keyFile} is not that of the certificate in ${files.certFile}`);
  if (files.clientCaFile === undefined) return { cert, key, version };
  const ca = await readPem(files.clientCaFile);
  parsed(files.clientCaFile, () => new X509Certificate(ca));
  return { cert, key, ca, version };
}

/** A text that changes when one of the files does; a file that is not there has none. */
export async function certificateVersion({ certFile, keyFile, clientCaFile }: CertificateFiles): Promise<string> {
  const found = await Promise.allSettled(
    [certFile, keyFile, clientCaFile].filter((file) => file !== undefined).map((file) => stat(file)),
  );
  return found.map((each) => (each.status === "fulfilled" ? `${each.value.mtimeMs}-${each.value.ino}` : "")).join(" ");
}

async function readPem(path: string): Promise<Buffer> {
  const file = await readSmallFile(path, { bytesMax: LIMITS.secretBytes });
  if (file.kind === "bytes") return file.bytes;
  throw unusable(`${path} cannot be read: ${file.kind === "absent" ? "there is no such file" : file.why}`);
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

// The broker's certificate: read, checked, and read again when its files change, so that a renewal needs no restart.
import { stat } from "node:fs/promises";
import { certificateIn, checkedPair, readPem } from "../core/pem-pair.ts";

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
  const pair = checkedPair({ cert: await readPem(files.certFile), key: await readPem(files.keyFile) }, files);
  if (files.clientCaFile === undefined) return { ...pair, version };
  const ca = await readPem(files.clientCaFile);
  certificateIn(ca, files.clientCaFile);
  return { ...pair, ca, version };
}

/** A text that changes when one of the files does; a file that is not there has none. */
export async function certificateVersion({ certFile, keyFile, clientCaFile }: CertificateFiles): Promise<string> {
  const found = await Promise.allSettled(
    [certFile, keyFile, clientCaFile].filter((file) => file !== undefined).map((file) => stat(file)),
  );
  return found.map((each) => (each.status === "fulfilled" ? `${each.value.mtimeMs}-${each.value.ino}` : "")).join(" ");
}

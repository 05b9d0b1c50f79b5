// The files that a sink's settings name: certificates, shared secrets, a proxy's login. They are renewed on disk while the gateway
// runs (a certificate lives 90 days, a gateway for years), so each is looked at before each request and read when it has changed.
//
// One that was there at the start and cannot be used later (half written, a key that does not belong to its certificate yet) does
// not stop the sink: what was read before stays in use, and the trouble is told beside whatever the platform then says.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { HttpCredentials } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import { secretsIn } from "./signature.ts";

/** The part of a sink's settings that names files; paths absolute. */
export type NamedFiles = {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly sharedSecretFile?: string | undefined;
  readonly proxyCredentialsFile?: string | undefined;
};

/** `secrets`: the current one, and the next while it is changed. `clientCertificateEndsMs`: null without one. */
export type PlatformCredentials = HttpCredentials & {
  readonly secrets: readonly Buffer[];
  readonly clientCertificateEndsMs: number | null;
};

export type PlatformFiles = {
  /** What they hold now: the same object until something changes. Throws nothing. */
  current(): Promise<PlatformCredentials>;
  /** Why what they hold now cannot be used, so that what they held before is; else null. */
  trouble(): string | null;
};

/** Reads the files. Throws SECRET_UNREADABLE, and CERTIFICATE_UNUSABLE for what is no certificate or no pair. */
export async function openPlatformFiles(files: NamedFiles): Promise<PlatformFiles> {
  let marks = await marksOf(files);
  let credentials = await read(files);
  let trouble: string | null = null;
  return {
    async current() {
      const now = await marksOf(files);
      if (now === marks) return credentials;
      // Marked before it is read: what changes meanwhile is read once more next time.
      marks = now;
      try {
        credentials = await read(files);
        trouble = null;
      } catch (thrown) {
        trouble = messageOf(thrown);
      }
      return credentials;
    },
    trouble: () => trouble,
  };
}

/** The file's text, or undefined where none is named. Throws SECRET_UNREADABLE. */
export async function readNamed(path: string | undefined, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const file = await readSmallFile(path, { bytesMax: LIMITS.secretBytes });
  if (file.kind === "bytes") return file.bytes.toString("utf8");
  const why = file.kind === "absent" ? "there is no such file" : file.why;
  throw new GatewayError("SECRET_UNREADABLE", `the platform's ${what} (${path}) cannot be read: ${why}`, {
    cause: file.kind === "unreadable" ? file.cause : undefined,
  });
}

async function read(files: NamedFiles): Promise<PlatformCredentials> {
  const authority = await readNamed(files.caFile, "certificate authority");
  const cert = await readNamed(files.certFile, "client certificate");
  const key = await readNamed(files.keyFile, "client certificate's key");
  const secret = await readNamed(files.sharedSecretFile, "shared secret");
  const login = await readNamed(files.proxyCredentialsFile, "proxy's login");
  return {
    ...(authority !== undefined && trusted(authority, files.caFile)),
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(login !== undefined && { proxyLogin: loginIn(login, files.proxyCredentialsFile) }),
    secrets: secret === undefined ? [] : secretsIn(secret),
    clientCertificateEndsMs: cert === undefined || key === undefined ? null : endOfPair({ cert, key }, files.certFile),
  };
}

/** An authority's file may hold its revocation lists too; then a certificate is believed only while they are valid and do not name it. */
function trusted(pem: string, path: string | undefined): Pick<HttpCredentials, "ca" | "crl"> {
  const blocks =
    pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw unusable(path, "it holds no certificate in PEM");
  for (const block of blocks) parse(path, () => new X509Certificate(block));
  return { ca: pem, ...(pem.includes("-----BEGIN X509 CRL-----") && { crl: pem }) };
}

function endOfPair({ cert, key }: { cert: string; key: string }, path: string | undefined): number {
  const certificate = parse(path, () => new X509Certificate(cert));
  const isPair = parse(path, () => certificate.checkPrivateKey(createPrivateKey(key)));
  if (!isPair) throw unusable(path, "keyFile holds the key of another certificate");
  return certificate.validToDate.getTime();
}

function parse<T>(path: string | undefined, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
}

function unusable(path: string | undefined, why: string, cause?: unknown): GatewayError {
  return new GatewayError("CERTIFICATE_UNUSABLE", `the platform's certificates (${path}) cannot be used: ${why}`, {
    cause,
  });
}

function loginIn(text: string, path: string | undefined): string {
  const [line = "", ...more] = text.trim().split("\n");
  if (more.length === 0 && /^[^:\p{C}]+:\P{C}*$/u.test(line)) return line;
  throw new GatewayError("SECRET_UNREADABLE", `the proxy's login (${path}) is not one line user:password`);
}

/** Changes whenever one of the files is written or put in place of another; a rename keeps the time of writing but not the inode. */
async function marksOf(files: NamedFiles): Promise<string> {
  const paths = [files.caFile, files.certFile, files.keyFile, files.sharedSecretFile, files.proxyCredentialsFile];
  const marks = paths.map(async (path) => {
    if (path === undefined) return "";
    try {
      const { ino, size, ctimeNs } = await stat(path, { bigint: true });
      return `${ino} ${size} ${ctimeNs}`;
    } catch (thrown) {
      return messageOf(thrown);
    }
  });
  return (await Promise.all(marks)).join("\n");
}

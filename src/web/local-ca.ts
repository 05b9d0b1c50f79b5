// The house's own certificate authority: made once, and what it signs for the page. The door to the X.509 library.
//
// Decision: whoever installs an authority trusts it for everything that it signs. So ours may sign for names and addresses of
// private networks alone (name constraints, RFC 5280, 4.2.1.10, critical: a client that does not know them refuses it), nothing
// below it may sign (path length 0), and it is for servers alone. Who steals its key from the card can pose as a box in a home
// network, and not as a bank.
// oxlint-disable-next-line import/no-unassigned-import -- the library needs what it adds to Reflect, before it is loaded itself
import "reflect-metadata";
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  AuthorityKeyIdentifierExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { EARLIEST_BELIEVABLE_MS } from "../core/clock.ts";
import { nameConstraints } from "./name-constraints.ts";
import { TLS_LIMITS } from "./tls-limits.ts";

/** PEM texts. */
export type Signed = { readonly cert: string; readonly key: string };

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const NAME_CONSTRAINTS = "2.5.29.30";

/** An authority for this site. `site`: what phones call it in their lists. `labels`: names without dots that it may sign for too. */
export async function makeAuthority({
  site,
  labels,
  nowMs,
}: {
  readonly site: string;
  readonly labels: readonly string[];
  readonly nowMs: number;
}): Promise<Signed> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  // Two boxes of one name stay apart in a phone's list.
  const called = `Hedgerow ${site.replaceAll(/\p{C}/gu, "").slice(0, 40)} ${randomBytes(3).toString("hex")}`;
  const name = [{ O: ["Hedgerow"] }, { CN: [called] }];
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    keys,
    signingAlgorithm: ECDSA,
    // From a fixed day on, so that it holds whatever the box's clock said when it was made.
    notBefore: new Date(EARLIEST_BELIEVABLE_MS),
    notAfter: new Date(Math.max(nowMs, EARLIEST_BELIEVABLE_MS) + TLS_LIMITS.authorityMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new Extension(NAME_CONSTRAINTS, true, nameConstraints(labels)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pemOf(certificate), key: keyPemOf(keys.privateKey) };
}

/** A certificate for the page. `names`: host names and addresses, at least one. Throws when the authority cannot be used. */
export async function signForPage(
  authority: Signed,
  { names, nowMs }: { readonly names: readonly string[]; readonly nowMs: number },
): Promise<Signed> {
  const issuer = new X509Certificate(authority.cert);
  const signingKey = createPrivateKey(authority.key).toCryptoKey(ECDSA, false, ["sign"]);
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  const fromMs = Math.max(nowMs, EARLIEST_BELIEVABLE_MS + TLS_LIMITS.earlierMs) - TLS_LIMITS.earlierMs;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [(names[0] ?? "").slice(0, 64)] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ECDSA,
    notBefore: new Date(fromMs),
    notAfter: new Date(Math.min(fromMs + TLS_LIMITS.pageMs, issuer.notAfter.getTime())),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
      ),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // Servers send the whole chain: a browser that knows the authority then shows its name where it complains.
  return { cert: `${pemOf(certificate)}${authority.cert}`, key: keyPemOf(keys.privateKey) };
}

/** 127 random bits, positive (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString("hex");
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}

function keyPemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}

// A private certificate authority and its server certificates, made in memory, so that no key lies in the repository.
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** PEM of a server's certificate and key, and of the authority that signed it. */
export type Certificates = { readonly ca: string; readonly cert: string; readonly key: string };

/** Makes a new authority and a certificate of it for one host name or IPv4 address, valid from 2020 to 2049. X.509 v3, RFC 5280. */
export function makeCertificates(host: string): Certificates {
  const authority = generateKeyPairSync("ed25519");
  const server = generateKeyPairSync("ed25519");
  const ca = certificate({
    subject: "Test Authority",
    key: authority.publicKey,
    signer: authority.privateKey,
    extensions: [basicConstraints()],
  });
  const cert = certificate({
    subject: "Test Server",
    key: server.publicKey,
    signer: authority.privateKey,
    extensions: [subjectAltName(host)],
  });
  return { ca, cert, key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** OID 1.3.101.112: ed25519 [RFC 8410 §3]. */
const ED25519 = der(0x30, der(0x06, Buffer.from([0x2b, 0x65, 0x70])));

function certificate(from: { subject: string; key: KeyObject; signer: KeyObject; extensions: Buffer[] }): string {
  const validity = der(0x30, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z")));
  const serial = der(0x02, Buffer.from([from.subject.length]));
  const version3 = der(0xa0, der(0x02, Buffer.from([2])));
  const publicKey = from.key.export({ type: "spki", format: "der" });
  const extensions = der(0xa3, der(0x30, ...from.extensions));
  const body = der(
    0x30,
    version3,
    serial,
    ED25519,
    name("Test Authority"),
    validity,
    name(from.subject),
    publicKey,
    extensions,
  );
  const signature = der(0x03, Buffer.from([0]), sign(null, body, from.signer));
  const base64 = der(0x30, body, ED25519, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

/** OID 2.5.4.3: common name. */
function name(common: string): Buffer {
  return der(0x30, der(0x31, der(0x30, der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from(common)))));
}

/** OID 2.5.29.19, critical: an authority. */
function basicConstraints(): Buffer {
  const isAuthority = der(0x30, der(0x01, Buffer.from([0xff])));
  return der(0x30, der(0x06, Buffer.from([0x55, 0x1d, 0x13])), der(0x01, Buffer.from([0xff])), der(0x04, isAuthority));
}

/** OID 2.5.29.17: for whom it is. */
function subjectAltName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host);
  const entry = isAddress ? der(0x87, Buffer.from(host.split(".").map(Number))) : der(0x82, Buffer.from(host));
  return der(0x30, der(0x06, Buffer.from([0x55, 0x1d, 0x11])), der(0x04, der(0x30, entry)));
}

/** Tag, length, value [X.690 §8.1]. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length =
    value.length < 128
      ? [value.length]
      : value.length < 256
        ? [0x81, value.length]
        : [0x82, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

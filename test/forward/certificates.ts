// Private certificate authorities and what they sign, made in memory, so that no key lies in the repository. X.509 v3, RFC 5280.
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** PEM of a server's certificate and key, and of the authority that signed it. */
export type Certificates = { readonly ca: string; readonly cert: string; readonly key: string };

/** UTCTime, such as 200101000000Z. */
export type Validity = { readonly from: string; readonly to: string };

export type Authority = {
  /** Its own certificate, PEM: signed by itself, or by the one above it. */
  readonly pem: string;
  /** For a host name or an IPv4 address; a client's name stands there too. */
  issue(host: string, validity?: Validity): { readonly cert: string; readonly key: string; readonly serial: number };
  /** An authority below this one. */
  intermediate(): Authority;
  /** Its revocation list, PEM, with the serial numbers of what it revokes. */
  revocationList(...serials: readonly number[]): string;
};

export const VALID: Validity = { from: "200101000000Z", to: "491231235959Z" };
export const EXPIRED: Validity = { from: "200101000000Z", to: "240101000000Z" };
export const NOT_YET_VALID: Validity = { from: "450101000000Z", to: "491231235959Z" };

/** A new authority and a certificate of it for one host. */
export function makeCertificates(host: string, validity = VALID): Certificates {
  const authority = makeAuthority();
  const { cert, key } = authority.issue(host, validity);
  return { ca: authority.pem, cert, key };
}

/** A certificate that nobody but itself has signed. */
export function makeSelfSigned(host: string): Certificates {
  const keys = generateKeyPairSync("ed25519");
  const names = { subject: host, issuer: host, serial: 1, extensions: [subjectAltName(host)] };
  const cert = certificate({ ...names, key: keys.publicKey, signer: keys.privateKey, validity: VALID });
  return { ca: cert, cert, key: pemOf(keys.privateKey) };
}

export function makeAuthority(name = "Test Authority"): Authority {
  const keys = generateKeyPairSync("ed25519");
  const names = { subject: name, issuer: name, serial: 1, extensions: [basicConstraints()] };
  return authorityOf(
    name,
    keys.privateKey,
    certificate({ ...names, key: keys.publicKey, signer: keys.privateKey, validity: VALID }),
  );
}

let lastSerial = 1;

function authorityOf(issuer: string, signer: KeyObject, pem: string): Authority {
  return {
    pem,
    issue(host, validity = VALID) {
      const keys = generateKeyPairSync("ed25519");
      const serial = ++lastSerial;
      const names = { subject: "Test Server", issuer, serial, extensions: [subjectAltName(host)] };
      return {
        cert: certificate({ ...names, key: keys.publicKey, signer, validity }),
        key: pemOf(keys.privateKey),
        serial,
      };
    },
    intermediate() {
      const keys = generateKeyPairSync("ed25519");
      const subject = `${issuer}'s Office`;
      const names = { subject, issuer, serial: ++lastSerial, extensions: [basicConstraints()] };
      return authorityOf(
        subject,
        keys.privateKey,
        certificate({ ...names, key: keys.publicKey, signer, validity: VALID }),
      );
    },
    revocationList: (...serials) => revocationList({ issuer, signer, serials }),
  };
}

/** OID 1.3.101.112: ed25519 [RFC 8410 §3]. */
const ED25519 = der(0x30, der(0x06, Buffer.from([0x2b, 0x65, 0x70])));

function certificate(from: {
  subject: string;
  issuer: string;
  serial: number;
  key: KeyObject;
  signer: KeyObject;
  validity: Validity;
  extensions: Buffer[];
}): string {
  const validity = der(0x30, time(from.validity.from), time(from.validity.to));
  const version3 = der(0xa0, integer(2));
  const publicKey = from.key.export({ type: "spki", format: "der" });
  const extensions = der(0xa3, der(0x30, ...from.extensions));
  const names = [name(from.issuer), validity, name(from.subject)];
  const body = der(0x30, version3, integer(from.serial), ED25519, ...names, publicKey, extensions);
  return signed("CERTIFICATE", body, from.signer);
}

/** RFC 5280 §5.1. */
function revocationList(from: { issuer: string; signer: KeyObject; serials: readonly number[] }): string {
  const revoked = from.serials.map((serial) => der(0x30, integer(serial), time(VALID.from)));
  const dates = [time(VALID.from), time(VALID.to)];
  const list = revoked.length === 0 ? [] : [der(0x30, ...revoked)];
  return signed("X509 CRL", der(0x30, integer(1), ED25519, name(from.issuer), ...dates, ...list), from.signer);
}

function signed(label: string, body: Buffer, signer: KeyObject): string {
  const signature = der(0x03, Buffer.from([0]), sign(null, body, signer));
  const base64 = der(0x30, body, ED25519, signature).toString("base64");
  return `-----BEGIN ${label}-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** UTCTime. */
function time(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}

/** INTEGER from 0 to 2^23. */
function integer(value: number): Buffer {
  return der(0x02, Buffer.from(value < 128 ? [value] : [value >> 16, (value >> 8) & 255, value & 255]));
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

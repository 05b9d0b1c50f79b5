// Answers a camera's challenge (RFC 7616 digest with MD5 or SHA-256, RFC 7617 basic), for HTTP and for RTSP.
// Our own, since the libraries looked at take the algorithm from their caller and not from the challenge, know MD5 only,
// read two challenges as one, or make their nonces from Math.random.
import { isUtf8 } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import type { CameraLogin } from "./camera.ts";

/** `algorithm`: as written, null where none is, which means MD5. `isStale`: the nonce was too old, the password may be right. */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "digest";
      readonly realm: string;
      readonly nonce: string;
      readonly opaque: string | null;
      readonly algorithm: string | null;
      readonly hasQop: boolean;
      readonly isStale: boolean;
    };

/** Hashes by their names in a challenge, the strongest first. */
const HASHES: readonly (readonly [string, string])[] = [
  ["SHA-256", "sha256"],
  ["MD5", "md5"],
];
/** Characters of WWW-Authenticate that are read; real ones have 200. */
const CHALLENGE_CHARS = 4096;

/** "user:password" of a credentials file. Throws SECRET_UNREADABLE, without a word of what stands there. */
export function loginOf(credentials: string, cameraId: string): CameraLogin {
  const at = credentials.indexOf(":");
  if (at <= 0 || /[\r\n\0]/.test(credentials))
    throw new GatewayError("SECRET_UNREADABLE", `the credentials of ${cameraId} are not one line user:password`);
  return { user: credentials.slice(0, at), password: credentials.slice(at + 1) };
}

/**
 * The best challenge that can be answered, or null. `values`: of the WWW-Authenticate headers, each with one challenge or
 * several. Digest goes before basic, which tells the password to whoever listens; a camera that has once asked `login` for
 * digest is not answered with basic any more.
 */
export function chooseChallenge(values: readonly string[], login?: CameraLogin): Challenge | null {
  const all = values.flatMap((value) => parseChallenges(asUtf8(value.slice(0, CHALLENGE_CHARS))));
  const digests = all.flatMap(({ scheme, params }) => (scheme === "digest" ? (digestOf(params) ?? []) : []));
  const best = HASHES.flatMap(([name]) => digests.filter(({ algorithm }) => nameOf(algorithm) === name))[0];
  if (best !== undefined && login !== undefined) login.isDigestKnown = true;
  if (best === undefined && login?.isDigestKnown === true) return null;
  return best ?? (all.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : null);
}

/**
 * The value of Authorization. `uri`: as in the request line. `nonceCount`: from 1, one more with each use of a challenge.
 * RFC 7616, 3.4.1; `-sess` algorithms as well.
 */
export function authorize(
  challenge: Challenge,
  ask: {
    readonly login: CameraLogin;
    readonly method: string;
    readonly uri: string;
    readonly nonceCount: number;
    readonly clientNonce?: string;
  },
): string {
  const { user, password } = ask.login;
  if (challenge.scheme === "basic") return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const { realm, nonce, opaque, algorithm, hasQop } = challenge;
  const clientNonce = ask.clientNonce ?? randomBytes(16).toString("hex");
  const nonceCount = ask.nonceCount.toString(16).padStart(8, "0");
  const hash = (text: string): string => digest(algorithm, text);
  const plain = hash(`${user}:${realm}:${password}`);
  const secret = /-sess$/i.test(algorithm ?? "") ? hash(`${plain}:${nonce}:${clientNonce}`) : plain;
  const asked = hash(`${ask.method}:${ask.uri}`);
  const response = hash(
    hasQop ? `${secret}:${nonce}:${nonceCount}:${clientNonce}:auth:${asked}` : `${secret}:${nonce}:${asked}`,
  );
  const parts = [
    `username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(ask.uri)}`,
    ...(algorithm === null ? [] : [`algorithm=${algorithm}`]),
    `response="${response}"`,
    ...(opaque === null ? [] : [`opaque=${quote(opaque)}`]),
    ...(hasQop ? ["qop=auth", `nc=${nonceCount}`, `cnonce="${clientNonce}"`] : []),
  ];
  return `Digest ${parts.join(", ")}`;
}

/** Headers come as one character a byte; a realm such as "Gärten" is hashed, and said again, as the UTF-8 that it is. */
function asUtf8(header: string): string {
  const bytes = Buffer.from(header, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : header;
}

function digestOf(params: ReadonlyMap<string, string>): Extract<Challenge, { scheme: "digest" }> | null {
  const [realm, nonce] = [params.get("realm"), params.get("nonce")];
  const algorithm = params.get("algorithm") ?? null;
  if (realm === undefined || nonce === undefined || !HASHES.some(([name]) => name === nameOf(algorithm))) return null;
  const qops =
    params
      .get("qop")
      ?.toLowerCase()
      .split(/[\s,]+/) ?? [];
  // auth-int alone would sign a body that a GET has not; no camera was seen to ask for it.
  if (qops.length > 0 && !qops.includes("auth")) return null;
  return {
    scheme: "digest",
    realm,
    nonce,
    opaque: params.get("opaque") ?? null,
    algorithm,
    hasQop: qops.length > 0,
    isStale: params.get("stale")?.toLowerCase() === "true",
  };
}

/** The hash's name in HASHES, or another for what is unknown. */
function nameOf(algorithm: string | null): string {
  return (algorithm ?? "MD5").toUpperCase().replace(/-SESS$/, "");
}

function digest(algorithm: string | null, text: string): string {
  const hash = HASHES.find(([name]) => name === nameOf(algorithm))?.[1] ?? "sha256";
  return createHash(hash).update(text).digest("hex");
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Challenges of one header: a scheme and its parameters; a name without `=` begins the next (RFC 9110, 11.6.1). */
function parseChallenges(value: string): { scheme: string; params: Map<string, string> }[] {
  const found: { scheme: string; params: Map<string, string> }[] = [];
  const words = /([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
  for (const [, name = "", quoted, bare] of value.matchAll(words)) {
    const text = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
    if (text === undefined) found.push({ scheme: name.toLowerCase(), params: new Map() });
    else found.at(-1)?.params.set(name.toLowerCase(), text);
  }
  return found;
}

// Why a question over HTTP had no answer, in words for a person: unreachable, untrusted, too slow, broken.
import { messageOf, systemCodeOf } from "./errors.ts";
import type { TooLarge } from "./http-answer.ts";
import type { PeerFailure } from "./peer-check.ts";

/**
 * `untrusted`: a certificate, theirs or ours, does not convince, or the encryption is none or too old. `refused`: the name leads
 * where we do not go. `broken`: the connection ended in the middle. `stopped`: by our own signal.
 */
export type HttpFailure = PeerFailure["how"] | TooLarge["how"] | "broken";

/** `why` continues "the platform …" or "the camera …". `hint`: where there is more to do than to wait. */
export type Failed = {
  readonly kind: "failed";
  readonly how: HttpFailure;
  readonly why: string;
  readonly hint?: string;
};

/** Thrown by a connector that knows why. */
export class ConnectFailed extends Error {
  readonly failure: Failed;

  constructor(failure: Failed) {
    super(failure.why);
    this.failure = failure;
  }
}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);

const CLOCK = "Is the clock here right? Otherwise the platform must renew its certificate.";
const AUTHORITY =
  "Ask the platform for its certificate authority and name the file under caFile; a wrong clock has this effect too.";
const OURS = "Ask the platform which client certificates it takes, and name them under certFile and keyFile.";
const PORT = "Is the port right? Something answers there that is not the platform.";

/** First match counts. Codes are OpenSSL's (man openssl-verification-options; its alerts and reasons after ERR_SSL_) and Node's. */
const TLS: readonly (readonly [RegExp, string, string])[] = [
  [
    /_ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/,
    "does not take this gateway's client certificate",
    OURS,
  ],
  [/_ALERT_HANDSHAKE_FAILURE/, "refuses the encryption, perhaps for want of a client certificate", OURS],
  [
    /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW/,
    "offers no encryption newer than TLS 1.1, which is not used",
    "The platform must offer TLS 1.2 or 1.3.",
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/, "answers without encryption", PORT],
  [/CERT_HAS_EXPIRED/, "shows a certificate that is not trusted: it has expired", CLOCK],
  [/CERT_NOT_YET_VALID/, "shows a certificate that is not trusted: it is not valid yet", CLOCK],
  [
    /ALTNAME|HOSTNAME/,
    "shows a certificate that is not trusted: it is for another name",
    "Is url under platform right?",
  ],
  [/CERT_REVOKED/, "shows a certificate that is not trusted: it was revoked", "Ask the platform what has happened."],
  [/CRL/, "shows a certificate that is not trusted: the revocation list in caFile does not fit", AUTHORITY],
  [/SELF_SIGNED/, "shows a certificate that is not trusted: nobody known here has signed it", AUTHORITY],
  [
    /UNABLE_TO|LEAF_SIGNATURE|SIGNATURE_FAILURE|ISSUER/,
    "shows a certificate that is not trusted: its authority is not known here, or its chain is not whole",
    AUTHORITY,
  ],
  [/CERT/, "shows a certificate that is not trusted", AUTHORITY],
];

/** The sentence names the code and never the address: it is shown on the page and may be logged. */
export function failureOf(thrown: unknown): Failed {
  if (thrown instanceof ConnectFailed) return thrown.failure;
  const code = codeOf(thrown);
  if (UNREACHABLE.has(code)) return { kind: "failed", how: "unreachable", why: `cannot be reached (${code})` };
  if (TIMEOUTS.has(code)) return { kind: "failed", how: "timeout", why: `did not answer in time (${code})` };
  const tls = TLS.find(([pattern]) => pattern.test(code));
  if (tls !== undefined) return { kind: "failed", how: "untrusted", why: `${tls[1]} (${code})`, hint: tls[2] };
  return { kind: "failed", how: "broken", why: `cut the connection (${code})` };
}

/** Of several addresses Node tells all failures in one; their first has the code. */
function codeOf(thrown: unknown): string {
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  return systemCodeOf(thrown) ?? systemCodeOf(first) ?? (first instanceof Error ? first.name : messageOf(first));
}

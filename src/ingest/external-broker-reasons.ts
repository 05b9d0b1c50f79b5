// Why there is no connection to the site's broker, in words that a person can act on.
import { GatewayError, messageOf } from "../core/errors.ts";

/** Why a connection did not come about. `code`: the broker's reason, or the system's or TLS's name of it; null: it said nothing. */
export class NoConnection extends Error {
  override readonly name = "NoConnection";
  readonly code: number | string | null;

  constructor(message: string, code: number | string | null) {
    super(message);
    this.code = code;
  }
}

/** Reason codes of CONNACK in MQTT 3.1.1 and 5: wrong login or not authorised; unacceptable protocol version. */
const LOGIN: readonly unknown[] = [4, 5, 134, 135];
const VERSION: readonly unknown[] = [1, 132];

/** Whether the broker does not speak the version of MQTT that it was asked in. */
export function isVersionRefused({ code }: NoConnection): boolean {
  return VERSION.includes(code);
}

/** What is shown and logged, with the one next step. */
export function unreachable(cause: unknown): GatewayError {
  const code = cause instanceof NoConnection ? cause.code : null;
  const hint = hintFor(code);
  return new GatewayError("SITE_BROKER_UNREACHABLE", `the site's broker cannot be used: ${messageOf(cause)}`, {
    cause,
    ...(hint !== null && { hint }),
  });
}

function hintFor(code: number | string | null): string | null {
  if (LOGIN.includes(code)) return "Does the site's broker know the login in usernameFile and passwordFile?";
  if (typeof code === "string" && /CERT|TLS|SSL|ISSUER|VERIFY/.test(code))
    return "Is caFile the authority that signed the broker's certificate, and does that name the address?";
  return null;
}

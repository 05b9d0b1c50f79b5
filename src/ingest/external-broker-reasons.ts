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

/** Subscriptions that NATS grants one session at its usual max_ack_pending of 1024: their sum may not pass 65,535. */
const NATS_FILTERS = 63;

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

/** The one next step where the broker grants some filters and refuses others. `asked`: how many in all. */
export function refusedHint({ refused, asked }: { refused: readonly string[]; asked: number }): string {
  if (refused.some((filter) => /[. ]/.test(filter)))
    return "NATS carries no dot and no space in topics: give the device another topic.";
  if (asked > NATS_FILTERS)
    return "NATS grants a client 63 topics: write max_ack_pending: 100 into its section mqtt, and it grants 655.";
  return "Allow this gateway's login to read these topics in the site's broker.";
}

// What the platform's broker says with its reason codes, and what follows from it for an entry or for the whole sink.
// Source: MQTT 5.0 §2.4 (reason codes), §3.2.2.2 (CONNACK), §3.4.2.1 (PUBACK), §3.14.2.1 (DISCONNECT); MQTT 3.1.1 §3.2.2.3.
import { messageOf, systemCodeOf } from "../core/errors.ts";
import { failureOf } from "../core/http-failure.ts";
import type { Next } from "./sink.ts";

/** Why there is no connection, or no longer. `code`: the broker's reason, or the system's or TLS's name of it; null: it said nothing. */
export type Ending = { readonly why: string; readonly code: number | string | null };

export const NO_SUBSCRIBERS = 16;
export const NOT_AUTHORISED = 135;
export const PACKET_TOO_LARGE = 149;
export const TOO_LARGE = "the broker finds it too large (149)";

const ILL_FORMED = 130;
export const TWICE = "the broker sends messages of QoS 2, which were not asked for";

type Terms = { readonly maximumQoS?: number; readonly receiveMaximum?: number; readonly maximumPacketSize?: number };

/** Why nothing can be sent by a CONNACK's properties, or null. A zero is ill-formed [MQTT5-3.2.2.3.3, 3.2.2.3.6], and would be waited for without end. */
export function uselessBy({ maximumQoS, receiveMaximum, maximumPacketSize }: Terms): Ending | null {
  if (maximumQoS === 0) return { why: "the broker takes no messages of QoS 1", code: 155 };
  if (receiveMaximum !== 0 && maximumPacketSize !== 0) return null;
  return { why: "the broker lets in, and says that it takes no message at all", code: ILL_FORMED };
}

/** The broker's code in an error of mqtt.js; undefined where the error is another's. */
export function codeIn(error: Error): number | undefined {
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "number" ? code : undefined;
}

/** The connection's end as the broker has said it. */
export function saidBy(reason: number | null): Ending {
  return { why: `the broker ended the connection (reason ${reason ?? 0})`, code: reason };
}

/** What went wrong under MQTT: the system, TLS, or mqtt.js itself, which takes no other words. */
export function troubleOf(error: Error): Ending {
  const code = codeIn(error) ?? systemCodeOf(error) ?? null;
  const why = typeof code === "string" ? `the broker ${failureOf(error).why}` : messageOf(error);
  return { why, code };
}

/** Of one message: the broker has it, will never take this one, or does not take any for now. */
export type Acknowledged =
  | { readonly kind: "taken"; readonly isHeard: boolean }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "later"; readonly next: Next };

/** `code`: of a PUBACK; 0 with MQTT 3.1.1, which has none. */
export function acknowledgedAs(code: number): Acknowledged {
  switch (code) {
    case NOT_AUTHORISED:
      return {
        kind: "later",
        next: { kind: "pause", why: "the broker answered 135: this gateway may not publish its topics" },
      };
    case 144:
      return { kind: "refused", why: "the broker does not take its topic (144)" };
    case PACKET_TOO_LARGE:
      return { kind: "refused", why: TOO_LARGE };
    case 153:
      return { kind: "refused", why: "the broker does not take its form (153)" };
    case 151:
      return { kind: "later", next: wait("the broker's quota for this gateway is used up (151)") };
  }
  // 128 and 131 may mean anything; waiting, or a person, cures them.
  if (code >= 128) return { kind: "later", next: wait(`the broker answers ${code}`) };
  return { kind: "taken", isHeard: code !== NO_SUBSCRIBERS };
}

/** How to go on without the subscription: `code` of a SUBACK, NaN for none. */
export function subscribedAs(refusal: number | Ending): Next {
  if (typeof refusal !== "number") return nextAfter(refusal);
  return { kind: "pause", why: `the broker does not let this gateway hear ackTopic (${refusal})` };
}

/** How to go on where the connection did not come about, or ended. Codes below 128 are those of MQTT 3.1.1. */
export function nextAfter({ why, code }: Ending): Next {
  const cure = typeof code === "number" ? PAUSES[code] : undefined;
  if (cure !== undefined) return { kind: "pause", why: `the broker answered ${code}: ${cure}` };
  const said = typeof code === "number" ? WAITS[code] : undefined;
  if (said !== undefined) return wait(`the broker answered ${code}: ${said}`);
  return wait(why);
}

const LOGIN = "it does not know this user name and password";
const PAUSES: Readonly<Record<number, string>> = {
  1: "it speaks neither MQTT 5 nor 3.1.1",
  2: "it does not take this gateway's client id",
  4: LOGIN,
  5: "it does not allow this gateway",
  132: "it speaks neither MQTT 5 nor 3.1.1",
  133: "it does not take this gateway's client id",
  134: LOGIN,
  135: "it does not allow this gateway",
  138: "this gateway is banned there",
  140: "it wants another kind of login than user name and password",
  155: "it takes no messages of QoS 1",
  157: "it has moved to another address for good",
};
const WAITS: Readonly<Record<number, string>> = {
  3: "it is not available",
  136: "it is not available",
  137: "it is busy",
  139: "it shuts down",
  141: "it heard nothing from here for too long",
  142: "another client has come with this gateway's id; does a copy of it run elsewhere?",
  147: "it was sent more at once than it takes",
  149: "it was sent a larger packet than it takes",
  150: "messages come too fast for it",
  151: "its quota for this gateway is used up",
  152: "its operator ended the connection",
  156: "it is to be reached at another address for now",
  159: "connections come too fast for it",
  160: "it allows no longer connections",
};

const VERSION: readonly unknown[] = [1, 132];
const CLIENT_ID: readonly unknown[] = [2, 133];

/** Whether the broker does not speak the version of MQTT that it was asked in. */
export const isVersionRefused = ({ code }: Ending): boolean => VERSION.includes(code);
/** Whether it may take a client id of another form. */
export const isClientIdRefused = ({ code }: Ending): boolean => CLIENT_ID.includes(code);
/** Whether it keeps no retained messages, the will's included. */
export const isRetainRefused = ({ code }: Ending): boolean => code === 154;

function wait(why: string): Next {
  return { kind: "wait", retryAfterMs: null, why };
}

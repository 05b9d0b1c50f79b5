// What an answer of the platform means: the table of interfaces.md §4, one line per outcome.
import { z } from "zod";
import type { HttpHead } from "../core/http-answer.ts";
import type { HttpOutcome } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import type { Delivery } from "./sink.ts";

/**
 * `understood`: 2xx; `isPage`: it calls itself HTML. `too-much`: send less at once. `refused`: something in the body is wrong.
 * `wait`, `pause`: as in DeliveryReport; `isCut`: the request went out and had no answer, so less is sent at once on this line.
 */
export type Meaning =
  | { readonly kind: "understood"; readonly body: Buffer; readonly isPage: boolean }
  | { readonly kind: "too-much"; readonly why: string }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "wait"; readonly retryAfterMs: number | null; readonly why: string; readonly isCut: boolean }
  | { readonly kind: "pause"; readonly why: string };

type Understood = Pick<Meaning & { kind: "understood" }, "body" | "isPage">;

/** `nowMs`: wall time, for dates in the answer. */
export function meaningOf(outcome: HttpOutcome, nowMs: number): Meaning {
  if (outcome.kind === "failed") {
    const isCut = outcome.how === "timeout" || outcome.how === "broken";
    return { ...waiting(`the platform ${outcome.why}`), isCut };
  }
  const { status, headers, body } = outcome;
  const isPacked = isCompressed(outcome);
  if (status >= 200 && status < 300) {
    if (isPacked) return waiting("the platform's answer is compressed, which was not asked for");
    return {
      kind: "understood",
      body,
      isPage: /^\s*(text\/html|application\/xhtml)/i.test(headers["content-type"] ?? ""),
    };
  }
  // A signature from a clock that is off is refused like a wrong one; waiting cures it, dead letters and a pause would not.
  const skewMin = skewMinutes(headers["date"], nowMs);
  if (skewMin !== null && [400, 401, 403, 422].includes(status)) {
    return waiting(`the clock here and the platform's differ by ${skewMin} minutes (${status})`);
  }
  switch (status) {
    case 413:
      return { kind: "too-much", why: "the platform finds it too large (413)" };
    case 400:
    case 422:
      return { kind: "refused", why: withReason(`the platform refuses it (${status})`, isPacked ? null : body) };
    case 401:
      return { kind: "pause", why: "the platform answered 401: it does not know this gateway's key" };
    case 403:
      return { kind: "pause", why: "the platform answered 403: it does not allow this gateway" };
    case 410:
      return { kind: "pause", why: "the platform answered 410: it has closed this address for good" };
    case 511:
      return waiting("the network here asks for a log-in before it lets anything through (511)");
  }
  // 408, 429, 5xx by the table; redirects (a captive portal's too), 404 and the rest: waiting, or a person, cures them.
  const moved = status >= 300 && status < 400 ? ", a redirect, which is not followed" : "";
  return waiting(`the platform answers ${status}${moved}`, retryAfterMs(headers, nowMs));
}

/** We ask for none that is [RFC 9110 §12.5.3], so that no answer can be larger than its bytes; one that is all the same is not read. */
export function isCompressed({ headers }: HttpHead): boolean {
  return !/^(identity)?$/i.test(headers["content-encoding"]?.trim() ?? "");
}

const Answer = z.object({
  accepted: z.array(z.string()).optional(),
  duplicate: z.array(z.string()).optional(),
  rejected: z
    .array(z.object({ id: z.string(), reason: z.string().optional(), permanent: z.boolean().optional() }))
    .optional(),
});

/**
 * By id what a 2xx answer settles; null when it does not speak our protocol (a captive portal's page). An empty body settles
 * "all" by the contract. Over https it can be nobody's but the platform's; over plain http, which the settings allow in a
 * private network only, nothing proves who answers: there an empty page of HTML is told apart, and an empty answer of no kind is
 * believed, as everything in that network is. Ids, which no portal can know, are the better answer. `isPage`: see Meaning.
 */
export function settlementOf(body: Buffer, isPage = false): ReadonlyMap<string, Delivery> | "all" | null {
  const text = body.toString("utf8").trim();
  if (text === "") return isPage ? null : "all";
  const answer = Answer.safeParse(parseJson(text)).data;
  if (answer === undefined || Object.keys(answer).length === 0) return null;
  const deliveries = new Map<string, Delivery>();
  for (const { id, reason, permanent } of answer.rejected ?? []) {
    deliveries.set(
      id,
      permanent === true ? { kind: "rejected", why: printable(reason ?? "") || "no reason given" } : { kind: "kept" },
    );
  }
  // Named twice: what the platform says it has, it has.
  for (const id of [...(answer.accepted ?? []), ...(answer.duplicate ?? [])]) deliveries.set(id, { kind: "accepted" });
  return deliveries;
}

/** Whether a 2xx to a picture comes from a platform: empty or a JSON object that names no other digest, and not a captive portal's page. */
export function isPictureReceipt({ body, isPage }: Understood, sha256: string): boolean {
  const text = body.toString("utf8").trim();
  if (text === "") return !isPage;
  const receipt = z.looseObject({ sha256: z.string().optional() }).safeParse(parseJson(text)).data;
  return receipt !== undefined && (receipt.sha256 ?? sha256).toLowerCase() === sha256;
}

function waiting(why: string, retryAfter: number | null = null): Meaning & { kind: "wait" } {
  return { kind: "wait", retryAfterMs: retryAfter, why, isCut: false };
}

/**
 * Seconds or an HTTP date [RFC 9110 §10.2.3], the date taken against the platform's own clock where it tells it. Of several the
 * longest counts. Null, which leaves it to backoff, for what is not understood and for no time at all: a platform that says 0
 * for days is asked less and less often, too.
 */
function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const theirNowMs = Date.parse(headers["date"] ?? "");
  const sinceMs = Number.isNaN(theirNowMs) ? nowMs : theirNowMs;
  const waits = (headers["retry-after"]?.match(RETRY_AFTER) ?? []).map((text) =>
    // Date.parse takes much for a date; one of HTTP ends in GMT [RFC 9110 §5.6.7].
    /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - sinceMs,
  );
  const longest = Math.min(Math.max(0, ...waits.filter((ms) => !Number.isNaN(ms))), LIMITS.retryAfterMaxMs);
  return longest === 0 ? null : longest;
}

/** Each whole item of a list, dates with the comma they hold. */
const RETRY_AFTER = /(?<=^|,)\s*(\d+|[a-z]+, [^,]+ GMT)\s*(?=$|,)/gi;

/** Receivers refuse a time stamp five minutes off (Standard Webhooks, "Replay attacks"); null when the clocks agree or theirs is unknown. */
function skewMinutes(date: string | undefined, nowMs: number): number | null {
  const skewMs = Math.abs(Date.parse(date ?? "") - nowMs);
  return skewMs > 5 * 60_000 ? Math.round(skewMs / 60_000) : null;
}

function withReason(why: string, body: Buffer | null): string {
  const reason = printable(body?.toString("utf8") ?? "");
  return reason === "" ? why : `${why}: ${reason}`;
}

/** The platform's words are untrusted and shown to a person: one line, 200 characters. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim()
    .slice(0, 200);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

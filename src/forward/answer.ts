// What an answer of the platform means: the table of interfaces.md §4, one line per outcome.
import { z } from "zod";
import type { HttpOutcome } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import type { Delivery } from "./sink.ts";

/** `understood`: 2xx. `too-much`: send less at once. `refused`: something in the body is wrong. `wait`, `pause`: as in DeliveryReport. */
export type Meaning =
  | { readonly kind: "understood"; readonly body: Buffer }
  | { readonly kind: "too-much"; readonly why: string }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "wait"; readonly retryAfterMs: number | null; readonly why: string; readonly isTimeout: boolean }
  | { readonly kind: "pause"; readonly why: string };

/** `nowMs`: wall time, for dates in the answer. */
export function meaningOf(outcome: HttpOutcome, nowMs: number): Meaning {
  if (outcome.kind === "failed")
    return { ...waiting(`the platform ${outcome.why}`), isTimeout: outcome.how === "timeout" };
  const { status, headers, body } = outcome;
  if (status >= 200 && status < 300) return { kind: "understood", body };
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
      return { kind: "refused", why: withReason(`the platform refuses it (${status})`, body) };
    case 401:
      return { kind: "pause", why: "the platform answered 401: it does not know this gateway's key" };
    case 403:
      return { kind: "pause", why: "the platform answered 403: it does not allow this gateway" };
    case 410:
      return { kind: "pause", why: "the platform answered 410: it has closed this address for good" };
  }
  // 408, 429, 5xx by the table; redirects (a captive portal's too), 404 and the rest: waiting, or a person, cures them.
  return waiting(`the platform answers ${status}`, retryAfterMs(headers, nowMs));
}

const Answer = z.object({
  accepted: z.array(z.string()).optional(),
  duplicate: z.array(z.string()).optional(),
  rejected: z
    .array(z.object({ id: z.string(), reason: z.string().optional(), permanent: z.boolean().optional() }))
    .optional(),
});

/** By id what a 2xx answer settles; "all" for an empty body; null when it does not speak our protocol (a captive portal's page). */
export function settlementOf(body: Buffer): ReadonlyMap<string, Delivery> | "all" | null {
  const text = body.toString("utf8").trim();
  if (text === "") return "all";
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

/** Whether a 2xx to a picture comes from a platform: empty or a JSON object, and not a captive portal's page. */
export function isPictureReceipt(body: Buffer): boolean {
  const text = body.toString("utf8").trim();
  return text === "" || z.looseObject({}).safeParse(parseJson(text)).success;
}

function waiting(why: string, retryAfter: number | null = null): Meaning & { kind: "wait" } {
  return { kind: "wait", retryAfterMs: retryAfter, why, isTimeout: false };
}

/** Seconds or an HTTP date [RFC 9110 §10.2.3], the date taken against the platform's own clock where it tells it. */
function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const text = headers["retry-after"]?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LIMITS.retryAfterMaxMs);
  // Date.parse takes "-5" for a date; an HTTP date ends in GMT [RFC 9110 §5.6.7].
  const untilMs = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(untilMs)) return null;
  const theirNowMs = Date.parse(headers["date"] ?? "");
  const waitMs = untilMs - (Number.isNaN(theirNowMs) ? nowMs : theirNowMs);
  return Math.min(Math.max(waitMs, 0), LIMITS.retryAfterMaxMs);
}

/** Receivers refuse a time stamp five minutes off (Standard Webhooks, "Replay attacks"); null when the clocks agree or theirs is unknown. */
function skewMinutes(date: string | undefined, nowMs: number): number | null {
  const skewMs = Math.abs(Date.parse(date ?? "") - nowMs);
  return skewMs > 5 * 60_000 ? Math.round(skewMs / 60_000) : null;
}

function withReason(why: string, body: Buffer): string {
  const reason = printable(body.toString("utf8"));
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

// Whether a platform is there, before it is named in the settings: one unsigned question to the address that a steward typed, as
// `hedgerow doctor` asks it. Nothing is told to it, and nothing of its answer is shown.
import { GatewayError } from "../core/errors.ts";
import { openHttpClient } from "../core/http-client.ts";
import type { MessageKey } from "../languages/say.ts";
import { checkUrl } from "../settings/address-checks.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";

/** `key`: what is said; `why`: what exactly went wrong, in English; `next`: the next step. */
export type Look = {
  readonly isGood: boolean;
  readonly key: MessageKey;
  readonly why?: string;
  readonly next?: MessageKey;
};

/** A mistake in an address of that kind, or null: another scheme, a login in it, a query, plain http over the internet. */
export function urlMistake(kind: "https" | "mqtt", typed: string): "scheme" | "form" | null {
  const url = URL.parse(typed);
  if (url === null || typed.length > SETUP_LIMITS.urlChars || url.hostname === "") return "form";
  // URL would take them, leave them out or write them otherwise: what stands in the file is to be what was read on the screen.
  if (/[\s\p{C}]/u.test(typed)) return "form";
  const schemes = kind === "https" ? ["https:", "http:"] : ["mqtts:", "mqtt:"];
  if (!schemes.includes(url.protocol)) return "scheme";
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") return "form";
  const isOpen = checkUrl({ url: typed.replace(/^mqtt/, "http"), path: [], isPlatform: true }).length > 0;
  return isOpen ? "scheme" : null;
}

/** Asks an https platform; of a broker it is said that it cannot be seen before. Throws what is no failure of the line. */
export async function lookAtPlatform(kind: "https" | "mqtt", url: string, stop: AbortSignal): Promise<Look> {
  if (kind === "mqtt") return { isGood: true, key: "setup.platform-mqtt-later" };
  const { platformLookMs: timeoutMs, platformLookBytes: answerBytesMax } = SETUP_LIMITS;
  await using client = openHttpClient({ connections: 1, connectTimeoutMs: timeoutMs });
  const outcome = await client.ask({ method: "GET", url, answerBytesMax, timeoutMs }, stop);
  if (stop.aborted) throw new GatewayError("INTERNAL", "the question to the platform was broken off");
  if (outcome.kind === "answer" && outcome.status === 511) return { isGood: false, key: "setup.platform-log-in" };
  if (outcome.kind === "answer" || outcome.how === "too-large") return { isGood: true, key: "setup.platform-answers" };
  return { isGood: false, key: "setup.platform-silent", why: outcome.why, next: "setup.platform-silent-next" };
}

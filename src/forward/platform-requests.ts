// One request to the platform at a time: signed, within its bounds, by the certificates and secrets of that moment, and counted
// in bytes. What an answer means is said in answer.ts.
import type { Clock } from "../core/clock.ts";
import type { GatewayKey } from "../core/gateway-key.ts";
import { type HttpAsk, type HttpOutcome, openHttpClient } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import type { HttpsSinkSettings } from "../settings/platform-schema.ts";
import { isCompressed, type Meaning, meaningOf } from "./answer.ts";
import { openPlatformFiles } from "./platform-files.ts";
import { contentId, createSigner } from "./signature.ts";

export type PlatformNeeds = {
  /** The entry of gateway.yaml, file names made absolute by its loader. */
  readonly settings: HttpsSinkSettings;
  readonly gatewayId: string;
  readonly key: Pick<GatewayKey, "signAll">;
  readonly clock: Clock;
  /** One request, from connecting to the last byte of its answer; a picture has more by its size. */
  readonly requestMs: number;
};

export type PlatformRequests = AsyncDisposable & {
  /** `body`: a CloudEvents batch. Throws nothing. */
  postEvents(body: string, stop: AbortSignal): Promise<Meaning>;
  putPicture(picture: { readonly jpeg: Buffer; readonly sha256: string }, stop: AbortSignal): Promise<Meaning>;
  /** Of all requests so far: heads and bodies that went out or may have, without TLS and TCP. */
  bytesSent(): number;
};

/** Reads the named files; nothing is sent yet. Throws SECRET_UNREADABLE, CERTIFICATE_UNUSABLE. */
export async function openPlatformRequests(needs: PlatformNeeds): Promise<PlatformRequests> {
  const { settings, gatewayId, key, clock, requestMs } = needs;
  const files = await openPlatformFiles(settings);
  const sign = createSigner({ key });
  const http = openHttpClient({
    credentials: () => files.current(),
    proxy: settings.proxy,
    // Requests go one after another: a second connection would only be a second handshake.
    connections: 1,
    connectTimeoutMs: LIMITS.platformConnectMs,
  });
  const base = settings.url.replace(/\/+$/, "");
  let bytesSent = 0;

  const headersFor = async (kind: "events" | "snapshot", content: string) => {
    const timestampS = Math.floor(clock.nowMs() / 1000);
    const { secrets } = await files.current();
    return {
      "accept-encoding": "identity",
      "hedgerow-gateway": gatewayId,
      ...sign({ id: contentId(kind, content), timestampS, content }, secrets),
    };
  };
  const send = async (ask: HttpAsk & { readonly body: Uint8Array | string }, stop: AbortSignal): Promise<Meaning> => {
    const outcome = await http.ask({ ...ask, bodyFate: (head) => (isCompressed(head) ? "cut" : "collect") }, stop);
    const isSent = outcome.kind === "answer" || outcome.how === "timeout" || outcome.how === "broken";
    if (isSent) bytesSent += Buffer.byteLength(ask.body) + headBytesOf(ask);
    const meaning = meaningOf(outcome, clock.nowMs());
    // A certificate that was renewed badly shows only when the old one is refused: then both are told.
    const asides = [
      files.trouble(),
      isOutOfDate(outcome) && !clock.isSynced() ? "the clock here is not set yet" : null,
    ];
    const told = asides.filter((aside) => aside !== null);
    return meaning.kind === "wait" ? { ...meaning, why: [meaning.why, ...told].join("; ") } : meaning;
  };

  return {
    async postEvents(body, stop) {
      const headers = { "content-type": "application/cloudevents-batch+json", ...(await headersFor("events", body)) };
      const bounds = { timeoutMs: requestMs, answerBytesMax: LIMITS.platformAnswerBytes };
      return await send({ method: "POST", url: `${base}/v1/events`, headers, body, ...bounds }, stop);
    },
    async putPicture({ jpeg, sha256 }, stop) {
      const headers = { "content-type": "image/jpeg", ...(await headersFor("snapshot", sha256)) };
      const timeoutMs = requestMs + Math.ceil((jpeg.length / LIMITS.platformBytesPerS) * 1000);
      const bounds = { timeoutMs, answerBytesMax: LIMITS.pictureAnswerBytes };
      return await send({ method: "PUT", url: `${base}/v1/snapshots/${sha256}`, headers, body: jpeg, ...bounds }, stop);
    },
    bytesSent: () => bytesSent,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** Names, values and what stands between them; host and length come on top of ours. */
function headBytesOf({ method, url, headers = {} }: HttpAsk): number {
  const ours = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return method.length + url.length + ours + 64;
}

/** A Pi boots in the past: then certificates are not valid yet, and nothing is wrong with them. */
function isOutOfDate(outcome: HttpOutcome): boolean {
  return outcome.kind === "failed" && /CERT_(NOT_YET_VALID|HAS_EXPIRED)/.test(outcome.why);
}

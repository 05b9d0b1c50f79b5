// What the contract's checks ask a platform: requests signed as a gateway signs them, or wrongly on purpose.
// It shares no code with the sink: a mistake there would not be seen by a check that repeats it.
import { createHash, type KeyObject, sign } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { HttpAsk, HttpClient, HttpOutcome } from "../../core/http-client.ts";
import type { ExampleEvent } from "./example-events.ts";

/**
 * How a request differs from a plain one. `signatures`: in place of the header's value, from the good one. `bytes`: the body is
 * filled up to so many, with spaces, which JSON allows. `body`: in place of the events.
 */
export type Wrongly = {
  readonly ageS?: number;
  readonly isUnsigned?: boolean;
  readonly signatures?: (good: string) => string;
  readonly sha256?: string;
  readonly bytes?: number;
  readonly body?: string;
};

const Settlement = z.object({
  accepted: z.array(z.string()).optional(),
  duplicate: z.array(z.string()).optional(),
  rejected: z.array(z.object({ id: z.string(), reason: z.string(), permanent: z.boolean() })).optional(),
});

/** `status` 0: no answer, for the reason in `why`. `settlement`: of a 2xx, "all" for an empty body, null for what is not of the contract. */
export type Answer = {
  readonly status: number;
  readonly why: string;
  readonly settlement: z.infer<typeof Settlement> | "all" | null;
};

export type PlatformDoor = {
  post(events: readonly unknown[], wrongly?: Wrongly): Promise<Answer>;
  put(jpeg: Buffer, wrongly?: Wrongly): Promise<Answer>;
};

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES = 1024 * 1024;

/** `privateKey`: ed25519. Nothing is sent yet. */
export function openPlatformDoor({
  url,
  gateway,
  privateKey,
  http,
  clock,
  stop,
}: {
  url: string;
  gateway: string;
  privateKey: KeyObject;
  http: HttpClient;
  clock: Clock;
  stop: AbortSignal;
}): PlatformDoor {
  const base = url.replace(/\/+$/, "");
  const signed = (id: string, content: string, { ageS = 0, isUnsigned, signatures }: Wrongly) => {
    if (isUnsigned === true) return { "hedgerow-gateway": gateway };
    const timestamp = Math.floor(clock.nowMs() / 1000) - ageS;
    const bytes = Buffer.from(`${id}.${timestamp}.${content}`);
    const good = `v1a,${sign(null, bytes, privateKey).toString("base64")}`;
    return {
      "hedgerow-gateway": gateway,
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signatures?.(good) ?? good,
    };
  };
  // A server may close a connection that it kept at any moment [RFC 9112 §9.5]; a gateway tries again too.
  const ask = async (request: Omit<HttpAsk, "timeoutMs" | "answerBytesMax">): Promise<Answer> => {
    const outcome = await http.ask({ ...request, ...bounds }, stop);
    if (outcome.kind !== "failed" || outcome.how !== "broken") return answerOf(outcome);
    return answerOf(await http.ask({ ...request, ...bounds }, stop));
  };
  const bounds = { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES };
  return {
    async post(events, wrongly = {}) {
      const plain = wrongly.body ?? JSON.stringify(events);
      const body = wrongly.bytes === undefined ? plain : `${plain.slice(0, -1).padEnd(wrongly.bytes - 1)}]`;
      const headers = {
        "content-type": "application/cloudevents-batch+json",
        ...signed(`events_${digest(body).slice(0, 32)}`, body, wrongly),
      };
      return ask({ method: "POST", url: `${base}/v1/events`, headers, body });
    },
    async put(jpeg, wrongly = {}) {
      const sha256 = wrongly.sha256 ?? digest(jpeg);
      const headers = {
        "content-type": "image/jpeg",
        ...signed(`snapshot_${digest(sha256).slice(0, 32)}`, sha256, wrongly),
      };
      const address = `${base}/v1/snapshots/${sha256}`;
      return ask({ method: "PUT", url: address, headers, body: jpeg });
    },
  };
}

/** What became of an event by the answer: "unnamed" when the platform says nothing of it. */
export function fateOf(
  { id }: ExampleEvent,
  { settlement }: Answer,
): "accepted" | "duplicate" | "refused" | "later" | "unnamed" {
  if (settlement === null) return "unnamed";
  if (settlement === "all" || settlement.accepted?.includes(id) === true) return "accepted";
  if (settlement.duplicate?.includes(id) === true) return "duplicate";
  const rejected = settlement.rejected?.find((each) => each.id === id);
  if (rejected === undefined) return "unnamed";
  return rejected.permanent ? "refused" : "later";
}

function answerOf(outcome: HttpOutcome): Answer {
  if (outcome.kind === "failed") return { status: 0, why: `no answer (${outcome.why})`, settlement: null };
  const { status, body } = outcome;
  const isGood = status >= 200 && status < 300;
  return {
    status,
    why: `it answered ${status}`,
    settlement: isGood ? settlementOf(body.toString("utf8").trim()) : null,
  };
}

function settlementOf(text: string): Answer["settlement"] {
  if (text === "") return "all";
  try {
    const settlement = Settlement.safeParse(JSON.parse(text)).data;
    return settlement === undefined || Object.keys(settlement).length === 0 ? null : settlement;
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

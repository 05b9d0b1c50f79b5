// What a gateway that waits for its disk says of itself: it has no command socket, which would lie on that disk, so its page is asked.
import { z } from "zod";
import { DISK_LIMITS } from "../core/disk-limits.ts";
import { GatewayError } from "../core/errors.ts";
import { openHttpClient } from "../core/http-client.ts";
import type { GatewaySettings } from "../settings/schema.ts";

const Waiting = z.object({ error: z.string(), next: z.string(), disk: z.string() });

/** The error to show when a gateway on this machine waits for its disk, or null when none says so. */
export async function diskWaitOf({ status: { host, port } }: GatewaySettings): Promise<GatewayError | null> {
  const here = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  await using client = openHttpClient({ connectTimeoutMs: DISK_LIMITS.askMs });
  const url = `http://${here.includes(":") ? `[${here}]` : here}:${port}/readyz`;
  const bounds = { timeoutMs: DISK_LIMITS.askMs, answerBytesMax: DISK_LIMITS.answerBytes };
  const answer = await client.ask({ method: "GET", url, ...bounds }, new AbortController().signal);
  if (answer.kind !== "answer" || answer.status !== 503) return null;
  const waiting = Waiting.safeParse(jsonOr(answer.body.toString("utf8")));
  if (!waiting.success) return null;
  const { error, next } = waiting.data;
  return new GatewayError("DATA_DIR_UNUSABLE", `the gateway waits for its disk. ${error}`, { hint: next });
}

/** A gateway that is stopping answers in plain text. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// What may be sent to the page: nothing but POST has a body, and it is read whole, counted while it comes, before a route sees it.
import type { WebContext } from "./answers.ts";

/** `read`: the routes find the body in `c.req`. `broken`: it ended before its end; nobody may be there to hear of it. */
export type BodyRead = "read" | "too-large" | "broken";

/**
 * Reads the body of a POST, announced by a length, sent in chunks or absent, `bytesMax` at most, and puts a request of
 * Node's own in the place of the adaptor's. Hono's bodyLimit copies the adaptor's light request instead, which throws unless
 * the global Request is replaced for the whole gateway (server.ts does not).
 */
export async function readBody(c: WebContext, bytesMax: number): Promise<BodyRead> {
  const { raw } = c.req;
  if (raw.method !== "POST") return "read";
  if (Number(raw.headers.get("content-length") ?? 0) > bytesMax) return "too-large";
  const body = await collect(raw.body, bytesMax);
  if (typeof body === "string") return body;
  c.req.raw = new Request(raw.url, { method: raw.method, headers: [...raw.headers], body, signal: raw.signal });
  return "read";
}

async function collect(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | "too-large" | "broken"> {
  if (body === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  // Not cancelled when too large: that would cut the socket before the answer; the adaptor drains or closes it afterwards.
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
      if (bytes > bytesMax) return "too-large";
      parts.push(part.value);
    }
  } catch {
    return "broken";
  }
  return Buffer.concat(parts, bytes);
}

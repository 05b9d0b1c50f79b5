// A server that behaves as badly as the internet does: each test says how it answers, and reads what arrived.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Certificates } from "./certificates.ts";

export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Answers one request, or does not. */
export type Behaviour = (exchange: {
  readonly response: ServerResponse;
  readonly request: Received;
  readonly socket: IncomingMessage["socket"];
}) => void;

export type ScriptedPlatform = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
};

/** Each request is answered by `behave`, after its whole body has arrived. `port`: 0 for any free one. */
export async function startScriptedPlatform(
  behave: Behaviour,
  certificates?: Certificates,
  port = 0,
): Promise<ScriptedPlatform> {
  const received: Received[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers, body: Buffer.concat(chunks) };
    received.push(request);
    behave({ response, request, socket: incoming.socket });
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    answer(incoming, response).catch(() => response.destroy());
  };
  const server =
    certificates === undefined
      ? createServer(listener)
      : createTlsServer({ cert: certificates.cert, key: certificates.key }, listener);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = portOf(server);
  return {
    url: `${certificates === undefined ? "http" : "https"}://127.0.0.1:${bound}`,
    port: bound,
    received,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The first request that arrived. */
export function firstOf(platform: { readonly received: readonly Received[] }): Received {
  const [first] = platform.received;
  if (first === undefined) throw new Error("nothing arrived");
  return first;
}

/** Answers with a status, a body and headers. */
export function answering(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Behaviour {
  return ({ response }) => void response.writeHead(status, headers).end(body);
}

/** Answers as a good platform does, but `judge` may refuse the ids of a batch with a status. */
export function acceptingUnless(judge: (ids: readonly string[]) => number | null): Behaviour {
  return ({ response, request }) => {
    const ids = request.method === "PUT" ? [] : idsOf(request);
    const refusal = judge(ids);
    if (refusal === null)
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ accepted: ids }));
    else response.writeHead(refusal).end();
  };
}

/** The event ids in a request's body, as its bytes say. */
export function idsOf({ body }: Received): string[] {
  return [...body.toString("utf8").matchAll(/"id":"([^"]+)"/g)].map((match) => match[1] ?? "");
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

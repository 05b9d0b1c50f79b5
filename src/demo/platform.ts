// The reference receiver: what a community platform has to do, in one small server (interfaces.md §4).
// It is outside the house: it knows gateways by their public keys and shares no code with what signs.
import { isIP, type AddressInfo } from "node:net";
import { Server } from "node:http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { systemCodeOf } from "../core/errors.ts";
import { platformPage, STYLE } from "./platform-page.ts";
import { type PublicKeys, verifySignature } from "./platform-signature.ts";
import { openPlatformStore, type PlatformStore } from "./platform-store.ts";

/** `file`: see openPlatformStore. `port` 0: any free one. */
export type PlatformNeeds = {
  readonly host: string;
  readonly port: number;
  readonly publicKeys: PublicKeys;
  readonly file?: string | undefined;
  readonly nowMs?: () => number;
};

export type Platform = AsyncDisposable & { readonly url: string; readonly store: PlatformStore };

/** How it plays being away: answers 503, or cuts the connection without a word. */
type Away = { readonly away: boolean; readonly how: "unavailable" | "refuse" };

type State = { away: Away; readonly refused: Map<string, number> };
type Env = { Bindings: HttpBindings };

const Control = z.strictObject({ away: z.boolean(), how: z.enum(["unavailable", "refuse"]).default("unavailable") });
const BATCH_BYTES = 256 * 1024;
const PICTURE_BYTES = 16 * 1024 * 1024;

/** Opens the receiver. Throws Node's EADDRINUSE and what openPlatformStore throws. */
export async function openPlatform(needs: PlatformNeeds): Promise<Platform> {
  const store = await openPlatformStore({ file: needs.file });
  const server = createAdaptorServer({ fetch: createApp({ ...needs, store }).fetch });
  if (!(server instanceof Server)) throw new TypeError("the adaptor makes a plain HTTP server unless told otherwise");
  try {
    await listen(server, needs);
  } catch (cause) {
    await store[Symbol.asyncDispose]();
    throw cause;
  }
  return {
    url: `http://${needs.host}:${portOf(server)}`,
    store,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await store[Symbol.asyncDispose]();
    },
  };
}

function createApp(needs: PlatformNeeds & { readonly store: PlatformStore }): Hono<Env> {
  const { store, publicKeys, nowMs = Date.now } = needs;
  const state: State = { away: { away: false, how: "unavailable" }, refused: new Map() };
  const app = new Hono<Env>();

  const refuse = (why: string) => {
    state.refused.set(why, (state.refused.get(why) ?? 0) + 1);
    return Response.json({ error: why }, { status: 401 });
  };

  app.onError((thrown, c) => {
    // A sender whose line breaks off sends again; that is no fault here.
    if (systemCodeOf(thrown) === "ECONNRESET") return c.json({ error: "the request broke off" }, 400);
    console.error(thrown);
    return c.json({ error: "the receiver failed" }, 500);
  });
  app.use(async (c, next) => {
    await next();
    c.header("x-content-type-options", "nosniff");
    c.header(
      "content-security-policy",
      "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });
  app.use("/v1/*", async (c, next) => {
    if (!state.away.away || c.req.method === "GET") return next();
    if (state.away.how === "refuse") c.env.incoming.socket.destroy();
    return c.json({ error: "away" }, 503);
  });

  app.post(
    "/v1/events",
    bodyLimit({ maxSize: BATCH_BYTES, onError: (c) => c.json({ error: "too large" }, 413) }),
    async (c) => {
      const body = new Uint8Array(await c.req.arrayBuffer());
      const verified = await verifySignature(
        { header: (name) => c.req.header(name), content: body },
        { publicKeys, nowMs: nowMs() },
      );
      if ("refused" in verified) return refuse(verified.refused);
      const batch = z.array(z.unknown()).max(500).safeParse(parseJson(body));
      if (!batch.success) return c.json({ error: "not a batch of at most 500 CloudEvents" }, 400);
      return c.json(await store.takeEvents(batch.data, verified.gateway));
    },
  );

  app.put(
    "/v1/snapshots/:sha256{[0-9a-f]{64}}",
    bodyLimit({ maxSize: PICTURE_BYTES, onError: (c) => c.json({ error: "too large" }, 413) }),
    async (c) => {
      const sha256 = c.req.param("sha256");
      const verified = await verifySignature(
        { header: (name) => c.req.header(name), content: sha256 },
        { publicKeys, nowMs: nowMs() },
      );
      if ("refused" in verified) return refuse(verified.refused);
      const jpeg = Buffer.from(await c.req.arrayBuffer());
      if (!store.takePicture({ sha256, jpeg, gateway: verified.gateway }))
        return c.json({ error: "the bytes have another digest" }, 422);
      return c.json({ sha256, bytes: jpeg.length }, 201);
    },
  );

  app.get("/v1/events", (c) => {
    const after = z.coerce
      .number()
      .int()
      .min(0)
      .safeParse(c.req.query("after") ?? 0);
    if (!after.success) return c.json({ error: "after is a number from 0" }, 400);
    return c.json(store.since(after.data));
  });
  app.get("/v1/snapshots", (c) =>
    c.json({
      snapshots: store.pictures().map(({ sha256, jpeg, gateway }) => ({ sha256, bytes: jpeg.length, gateway })),
    }),
  );
  app.get("/v1/snapshots/:sha256{[0-9a-f]{64}}", (c) => {
    const picture = store.picture(c.req.param("sha256"));
    if (picture === undefined) return c.json({ error: "no such picture" }, 404);
    return c.body(new Uint8Array(picture.jpeg), 200, {
      "content-type": "image/jpeg",
      "cache-control": "private, immutable, max-age=86400",
    });
  });
  app.get("/v1/stats", (c) =>
    c.json({ ...store.stats(), refused: Object.fromEntries(state.refused), away: state.away.away }),
  );

  app.get("/", (c) => c.html(platformPage({ store, refused: state.refused, isAway: state.away.away, nowMs: nowMs() })));
  app.get("/style.css", (c) => c.body(STYLE, 200, { "content-type": "text/css; charset=utf-8" }));

  // For the demo's key `p` and for tests; a JSON body cannot be sent across sites without asking first.
  app.post("/control", bodyLimit({ maxSize: 1024 }), async (c) => {
    if (!isLoopback(c.env.incoming.socket.remoteAddress)) return c.json({ error: "from this machine only" }, 403);
    if (c.req.header("content-type") !== "application/json") return c.json({ error: "send application/json" }, 415);
    const ask = Control.safeParse(parseJson(new Uint8Array(await c.req.arrayBuffer())));
    if (!ask.success) return c.json({ error: 'send {"away": true} or {"away": false}' }, 400);
    state.away = ask.data;
    return c.json(state.away);
  });
  return app;
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function isLoopback(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/, "") ?? "";
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // Not JSON, or not UTF-8: the schema refuses undefined in its own words.
    return undefined;
  }
}

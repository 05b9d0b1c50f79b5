// Messages to an address on the web, against a real HTTP server on loopback: as ntfy reads them, as JSON that is signed, and of each
// thing that goes wrong which one it was.
import { createPublicKey, generateKeyPairSync, sign as signWith, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSigner } from "../../src/forward/signature.ts";
import { pushWay } from "../../src/notices/push.ts";
import type { Handed, Message } from "../../src/notices/way.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { readSecret } from "../../src/settings/secrets.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openOddPort } from "./smtp-server.ts";

let directory: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  directory = await tempDir();
  await writeFile(join(directory.path, "token"), "tk_made_up\n", { mode: 0o600 });
  await writeFile(join(directory.path, "ill"), "two\nlines", { mode: 0o600 });
});
afterAll(() => directory[Symbol.asyncDispose]());

const { privateKey } = generateKeyPairSync("ed25519");
const key = { signAll: (bytes: Uint8Array) => [signWith(null, bytes, privateKey)] };
const NOW_MS = Date.UTC(2026, 10, 21, 13);
const MESSAGE: Message = {
  id: "notice_made-up",
  atMs: Date.UTC(2026, 10, 21, 12),
  what: "needs-a-hand",
  troubles: [{ kind: "sensor-silent", count: 2, lastedMs: 40 * 60_000 }],
  subject: "Hedgerow: 2 речі",
  text: "2 sensors have been silent for 40 minutes.\n",
  page: "https://kit.elm.example",
};

type Asked = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string };

async function openPushServer(status = 200, more: Readonly<Record<string, string>> = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      asked.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString("utf8") });
      response.writeHead(status, more).end("some words");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    asked,
    url: `http://127.0.0.1:${address.port}/elm`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function send(url: string, more: Readonly<Record<string, unknown>> = {}, attemptMs = 5000): Promise<Handed> {
  const { notices } = SCHEMAS.gateway.parse({ gateway: { id: "elm-street" }, notices: { push: [{ url, ...more }] } });
  const [settings] = notices.push;
  if (settings === undefined) throw new Error("no push");
  const limits = { attemptMs, connectMs: 2000 };
  const way = pushWay({ settings, readSecret, sign: createSigner({ key }), nowMs: () => NOW_MS, limits });
  return way.send(MESSAGE, new AbortController().signal);
}

test("an ntfy server gets the words, a title it can read, and where the page is", async () => {
  await using server = await openPushServer();
  expect(await send(server.url, { tokenFile: join(directory.path, "token") })).toEqual({ isSent: true, failure: null });
  const [asked] = server.asked;
  expect(asked).toMatchObject({
    url: "/elm",
    body: MESSAGE.text,
    headers: { authorization: "Bearer tk_made_up", tags: "warning", click: MESSAGE.page },
  });
  const title = /^=\?UTF-8\?B\?(.*)\?=$/.exec(String(asked?.headers["title"]))?.[1] ?? "";
  expect(Buffer.from(title, "base64").toString("utf8")).toBe(MESSAGE.subject);
});

test("a webhook gets JSON that the gateway's key signed, as Standard Webhooks has it", async () => {
  await using server = await openPushServer(204);
  expect(await send(server.url, { kind: "webhook" })).toEqual({ isSent: true, failure: null });
  const { headers = {}, body = "" } = server.asked[0] ?? {};
  expect(JSON.parse(body)).toEqual({
    type: "hedgerow.notice.v1",
    timestamp: "2026-11-21T12:00:00.000Z",
    data: {
      state: "needs-a-hand",
      troubles: [{ kind: "sensor-silent", count: 2, minutes: 40 }],
      title: MESSAGE.subject,
      text: MESSAGE.text,
      page: MESSAGE.page,
    },
  });
  const [id, at, signature] = ["id", "timestamp", "signature"].map((name) => String(headers[`webhook-${name}`]));
  expect([id, at]).toEqual([MESSAGE.id, String(NOW_MS / 1000)]);
  const bytes = Buffer.from(signature?.replace(/^v1a,/, "") ?? "", "base64");
  expect(verify(null, Buffer.from(`${id}.${at}.${body}`), createPublicKey(privateKey), bytes)).toBe(true);
});

test.each([
  [302, "redirected"],
  [401, "refused"],
  [403, "refused"],
  [404, "no-such-address"],
  [400, "not-accepted"],
  [429, "not-now"],
  [503, "server-error"],
] as const)("an answer %i is called %s, and no redirect is followed", async (status, problem) => {
  await using elsewhere = await openPushServer();
  await using server = await openPushServer(status, { location: elsewhere.url });
  const failure = { problem, said: `${status} some words` };
  expect(await send(server.url)).toEqual({ isSent: false, failure });
  expect(elsewhere.asked).toEqual([]);
});

test("a server that hangs, hangs up, floods, or is not there ends within its bound", async () => {
  const problemAt = async (port: number): Promise<string | undefined> =>
    (await send(`http://127.0.0.1:${port}/elm`, {}, 300)).failure?.problem;
  await using silent = await openOddPort(() => undefined);
  expect(await problemAt(silent.port)).toBe("timeout");
  await using cut = await openOddPort((socket) => void socket.end());
  expect(await problemAt(cut.port)).toBe("cut");
  await using flood = await openOddPort((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.write("x".repeat(100_000));
  });
  expect(await problemAt(flood.port)).toBe("not-a-server");
  const { port } = silent;
  await silent[Symbol.asyncDispose]();
  expect(await problemAt(port)).toBe("no-route");
  expect((await send("http://push.invalid/elm")).failure?.problem).toBe("no-name");
});

test("a token that is lost, or none, sends nothing", async () => {
  await using server = await openPushServer();
  for (const name of ["lost", "ill"])
    expect((await send(server.url, { tokenFile: join(directory.path, name) })).failure?.problem).toBe("secret");
  expect(server.asked).toEqual([]);
});

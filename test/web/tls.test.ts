// https for the page, over real sockets: our own authority and what it may sign for, the association's own certificate renewed on
// disk, the end of a certificate under a clock that is held, and clients that mean no good.
import { once } from "node:events";
import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { silentLog } from "../../src/core/log.ts";
import { type GatewaySettings, SCHEMAS } from "../../src/settings/schema.ts";
import { openTlsDoor } from "../../src/web/tls-door.ts";
import { readAuthority } from "../../src/web/tls-files.ts";
import { TLS_LIMITS } from "../../src/web/tls-limits.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb, post } from "../helpers/test-web.ts";

const NOW_MS = Date.UTC(2026, 10, 22);

type Tls = NonNullable<GatewaySettings["status"]["tls"]>;

function settingsWith(tls: Tls, publicUrl?: string): GatewaySettings {
  const settings = SCHEMAS.gateway.parse({ gateway: { id: "elm-street", name: "Elm Street" } });
  const url = publicUrl === undefined ? {} : { publicUrl };
  return { ...settings, status: { host: "127.0.0.1", port: 0, ...url, tls } };
}

/** A greeting as a browser's, checked against `ca` for `servername` or 127.0.0.1; the certificate that was shown. */
async function greet(port: number, { ca, servername }: { ca: string; servername?: string }): Promise<TLSSocket> {
  const socket = connectTls({ port, host: "127.0.0.1", ca, ...(servername !== undefined && { servername }) });
  await once(socket, "secureConnect");
  return socket;
}

async function shownBy(port: number, by: { ca: string; servername?: string }): Promise<string> {
  const socket = await greet(port, by);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function askBy(
  port: number,
  { ca, host, path }: { ca: string; host: string; path: string },
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const asked = request({
    port,
    host: "127.0.0.1",
    servername: host,
    ca,
    path,
    headers: { host: `${host}:${port}`, connection: "close" },
  });
  asked.end();
  const [answer] = await once(asked, "response");
  let text = "";
  for await (const part of answer) text += String(part);
  return { status: answer.statusCode, headers: answer.headers, text };
}

test("a browser that trusts the house's authority reads the page by its name and by its address", async () => {
  await using page = await openTestWeb({ settings: settingsWith({ port: 0 }) });
  const { tls } = page.web;
  if (tls?.authority == null) throw new Error("no https");
  const { pem: ca } = tls.authority;
  const answer = await askBy(tls.port, { ca, host: "localhost", path: "/transparency" });
  expect(answer.status).toBe(200);
  expect(answer.headers["strict-transport-security"]).toBeUndefined();
  (await greet(tls.port, { ca })).destroy();
  expect((await page.ask("GET", "/transparency")).status).toBe(200);
});

test("the authority that one installs is on the page with its fingerprint, in clear too, and on disk for the gateway's user alone", async () => {
  await using page = await openTestWeb({ settings: settingsWith({ port: 0 }) });
  const shown = await page.ask("GET", "/tls");
  const authority = await readAuthority(page.dataDir);
  expect(shown.text.replaceAll("<wbr>", "")).toContain(authority?.fingerprint);
  expect(shown.text).toContain(`https://127.0.0.1:${page.web.tls?.port}`);
  const der = await page.ask("GET", "/tls/authority.crt");
  expect(der.headers["content-type"]).toBe("application/x-x509-ca-cert");
  const pem = await page.ask("GET", "/tls/authority.pem");
  expect(pem.text).toBe(authority?.pem);
  expect(pem.text).not.toContain("PRIVATE");
  for (const [name, mode] of [
    ["", 0o700],
    ["authority.pem", 0o600],
    ["page.pem", 0o600],
  ] as const)
    expect((await stat(join(page.dataDir, "tls", name))).mode & 0o777).toBe(mode);
});

test("the association's own certificate is shown, and another one as soon as it is on disk whole", async () => {
  await using directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const ca = await readFile(made.caFile, "utf8");
  const files = { certFile: join(directory.path, "page.crt"), keyFile: join(directory.path, "page.key") };
  await copyFile(made.certFile, files.certFile);
  await copyFile(made.keyFile, files.keyFile);
  await using page = await openTestWeb({ settings: settingsWith({ port: 0, ...files }) });
  const { tls } = page.web;
  if (tls === null) throw new Error("no https");
  const first = await shownBy(tls.port, { ca, servername: "localhost" });
  await mkdir(join(directory.path, "next"));
  const next = await makeCertificates(join(directory.path, "next"));
  await copyFile(next.certFile, files.certFile); // its key is not there yet
  await tls.look();
  expect(await shownBy(tls.port, { ca, servername: "localhost" })).toBe(first);
  await copyFile(next.keyFile, files.keyFile);
  await tls.look();
  const nextCa = await readFile(next.caFile, "utf8");
  expect(await shownBy(tls.port, { ca: nextCa, servername: "localhost" })).not.toBe(first);
});

test("a key that is another's stops the start, with its code", async () => {
  await using directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const other = await made.issue("other");
  const opening = openTestWeb({ settings: settingsWith({ port: 0, certFile: made.certFile, keyFile: other.keyFile }) });
  await expect(opening).rejects.toMatchObject({ code: "CERTIFICATE_UNUSABLE" });
});

test("under a name of the association's certificate pages lead on to https; under an address, and for programs, they stay", async () => {
  await using directory = await tempDir();
  const { certFile, keyFile } = await makeCertificates(directory.path);
  await using page = await openTestWeb({ settings: settingsWith({ port: 0, certFile, keyFile }) });
  const { port } = page.web.address;
  const named = { headers: { host: `localhost:${port}` } };
  const led = await page.ask("GET", "/login?next=%2Fbuffer", named);
  expect([led.status, led.headers.location]).toEqual([
    307,
    `https://localhost:${page.web.tls?.port}/login?next=%2Fbuffer`,
  ]);
  for (const path of ["/transparency", "/sign", "/tls", "/healthz", "/metrics", "/api/v1/transparency"])
    expect([path, (await page.ask("GET", path, named)).status]).toEqual([path, 200]);
  expect((await page.ask("GET", "/login", { headers: { host: `[::1]:${port}` } })).status).not.toBe(307);
});

test("a change that is sent by https from another site is refused as it is by http", async () => {
  await using page = await openTestWeb({ settings: settingsWith({ port: 0 }) });
  const { status } = await post(page, "/logout", {}, { origin: "https://evil.example" });
  expect(status).toBe(403);
});

test(
  "rubbish, plain http and a client that says nothing end no other connection, and closing waits for none of them",
  async () => {
    const board = new Board();
    await using page = await openTestWeb({ settings: settingsWith({ port: 0 }), board });
    const { tls } = page.web;
    if (tls?.authority == null) throw new Error("no https");
    const silent = connect(tls.port, "127.0.0.1");
    await once(silent, "connect");
    for (const bytes of [
      "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
      Buffer.alloc(20_000, 0x16),
      Buffer.from([0x16, 3, 1, 255, 255, 1]),
    ]) {
      const socket = connect(tls.port, "127.0.0.1");
      socket.on("error", () => socket.destroy()).resume();
      const closed = once(socket, "close");
      socket.end(bytes);
      await closed;
    }
    const old = connectTls({
      port: tls.port,
      host: "127.0.0.1",
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ca: tls.authority.pem,
    });
    await once(old, "error");
    expect(board.get("web.refused.tls")).toBeGreaterThanOrEqual(3);
    expect((await askBy(tls.port, { ca: tls.authority.pem, host: "localhost", path: "/healthz" })).status).toBe(200);
    const ended = once(silent, "close");
    silent.on("error", () => silent.destroy()).resume();
    await page.web[Symbol.asyncDispose]();
    await ended;
    // Sooner than a silent client is given up by itself: closing has ended it.
  },
  TLS_LIMITS.handshakeMs - 2000,
);

test("no https is asked for: no authority is made", async () => {
  await using directory = await tempDir();
  const { clock } = fakeTime(NOW_MS);
  const settings = SCHEMAS.gateway.parse({ gateway: { id: "elm" } });
  const deps = { settings, dataDir: directory.path, clock, log: silentLog, board: new Board() };
  expect(await openTlsDoor(deps)).toBeNull();
  expect(await readAuthority(directory.path)).toBeNull();
});

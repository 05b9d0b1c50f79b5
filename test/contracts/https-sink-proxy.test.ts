// The HTTPS sink behind an HTTP proxy: the tunnel holds what a direct connection holds, the proxy sees a name and no content, and
// whatever a proxy says in place of a tunnel is no word of the platform.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeAuthority, makeCertificates } from "../forward/certificates.ts";
import { makeEntries } from "../forward/memory-spool.ts";
import { acceptingUnless, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";
import { startProxy, type TestProxy } from "../forward/test-proxy.ts";
import { serveTls } from "../forward/tls-platform.ts";

const PASSWORD = "made-up-word";
let bench: SinkBench;
let certificates: Certificates;
let caFile: string;
beforeAll(async () => {
  bench = await openSinkBench();
  certificates = makeCertificates("127.0.0.1");
  caFile = await bench.write("ca.pem", certificates.ca);
});
afterAll(() => bench[Symbol.asyncDispose]());

const takeAll = acceptingUnless(() => null);

async function deliverBy(proxy: TestProxy, url: string, files: Parameters<SinkBench["open"]>[1] = {}) {
  await using sink = await bench.open(url, { proxy: proxy.url, caFile, ...files });
  return await sink.deliver(makeEntries(2), noPicture, never);
}

describe("a tunnel", () => {
  test("carries deliveries, on one connection, and shows the proxy the platform's name and no content", async () => {
    await using platform = await startScriptedPlatform(takeAll, certificates);
    await using proxy = await startProxy();
    await using sink = await bench.open(platform.url, { proxy: proxy.url, caFile });
    for (let round = 0; round < 3; round++)
      expect(kinds(await sink.deliver(makeEntries(2), noPicture, never))).toEqual({ 1: "accepted", 2: "accepted" });
    expect(proxy.asked).toEqual([
      `CONNECT 127.0.0.1:${platform.port} HTTP/1.1\r\nhost: 127.0.0.1:${platform.port}\r\n\r\n`,
    ]);
    expect(proxy.seen().length).toBeGreaterThan(500);
    expect(proxy.seen()).not.toMatch(/hedgerow|cloudevents|webhook/i);
    expect(platform.received[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("is made with the login of proxyCredentialsFile, also when that is renewed", async () => {
    await using platform = await startScriptedPlatform(takeAll, certificates);
    await using proxy = await startProxy({ login: `gate:${PASSWORD}` });
    const proxyCredentialsFile = await bench.write("proxy-login", "gate:older\n");
    await using sink = await bench.open(platform.url, { proxy: proxy.url, caFile, proxyCredentialsFile });
    const refused = await sink.deliver(makeEntries(1), noPicture, never);
    expect(refused.next).toMatchObject({
      kind: "wait",
      why: expect.stringContaining("refuses the login in proxyCredentialsFile (407)"),
    });
    await bench.write("proxy-login", `gate:${PASSWORD}\n`);
    expect(kinds(await sink.deliver(makeEntries(1), noPicture, never))).toEqual({ 1: "accepted" });
    expect(platform.received[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("is made by a proxy that speaks TLS, too", async () => {
    await using platform = await startScriptedPlatform(takeAll, certificates);
    await using proxy = await startProxy({ tls: certificates });
    expect(kinds(await deliverBy(proxy, platform.url))).toEqual({ 1: "accepted", 2: "accepted" });
    expect(proxy.asked).toHaveLength(1);
  });

  test("holds the platform's certificate to the same authority and the same name", async () => {
    await using proxy = await startProxy();
    for (const wrong of [makeCertificates("platform.example"), { ...makeAuthority("Another").issue("127.0.0.1") }]) {
      await using platform = await serveTls({ cert: wrong.cert, key: wrong.key });
      const report = await deliverBy(proxy, platform.url);
      expect(report.next).toMatchObject({
        kind: "wait",
        why: expect.stringContaining("certificate that is not trusted"),
      });
    }
    const other = makeCertificates("platform.example");
    await using platform = await serveTls({ cert: other.cert, key: other.key });
    const report = await deliverBy(proxy, platform.url, { caFile: await bench.write("other-ca.pem", other.ca) });
    expect(report.next).toMatchObject({ why: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID") });
  });

  test("shows the platform this gateway's own certificate", async () => {
    const clients = makeAuthority("Clients");
    const mine = clients.issue("elm-street");
    const { cert, key } = certificates;
    await using platform = await serveTls({ cert, key, ca: clients.pem, requestCert: true });
    await using proxy = await startProxy();
    const certFile = await bench.write("client.pem", mine.cert);
    const keyFile = await bench.write("client.key", mine.key);
    expect(kinds(await deliverBy(proxy, platform.url, { certFile, keyFile }))).toEqual({
      1: "accepted",
      2: "accepted",
    });
    expect(platform.clients.map((serial) => Number.parseInt(serial ?? "", 16))).toEqual([mine.serial]);
  });

  test("leads to a plain platform in a private network as well", async () => {
    await using platform = await startScriptedPlatform(takeAll);
    await using proxy = await startProxy();
    expect(kinds(await deliverBy(proxy, platform.url))).toEqual({ 1: "accepted", 2: "accepted" });
    expect(proxy.asked).toHaveLength(1);
  });
});

describe("in place of a tunnel", () => {
  const page = "<!doctype html><title>Log in</title>";
  const html = (status: string): string =>
    `HTTP/1.1 ${status}\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`;

  test.each<[string, string, RegExp]>([
    ["407", html("407 Proxy Authentication Required"), /asks for a login \(407\); name proxyCredentialsFile$/],
    ["403", html("403 Forbidden"), /does not allow it \(403\)$/],
    ["502", html("502 Bad Gateway"), /does not reach it \(502\)$/],
    ["504 without a body", "HTTP/1.1 504 Gateway Timeout\r\n\r\n", /does not reach it \(504\)$/],
    ["a redirect to a log-in", "HTTP/1.1 302 Found\r\nlocation: http://log.in/\r\n\r\n", /answers 302$/],
    ["a refusal of the method", html("405 Method Not Allowed"), /makes no tunnels \(405\)$/],
    ["a page with 200", html("200 OK"), /answers in its place$/],
    ["a head that never ends", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(5000)}`, /does not speak HTTP$/],
    ["something else than HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", /does not speak HTTP$/],
    ["nothing, and hangs up", "", /hung up$/],
    ["half a head, and hangs up", "HTTP/1.1 200 OK\r\nvia:", /hung up$/],
  ])("%s settles nothing and is told by the proxy's name", async (_name, says, why) => {
    await using platform = await startScriptedPlatform(takeAll, certificates);
    await using proxy = await startProxy({ says });
    const report = await deliverBy(proxy, platform.url);
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringMatching(why) });
    expect(JSON.stringify(report.next)).toContain(`the platform cannot be reached: the proxy ${proxy.host} `);
    expect(report.bytesSent).toBe(0);
    expect(platform.received).toEqual([]);
  });

  test("an answer of 200 and then a page, where the platform speaks plain HTTP, is no word of the platform", async () => {
    await using proxy = await startProxy({ says: html("200 OK") });
    const report = await deliverBy(proxy, "http://127.0.0.1:1");
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringContaining("answers in its place") });
  });

  test("a tunnel in which the proxy itself answers without encryption is not the platform", async () => {
    const says = "HTTP/1.1 200 Connection established\r\n\r\n";
    await using proxy = await startProxy({ says, after: "answer" });
    const report = await deliverBy(proxy, "https://platform.example");
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringContaining("answers without encryption") });
    await using plain = await startProxy({ says, after: "answer" });
    const plainly = await deliverBy(plain, "http://10.0.0.1");
    expect([kinds(plainly), plainly.next.kind], "a page is not an acceptance there either").toEqual([{}, "wait"]);
  });

  test("silence ends by the time-out, and the connection with it", async () => {
    await using proxy = await startProxy({ says: "", after: "wait" });
    const report = await deliverBy(proxy, "https://platform.example", { limits: { requestMs: 200 } });
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: "the platform gave no answer within 200 ms" });
  });

  test("nobody there is told as such", async () => {
    await using sink = await bench.open("https://platform.example", { proxy: "http://127.0.0.1:1", caFile });
    expect((await sink.deliver(makeEntries(1), noPicture, never)).next).toMatchObject({
      why: "the platform cannot be reached: the proxy 127.0.0.1:1 cannot be reached (ECONNREFUSED)",
    });
  });

  test("a refused login is in no sentence", async () => {
    await using proxy = await startProxy({ login: "gate:another" });
    const proxyCredentialsFile = await bench.write("proxy-secret", `gate:${PASSWORD}\n`);
    const report = await deliverBy(proxy, "https://platform.example", { proxyCredentialsFile });
    expect(JSON.stringify(report)).not.toContain(PASSWORD);
    expect(proxy.asked[0]).toContain(Buffer.from(`gate:${PASSWORD}`).toString("base64"));
  });

  test("a login that is not user:password is refused at the start, and not shown", async () => {
    const proxyCredentialsFile = await bench.write("proxy-bad", `${PASSWORD}\n`);
    const opened = bench.open("https://platform.example", { proxy: "http://127.0.0.1:1", proxyCredentialsFile });
    await expect(opened).rejects.toMatchObject({
      code: "SECRET_UNREADABLE",
      message: expect.not.stringContaining(PASSWORD),
    });
  });
});

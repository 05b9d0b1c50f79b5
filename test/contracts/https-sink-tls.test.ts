// The HTTPS sink's encryption: which certificates it believes, and that it never takes anything weaker.
// Real servers on loopback; the authorities are made for each test.
import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { rename } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { DeliveryReport } from "../../src/forward/sink.ts";
import {
  type Certificates,
  EXPIRED,
  makeAuthority,
  makeCertificates,
  makeSelfSigned,
  NOT_YET_VALID,
} from "../forward/certificates.ts";
import { makeEntries } from "../forward/memory-spool.ts";
import { answering, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { serveTls } from "../forward/tls-platform.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench, waits } from "../forward/sink-bench.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function deliverOver({ cert, key }: Omit<Certificates, "ca">, ca: string): Promise<DeliveryReport> {
  await using platform = await serveTls({ cert, key });
  return await bench.deliverOne(platform.url, { caFile: await bench.write("ca.pem", ca) });
}

describe("a platform's certificate", () => {
  const HOST = "127.0.0.1";
  const good = makeCertificates(HOST);

  test.each<[string, Certificates, string, RegExp]>([
    ["that has expired", ...twice(makeCertificates(HOST, EXPIRED)), /it has expired \(CERT_HAS_EXPIRED\)/],
    ["that is not valid yet", ...twice(makeCertificates(HOST, NOT_YET_VALID)), /not valid yet \(CERT_NOT_YET_VALID\)/],
    ["for another host", ...twice(makeCertificates("platform.example")), /for another name \(ERR_TLS_CERT_ALTNAME/],
    ["for another address", ...twice(makeCertificates("127.0.0.2")), /for another name \(ERR_TLS_CERT_ALTNAME/],
    ["of a namesake of the authority", good, makeCertificates(HOST).ca, /not known here.*\(CERT_SIGNATURE_FAILURE\)$/],
    [
      "of another authority",
      good,
      makeAuthority("Another").pem,
      /not known here.*\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
    ],
    ["signed by itself", makeSelfSigned(HOST), good.ca, /nobody known here.*\(DEPTH_ZERO_SELF_SIGNED_CERT\)$/],
  ])("%s is not believed, and nothing is settled", async (_name, certificates, ca, why) => {
    const report = await deliverOver(certificates, ca);
    expect(kinds(report)).toEqual({});
    expect(report.next).toEqual(waits(why));
    expect(report.bytesSent).toBe(0);
  });

  test("that is not valid yet by a clock that was never set is told as the clock's fault, and by one that was set is not", async () => {
    const { ca, ...shown } = makeCertificates(HOST, NOT_YET_VALID);
    const caFile = await bench.write("early-ca.pem", ca);
    await using platform = await serveTls(shown);
    for (const isSynced of [false, true]) {
      const { next } = await bench.deliverOne(platform.url, { caFile, clock: fakeTime(Date.now(), isSynced).clock });
      expect("why" in next && next.why.endsWith("; the clock here is not set yet")).toBe(!isSynced);
    }
  });

  test("of a private authority is believed where that is named, also one that signed itself and is named itself", async () => {
    expect(kinds(await deliverOver(good, good.ca))).toEqual({ 1: "accepted" });
    const own = makeSelfSigned(HOST);
    expect(kinds(await deliverOver(own, own.ca))).toEqual({ 1: "accepted" });
  });

  test("of the public authorities alone is believed where none is named", async () => {
    await using platform = await serveTls(good);
    expect((await bench.deliverOne(platform.url, {})).next).toEqual(waits(/certificate that is not trusted/));
  });

  test("below an intermediate is believed with its chain in any order, and not without", async () => {
    const root = makeAuthority();
    const office = root.intermediate();
    const stranger = makeAuthority("Stranger").pem;
    const { cert, key } = office.issue(HOST);
    for (const chain of [cert + office.pem, cert + root.pem + office.pem, cert + stranger + office.pem])
      expect(kinds(await deliverOver({ cert: chain, key }, root.pem))).toEqual({ 1: "accepted" });
    expect((await deliverOver({ cert, key }, root.pem)).next).toEqual(waits(/chain is not whole/));
  });

  test("that caFile's revocation list names is not believed, and another one is", async () => {
    const root = makeAuthority();
    const [revoked, fine] = [root.issue(HOST), root.issue(HOST)];
    const ca = root.pem + root.revocationList(revoked.serial);
    expect((await deliverOver(revoked, ca)).next).toEqual(waits(/it was revoked \(CERT_REVOKED\)$/));
    expect(kinds(await deliverOver(fine, ca))).toEqual({ 1: "accepted" });
  });

  test("of an authority that takes another's place on disk while the gateway runs is believed from then on, the old one no more", async () => {
    const [before, after] = [makeCertificates(HOST), makeCertificates(HOST)];
    await using older = await serveTls(before);
    await using newer = await serveTls(after);
    const caFile = await bench.write("renewed-ca.pem", before.ca);
    await using toOlder = await bench.open(older.url, { caFile });
    await using toNewer = await bench.open(newer.url, { caFile });
    const both = async () => {
      const reports = [toOlder, toNewer].map((sink) => sink.deliver(makeEntries(1), noPicture, never));
      return (await Promise.all(reports)).map(({ next }) => next.kind);
    };
    expect(await both()).toEqual(["go-on", "wait"]);
    await rename(await bench.write("renewed-ca.tmp", after.ca), caFile);
    expect(await both()).toEqual(["wait", "go-on"]);
  });
});

describe("never weaker", () => {
  const { cert, key, ca } = makeCertificates("127.0.0.1");

  test.each(["TLSv1", "TLSv1.1"] as const)(
    "a platform that speaks %s only is told apart and gets nothing",
    async (old) => {
      const weak = { minVersion: old, maxVersion: old, ciphers: "DEFAULT@SECLEVEL=0" } as const;
      await using platform = await serveTls({ cert, key, ...weak });
      const report = await bench.deliverOne(platform.url, { caFile: await bench.write("weak-ca.pem", ca) });
      expect(report.next).toEqual(waits(/no encryption newer than TLS 1\.1/));
      expect(platform.clients).toEqual([]);
    },
  );

  test("a certificate that nobody known has signed is not believed either where Node's environment switches its checks off", async () => {
    await using platform = await serveTls({ cert, key });
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const report = await bench.deliverOne(platform.url, {}).finally(() => vi.unstubAllEnvs());
    expect(kinds(report)).toEqual({});
    expect(report.next).toEqual(waits(/certificate that is not trusted/));
  });

  test("TLS 1.3 is taken where it is offered, and 1.2 where it is the best", async () => {
    const caFile = await bench.write("best-ca.pem", ca);
    const spoken: (string | null)[] = [];
    for (const maxVersion of ["TLSv1.3", "TLSv1.2"] as const) {
      await using platform = await serveTls({ cert, key, maxVersion });
      platform.server.on("secureConnection", (socket) => spoken.push(socket.getProtocol()));
      await bench.deliverOne(platform.url, { caFile });
    }
    expect(spoken).toEqual(["TLSv1.3", "TLSv1.2"]);
  });

  test("what answers https in the clear is not the platform", async () => {
    const heard: (string | undefined)[] = [];
    const server = createPlainServer((incoming, response) => {
      heard.push(incoming.url);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    await using _closed = { [Symbol.asyncDispose]: async () => server.close().closeAllConnections() };
    const address = server.address();
    const report = await bench.deliverOne(`https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, {});
    expect(report.next).toEqual(waits(/answers without encryption/));
    expect(heard).toEqual([]);
  });

  test.each([301, 302, 307, 308])("%i to the same place without encryption is not followed", async (status) => {
    await using plain = await startScriptedPlatform(answering(204));
    const there = { location: `${plain.url}/v1/events` };
    await using platform = await startScriptedPlatform(answering(status, "", there), { cert, key, ca });
    const report = await bench.deliverOne(platform.url, { caFile: await bench.write("redirect-ca.pem", ca) });
    expect(report.next).toEqual(waits(/a redirect, which is not followed$/));
    expect(plain.received).toEqual([]);
  });
});

function twice(certificates: Certificates): [Certificates, string] {
  return [certificates, certificates.ca];
}

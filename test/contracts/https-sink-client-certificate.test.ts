// The HTTPS sink's own certificate: shown to a platform that asks for one, renewed on disk while it runs, and its refusals told apart.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXPIRED, makeAuthority, makeCertificates } from "../forward/certificates.ts";
import { makeEntries } from "../forward/memory-spool.ts";
import { answering, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench, waits } from "../forward/sink-bench.ts";
import { serveTls } from "../forward/tls-platform.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("this gateway's own certificate", () => {
  const platforms = makeCertificates("127.0.0.1");
  const clients = makeAuthority("Clients");
  const asking = { cert: platforms.cert, key: platforms.key, ca: clients.pem, requestCert: true };

  async function filesOf({ cert, key }: { cert: string; key: string }) {
    const [caFile, certFile, keyFile] = await Promise.all([
      bench.write("platform-ca.pem", platforms.ca),
      bench.write("client.pem", cert),
      bench.write("client.key", key),
    ]);
    return { caFile, certFile, keyFile };
  }

  test.each(["TLSv1.3", "TLSv1.2"] as const)("is shown to a platform that asks for one (%s)", async (maxVersion) => {
    const mine = clients.issue("elm-street");
    const files = await filesOf(mine);
    await using platform = await serveTls({ ...asking, maxVersion });
    expect(kinds(await bench.deliverOne(platform.url, files))).toEqual({ 1: "accepted" });
    expect(platform.clients.map((serial) => Number.parseInt(serial ?? "", 16))).toEqual([mine.serial]);
    expect(kinds(await bench.deliverOne(platform.url, { caFile: files.caFile }))).toEqual({});
  });

  // Node's server hangs up without a word; OpenSSL's says why, as most do.
  test.each<[string, string, { cert: string; key: string } | null]>([
    ["that is missing", "-tls1_3", null],
    ["that is missing", "-tls1_2", null],
    ["that has expired", "-tls1_3", clients.issue("elm-street", EXPIRED)],
    ["that has expired", "-tls1_2", clients.issue("elm-street", EXPIRED)],
    ["of an authority that the platform does not know", "-tls1_3", makeAuthority("Nobody").issue("elm-street")],
  ])("%s is told apart from the platform's (%s)", async (_name, version, mine) => {
    const files = await filesOf(mine ?? platforms);
    const cert = await bench.write("server.pem", platforms.cert + platforms.key);
    const known = ["-CAfile", await bench.write("clients-ca.pem", clients.pem)];
    const args = [
      "s_server",
      "-accept",
      "127.0.0.1:0",
      "-cert",
      cert,
      version,
      "-Verify",
      "2",
      "-verify_return_error",
      ...known,
    ];
    const child = spawn("openssl", args, { stdio: ["pipe", "pipe", "ignore"] });
    await using _ended = {
      [Symbol.asyncDispose]: async () => void (child.kill("SIGKILL") && (await once(child, "exit"))),
    };
    const port = await portSaidBy(child.stdout);
    const report = await bench.deliverOne(
      `https://127.0.0.1:${port}`,
      mine === null ? { caFile: files.caFile } : files,
    );
    expect(report.next).toEqual(waits(/client certificate.*\(ERR_SSL_/));
  });

  test("that is renewed on disk while the gateway runs is shown from the next connection on; a half renewed pair is not", async () => {
    await using platform = await serveTls(asking);
    const [before, after] = [clients.issue("elm-street"), clients.issue("elm-street")];
    const files = await filesOf(before);
    await using sink = await bench.open(platform.url, files);
    const deliver = async () => (await sink.deliver(makeEntries(1), noPicture, never)).next.kind;
    const shown = () => Number.parseInt(platform.clients.at(-1) ?? "", 16);
    expect([await deliver(), shown()]).toEqual(["go-on", before.serial]);
    await bench.write("client.pem", after.cert);
    expect([await deliver(), shown()], "the new certificate with the old key").toEqual(["go-on", before.serial]);
    await bench.write("client.key", after.key);
    expect([await deliver(), shown()]).toEqual(["go-on", after.serial]);
  });

  test("that was renewed badly is told beside what the platform says", async () => {
    await using platform = await startScriptedPlatform(answering(503), platforms);
    const files = await filesOf(clients.issue("elm-street"));
    await using sink = await bench.open(platform.url, files);
    await bench.write("client.pem", "-----BEGIN CERTIFICATE-----\ntorn");
    const report = await sink.deliver(makeEntries(1), noPicture, never);
    expect(report.next).toEqual(
      waits(/^the platform answers 503; the platform's certificates .*client\.pem\) cannot be used/),
    );
  });

  test("is refused at the start where it is none, of another key, or its authority's file holds nothing", async () => {
    const [one, other] = [clients.issue("elm-street"), clients.issue("elm-street")];
    const broken = { code: "CERTIFICATE_UNUSABLE" };
    const open = (files: Parameters<SinkBench["open"]>[1]) => bench.open("https://127.0.0.1:1", files);
    await expect(open(await filesOf({ cert: "none", key: one.key }))).rejects.toMatchObject(broken);
    await expect(open(await filesOf({ cert: one.cert, key: other.key }))).rejects.toMatchObject({
      ...broken,
      message: expect.stringContaining("key of another certificate"),
    });
    await expect(open({ caFile: await bench.write("empty-ca.pem", "\n") })).rejects.toMatchObject(broken);
  });
});

/** OpenSSL's server says `ACCEPT 127.0.0.1:40123`. Its output is read on: it would end at the first line that nobody takes. */
function portSaidBy(output: Readable): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  output.on("data", (piece: Buffer) => {
    said += piece.toString();
    const port = /^ACCEPT .*:(\d+)$/m.exec(said)?.[1];
    if (port !== undefined) resolve(port);
  });
  output.on("close", () => reject(new Error(`openssl said no port: ${said}`)));
  return promise;
}

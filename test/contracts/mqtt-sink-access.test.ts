// Who may, with a real Mosquitto: the MQTT sink against its access list, its passwords and its certificates. Skipped aloud where
// Mosquitto is not installed.
import { pbkdf2Sync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Certificates,
  EXPIRED,
  makeAuthority,
  makeCertificates,
  makeSelfSigned,
  NOT_YET_VALID,
} from "../forward/certificates.ts";
import { makeEntries } from "../forward/memory-spool.ts";
import { openBenchSink } from "../forward/mqtt-bench.ts";
import { kinds, never, noPicture } from "../forward/sink-bench.ts";
import { hasMosquitto, type SiteBroker, startMosquitto } from "../helpers/site-broker.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const BASE = "hedgerow/test-gate";
const urlOf = ({ port }: SiteBroker): string => `mqtt://127.0.0.1:${port}`;

describe.skipIf(!hasMosquitto)("who may (Debian package mosquitto)", () => {
  const ACL = ["allow_anonymous true", "acl_file DIRECTORY/acl"];

  test("what the access list denies is a pause with MQTT 5, and nothing is settled", async () => {
    await using broker = await startMosquitto({ lines: ACL, files: { acl: "topic readwrite elsewhere/#\n" } });
    await using sink = await openBenchSink(urlOf(broker));
    const report = await sink.deliver(makeEntries(3), noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next).toEqual({
      kind: "pause",
      why: "the broker answered 135: this gateway may not publish its topics",
    });
  });

  test("a status that the access list denies does not stop the events", async () => {
    await using broker = await startMosquitto({ lines: ACL, files: { acl: `topic write ${BASE}/events/#\n` } });
    await using sink = await openBenchSink(urlOf(broker));
    expect(kinds(await sink.deliver(makeEntries(1), noPicture, never))).toEqual({ 1: "accepted" });
    expect(sink.said()).toContain("does not let this gateway publish its status");
  });

  test("a wrong password is a pause that says so; the file is read anew at each connection", async () => {
    await using files = await tempDir();
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(join(files.path, name), content);
      return join(files.path, name);
    };
    // As mosquitto_passwd writes it: PBKDF2-SHA512 of 101 rounds.
    const salt = Buffer.alloc(12, 9);
    const hash = pbkdf2Sync("right-word", salt, 101, 64, "sha512").toString("base64");
    const passwords = `gate:$7$101$${salt.toString("base64")}$${hash}\n`;
    await using broker = await startMosquitto({
      lines: ["allow_anonymous false", "password_file DIRECTORY/passwords"],
      files: { passwords },
    });
    const usernameFile = await file("user", "gate\n");
    const passwordFile = await file("password", "wrong-word\n");
    await using sink = await openBenchSink(urlOf(broker), { usernameFile, passwordFile });
    const refused = await sink.deliver(makeEntries(1), noPicture, never);
    expect(refused.next).toMatchObject({
      kind: "pause",
      why: expect.stringMatching(/user name and password|allow this/),
    });
    expect(JSON.stringify(refused) + sink.said()).not.toContain("wrong-word");
    await file("password", "right-word\n");
    expect(kinds(await sink.deliver(makeEntries(1), noPicture, never))).toEqual({ 1: "accepted" });
  });
});

describe.skipIf(!hasMosquitto)("certificates (Debian package mosquitto)", () => {
  const HOST = "127.0.0.1";

  async function deliverOver(
    server: Omit<Certificates, "ca">,
    { ca, client, lines = [] }: { ca: string; client?: { cert: string; key: string }; lines?: readonly string[] },
  ) {
    const files = { "server.pem": server.cert, "server.key": server.key, "ca.pem": ca };
    await using broker = await startMosquitto({
      lines: ["allow_anonymous true"],
      listener: ["certfile DIRECTORY/server.pem", "keyfile DIRECTORY/server.key", ...lines],
      files,
    });
    const at = (name: string): string => join(broker.directory, name);
    if (client !== undefined) {
      await writeFile(at("client.pem"), client.cert);
      await writeFile(at("client.key"), client.key);
    }
    const ours = client === undefined ? {} : { certFile: at("client.pem"), keyFile: at("client.key") };
    await using sink = await openBenchSink(`mqtts://${HOST}:${broker.port}`, { caFile: at("ca.pem"), ...ours });
    return await sink.deliver(makeEntries(1), noPicture, never);
  }

  const good = makeCertificates(HOST);

  test("of the private authority is believed", async () => {
    expect(kinds(await deliverOver(good, { ca: good.ca }))).toEqual({ 1: "accepted" });
  });

  const itsOwn = (certificates: Certificates): [Certificates, string] => [certificates, certificates.ca];
  test.each<[string, Certificates, string, RegExp]>([
    ["that has expired", ...itsOwn(makeCertificates(HOST, EXPIRED)), /it has expired \(CERT_HAS_EXPIRED\)$/],
    [
      "that is not valid yet",
      ...itsOwn(makeCertificates(HOST, NOT_YET_VALID)),
      /not valid yet \(CERT_NOT_YET_VALID\)$/,
    ],
    ["for another host", ...itsOwn(makeCertificates("platform.example")), /for another name/],
    ["for another address", ...itsOwn(makeCertificates("127.0.0.2")), /for another name/],
    ["of another authority", good, makeAuthority("Another").pem, /not known here/],
    ["signed by itself", makeSelfSigned(HOST), good.ca, /nobody known here/],
  ])("%s is not believed: a wait in plain words, and nothing is settled", async (_name, server, ca, why) => {
    const report = await deliverOver(server, { ca });
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringMatching(why) });
    expect(report.bytesSent).toBe(0);
  });

  test("of the gateway are shown to a broker that asks, and one without is told what is missing", async () => {
    const authority = makeAuthority();
    const server = authority.issue(HOST);
    const lines = ["require_certificate true", "cafile DIRECTORY/ca.pem"];
    const shown = await deliverOver(server, { ca: authority.pem, client: authority.issue("gate"), lines });
    expect(kinds(shown)).toEqual({ 1: "accepted" });
    const missing = await deliverOver(server, { ca: authority.pem, lines });
    expect(missing.next).toMatchObject({ kind: "wait", why: expect.stringMatching(/certificate/) });
    expect(kinds(missing)).toEqual({});
  });

  test("are never done without: mqtts to a broker that speaks in the open settles nothing", async () => {
    await using broker = await startMosquitto();
    await using sink = await openBenchSink(`mqtts://${HOST}:${broker.port}`, { limits: { connectMs: 1000 } });
    const report = await sink.deliver(makeEntries(1), noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next.kind).toBe("wait");
    expect(broker.log.join("\n")).not.toContain("Received PUBLISH");
  });
});

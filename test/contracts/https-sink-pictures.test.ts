// Pictures through the HTTPS sink: before their event, and never in the way of the others.
import { createHash } from "node:crypto";
import { verifyAsync } from "@noble/ed25519";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPlatform } from "../../src/demo/platform.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { makeEntry } from "../forward/memory-spool.ts";
import {
  acceptingUnless,
  answering,
  type Behaviour,
  firstOf,
  startScriptedPlatform,
} from "../forward/scripted-platform.ts";
import { kinds, never, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("pictures", () => {
  const jpeg = Buffer.from("a redacted picture's bytes");
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  const pictures = async (digest: string) => {
    if (digest !== sha256) throw new Error("the file is gone");
    return jpeg;
  };
  const withPicture = (sequence: number, digest = sha256) =>
    makeEntry(sequence, { image: { sha256: digest, bytes: jpeg.length } });

  async function deliver(behave: Behaviour, entries: readonly Entry[]) {
    await using platform = await startScriptedPlatform(behave);
    await using sink = await bench.open(platform.url);
    return { ...(await sink.deliver(entries, pictures, never)), received: platform.received };
  }

  test("go first, signed over their digest", async () => {
    const { received } = await deliver(
      acceptingUnless(() => null),
      [withPicture(1), makeEntry(2)],
    );
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PUT /v1/snapshots/${sha256}`,
      "POST /v1/events",
    ]);
    const { headers, body } = firstOf({ received });
    expect(body.equals(jpeg)).toBe(true);
    expect(headers["content-type"]).toBe("image/jpeg");
    const message = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${sha256}`);
    const signature = Buffer.from(headers["webhook-signature"]?.slice(4) ?? "", "base64");
    expect(await verifyAsync(signature, message, Buffer.from(bench.key.publicKey, "base64"))).toBe(true);
  });

  test("hold up no event before them", async () => {
    const { received, deliveries } = await deliver(
      ({ request, response }) => void response.writeHead(request.method === "PUT" ? 503 : 200).end(),
      [makeEntry(1), makeEntry(2), withPicture(3)],
    );
    expect(received.map(({ method }) => method)).toEqual(["POST"]);
    expect(kinds({ deliveries })).toEqual({ 1: "accepted", 2: "accepted" });
  });

  test("without its picture no event follows", async () => {
    const { received, deliveries } = await deliver(answering(503), [withPicture(1)]);
    expect(received.map(({ method }) => method)).toEqual(["PUT"]);
    expect(deliveries.size).toBe(0);
  });

  test("a captive portal's page is not a receipt for a picture", async () => {
    const { received, next } = await deliver(answering(200, "<html>log in</html>"), [withPicture(1)]);
    expect(received).toHaveLength(1);
    expect(next.kind).toBe("wait");
  });

  test("that are gone or damaged make their entry undeliverable and do not block those behind", async () => {
    const report = await deliver(
      acceptingUnless(() => null),
      [withPicture(1, "0".repeat(64)), makeEntry(2)],
    );
    expect(kinds(report)).toEqual({ 1: "undeliverable", 2: "accepted" });
  });

  test.each([413, 422])("refused with %i make a dead letter and do not block those behind", async (status) => {
    const report = await deliver(
      ({ request, response }) => void response.writeHead(request.method === "PUT" ? status : 200).end(),
      [withPicture(1), makeEntry(2)],
    );
    expect(kinds(report)).toEqual({ 1: "rejected", 2: "accepted" });
  });

  test("too slow for the link wait on their own", async () => {
    await using platform = await startScriptedPlatform(
      ({ request, response }) => void (request.method === "POST" && response.writeHead(200).end()),
    );
    await using sink = await bench.open(platform.url, { limits: { requestMs: 200 } });
    const report = await sink.deliver([withPicture(1), makeEntry(2)], pictures, never);
    expect(kinds(report)).toEqual({ 1: "kept" });
  });

  test("arrive at the reference receiver before their event, and it takes both", async () => {
    await using platform = await openPlatform({
      host: "127.0.0.1",
      port: 0,
      publicKeys: new Map([["test-gate", bench.key.publicKey]]),
    });
    await using sink = await bench.open(platform.url);
    const report = await sink.deliver([withPicture(1), makeEntry(2)], pictures, never);
    expect(kinds(report)).toEqual({ 1: "accepted", 2: "accepted" });
    expect(platform.store.picture(sha256)?.jpeg.equals(jpeg)).toBe(true);
    expect(platform.store.events().map(({ id }) => id)).toEqual([makeEntry(1).id, makeEntry(2).id]);
  });
});

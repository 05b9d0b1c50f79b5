// The HTTPS sink's requests, byte by byte, as interfaces.md §4 and Standard Webhooks want them.
import { createHmac } from "node:crypto";
import { verifyAsync } from "@noble/ed25519";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import { acceptingUnless, answering, firstOf, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { never, noPicture, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";

const SECRET = `whsec_${Buffer.from("a shared secret of 32 bytes ....").toString("base64")}`;

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("what is sent", () => {
  test("is a CloudEvents batch of the stored bytes, with the gateway's name", async () => {
    const entries = [makeEntry(1, { note: 'ünï "quoted" \\u2028' }), makeEntry(2)];
    const { received } = await bench.deliverTo(
      acceptingUnless(() => null),
      entries,
    );
    expect(received[0]).toMatchObject({
      method: "POST",
      path: "/v1/events",
      headers: { "content-type": "application/cloudevents-batch+json", "hedgerow-gateway": "test-gate" },
    });
    expect(received[0]?.body.toString()).toBe(`[${entries[0]?.body},${entries[1]?.body}]`);
  });

  test("is signed so that an independent ed25519 library agrees", async () => {
    const { received } = await bench.deliverTo(
      acceptingUnless(() => null),
      makeEntries(3),
    );
    const { headers, body } = firstOf({ received });
    const signature = Buffer.from(headers["webhook-signature"]?.replace(/^v1a,/, "") ?? "", "base64");
    const message = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body.toString()}`);
    expect(await verifyAsync(signature, message, Buffer.from(bench.key.publicKey, "base64"))).toBe(true);
    message[message.length - 2] = 0;
    expect(await verifyAsync(signature, message, Buffer.from(bench.key.publicKey, "base64"))).toBe(false);
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(5);
  });

  test("carries a v1 signature that the standardwebhooks library verifies, where a secret is shared", async () => {
    const sharedSecretFile = await bench.write("secret", `${SECRET}\n`);
    await using platform = await startScriptedPlatform(acceptingUnless(() => null));
    await using sink = await bench.open(platform.url, { sharedSecretFile });
    await sink.deliver(makeEntries(2), noPicture, never);
    const { headers, body } = firstOf(platform);
    expect(headers["webhook-signature"]).toMatch(/^v1a,\S{88} v1,\S{44}$/);
    expect(new Webhook(SECRET).verify(body.toString(), { ...headers })).toHaveLength(2);
  });

  test("has the same webhook-id for the same content, and another for other content", async () => {
    const ids: (string | undefined)[] = [];
    for (const entries of [makeEntries(3), makeEntries(3), makeEntries(4)]) {
      const { received } = await bench.deliverTo(answering(503), entries);
      ids.push(received[0]?.headers["webhook-id"]);
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    expect(ids[0]).not.toContain(".");
  });

  test("never exceeds 256 KiB or 500 events, and leaves out nothing when repeated", async () => {
    const fat = Array.from({ length: 40 }, (_, index) => makeEntry(index + 1, { padding: 20_000 }));
    const { received, deliveries } = await bench.deliverTo(
      acceptingUnless(() => null),
      fat,
    );
    expect(received[0]?.body.length).toBeLessThanOrEqual(LIMITS.batchBytes);
    expect(deliveries.size).toBe(12);
    expect(
      (
        await bench.deliverTo(
          acceptingUnless(() => null),
          makeEntries(600),
        )
      ).deliveries.size,
    ).toBe(500);
  });

  test("an event that alone exceeds a batch is undeliverable, and no request is made", async () => {
    const { received, deliveries, next } = await bench.deliverTo(answering(200), [
      makeEntry(1, { padding: LIMITS.batchBytes }),
    ]);
    expect({ requests: received.length, kind: [...deliveries.values()][0]?.kind, next }).toEqual({
      requests: 0,
      kind: "undeliverable",
      next: { kind: "go-on" },
    });
  });

  test("a shared secret that is none is refused at opening", async () => {
    const sharedSecretFile = await bench.write("bad-secret", "not base64 at all!");
    await expect(bench.open("http://127.0.0.1:1", { sharedSecretFile })).rejects.toMatchObject({
      code: "SECRET_UNREADABLE",
    });
    await expect(bench.open("http://127.0.0.1:1", { caFile: "/nowhere/absent.pem" })).rejects.toMatchObject({
      code: "SECRET_UNREADABLE",
    });
  });
});

test("a v1 signature is HMAC-SHA256 over the same bytes (Standard Webhooks, symmetric)", async () => {
  const sharedSecretFile = await bench.write("secret-2", SECRET);
  await using platform = await startScriptedPlatform(answering(200));
  await using sink = await bench.open(platform.url, { sharedSecretFile });
  await sink.deliver(makeEntries(1), noPicture, never);
  const { headers, body } = firstOf(platform);
  const mac = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(
    `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body.toString()}`,
  );
  expect(headers["webhook-signature"]?.split(" ")[1]).toBe(`v1,${mac.digest("base64")}`);
});

describe("two shared secrets, while one follows the other", () => {
  const NEXT = `whsec_${Buffer.from("the next shared secret, 32 bytes").toString("base64")}`;
  const verify = ({ headers, body }: ReturnType<typeof firstOf>, secret: string) =>
    new Webhook(secret).verify(body.toString(), { ...headers });

  test("make two v1 signatures, the older first; either verifies with the standardwebhooks library", async () => {
    const sharedSecretFile = await bench.write("secrets", `${SECRET}\n${NEXT}\n`);
    await using platform = await startScriptedPlatform(acceptingUnless(() => null));
    await using sink = await bench.open(platform.url, { sharedSecretFile });
    await sink.deliver(makeEntries(1), noPicture, never);
    const request = firstOf(platform);
    expect(request.headers["webhook-signature"]).toMatch(/^v1a,\S{88} v1,\S{44} v1,\S{44}$/);
    for (const secret of [SECRET, NEXT]) expect(verify(request, secret)).toHaveLength(1);
    expect(() => verify(request, `whsec_${Buffer.alloc(32).toString("base64")}`)).toThrow("No matching signature");
  });

  test("are read again when the file changes, without a restart", async () => {
    const sharedSecretFile = await bench.write("changing", SECRET);
    await using platform = await startScriptedPlatform(acceptingUnless(() => null));
    await using sink = await bench.open(platform.url, { sharedSecretFile });
    await sink.deliver(makeEntries(1), noPicture, never);
    await bench.write("changing", NEXT);
    await sink.deliver(makeEntries(1), noPicture, never);
    const [before, after] = platform.received;
    if (before === undefined || after === undefined) throw new Error("two requests were made");
    expect([verify(before, SECRET), verify(after, NEXT)]).toHaveLength(2);
    expect(() => verify(after, SECRET)).toThrow("No matching signature");
  });

  test("are two at most", async () => {
    const sharedSecretFile = await bench.write("three", `${SECRET}\n${NEXT}\n${SECRET}\n`);
    const opened = bench.open("http://127.0.0.1:1", { sharedSecretFile });
    await expect(opened).rejects.toMatchObject({
      code: "SECRET_UNREADABLE",
      message: expect.stringContaining("3 lines"),
    });
  });
});

// The reference receiver: trusts signatures alone, keeps each event once, shows what it has, and can be away.
import { createHash } from "node:crypto";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayKey, openGatewayKey } from "../../src/core/gateway-key.ts";
import { openPlatform, type Platform } from "../../src/demo/platform.ts";
import { openPlatformStore } from "../../src/demo/platform-store.ts";
import { createSigner } from "../../src/forward/signature.ts";
import { makeEntry } from "../forward/memory-spool.ts";

let directory: string;
let key: GatewayKey;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hedgerow-platform-"));
  key = await openGatewayKey(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const open = (file?: string) =>
  openPlatform({ host: "127.0.0.1", port: 0, publicKeys: new Map([["test-gate", key.publicKey]]), file });

type Forged = {
  readonly timestampS?: number;
  readonly gateway?: string;
  readonly signature?: string;
  readonly sent?: string;
};

function post(
  platform: Platform,
  body: string,
  { timestampS = Date.now() / 1000, gateway = "test-gate", signature, sent = body }: Forged = {},
) {
  const signed = createSigner({ key })({ id: "msg", timestampS: Math.floor(timestampS), content: body });
  const headers = {
    ...signed,
    "hedgerow-gateway": gateway,
    ...(signature !== undefined && { "webhook-signature": signature }),
  };
  return fetch(`${platform.url}/v1/events`, { method: "POST", headers, body: sent });
}

const batch = (...sequences: number[]) => `[${sequences.map((sequence) => makeEntry(sequence).body).join(",")}]`;
const idOf = (sequence: number) => makeEntry(sequence).id;

describe("trust", () => {
  test.each<[string, Forged, string]>([
    ["older than five minutes", { timestampS: Date.now() / 1000 - 301 }, "stale"],
    ["from the future", { timestampS: Date.now() / 1000 + 320 }, "stale"],
    ["of an unknown gateway", { gateway: "other" }, "unknown-gateway"],
    ["with another body", { sent: batch(2) }, "bad-signature"],
    ["with a signature of nonsense", { signature: "v1a,AAAA" }, "bad-signature"],
    ["with a symmetric signature only", { signature: `v1,${"A".repeat(44)}` }, "bad-signature"],
    ["with 64 zero bytes as signature", { signature: `v1a,${Buffer.alloc(64).toString("base64")}` }, "bad-signature"],
  ])("a request %s is refused and counted", async (_name, forged, why) => {
    await using platform = await open();
    const answer = await post(platform, batch(1), forged);
    expect([answer.status, await answer.json()]).toEqual([401, { error: why }]);
    const stats: unknown = await (await fetch(`${platform.url}/v1/stats`)).json();
    expect(stats).toMatchObject({ events: 0, refused: { [why]: 1 } });
  });

  test("an unsigned request is refused", async () => {
    await using platform = await open();
    expect((await fetch(`${platform.url}/v1/events`, { method: "POST", body: batch(1) })).status).toBe(401);
  });

  test("one good signature among several is enough", async () => {
    await using platform = await open();
    const good = createSigner({ key })({ id: "msg", timestampS: Math.floor(Date.now() / 1000), content: batch(1) })[
      "webhook-signature"
    ];
    expect((await post(platform, batch(1), { signature: `v1,AAAA v1a,AAAA ${good}` })).status).toBe(200);
  });
});

describe("events", () => {
  test("are kept once, and a repeat is a duplicate", async () => {
    await using platform = await open();
    expect(await (await post(platform, batch(1, 2))).json()).toEqual({
      accepted: [idOf(1), idOf(2)],
      duplicate: [],
      rejected: [],
    });
    expect(await (await post(platform, batch(2, 3, 3))).json()).toEqual({
      accepted: [idOf(3)],
      duplicate: [idOf(2), idOf(3)],
      rejected: [],
    });
    const page: unknown = await (await fetch(`${platform.url}/v1/events?after=1`)).json();
    expect(page).toMatchObject({ events: [{ id: idOf(2) }, { id: idOf(3) }], next: 3 });
  });

  test("with the same id and another body are a conflict, counted and not kept", async () => {
    await using platform = await open();
    await post(platform, batch(1));
    const answer: unknown = await (await post(platform, `[${makeEntry(1, { note: "changed" }).body}]`)).json();
    expect(answer).toMatchObject({ accepted: [], rejected: [{ id: idOf(1), permanent: true }] });
    expect(platform.store.stats()).toMatchObject({ events: 1, conflicts: 1 });
  });

  test("of another source, or that are no CloudEvents, are rejected one by one", async () => {
    await using platform = await open();
    const foreign = makeEntry(1).body.replace("urn:hedgerow:test-gate", "urn:hedgerow:another");
    const answer: unknown = await (await post(platform, `[${foreign},{"id":"x"},7,${makeEntry(2).body}]`)).json();
    expect(answer).toMatchObject({ accepted: [idOf(2)], rejected: [{ id: idOf(1) }, { id: "x" }, { id: "" }] });
  });

  test("that are not a batch are a bad request; more than 256 KiB are too large", async () => {
    await using platform = await open();
    expect((await post(platform, "{}")).status).toBe(400);
    expect((await post(platform, "[")).status).toBe(400);
    expect((await post(platform, `[${makeEntry(1, { padding: 256 * 1024 }).body}]`)).status).toBe(413);
  });

  test("survive in the file, and a line torn by a power cut is dropped", async () => {
    const file = join(directory, "events.jsonl");
    {
      await using platform = await open(file);
      await post(platform, batch(1, 2));
    }
    await appendFile(file, '{"specversion":"1.0","id":"to');
    {
      await using platform = await open(file);
      expect(await (await post(platform, batch(2, 3))).json()).toMatchObject({
        accepted: [idOf(3)],
        duplicate: [idOf(2)],
      });
    }
    expect((await readFile(file, "utf8")).trimEnd().split("\n")).toHaveLength(3);
    await using store = await openPlatformStore({ file });
    expect(store.events()).toHaveLength(3);
  });
});

describe("pictures", () => {
  const jpeg = Buffer.from("a picture");
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  const put = (platform: Platform, digest: string, body: Buffer) => {
    const signed = createSigner({ key })({ id: "pic", timestampS: Math.floor(Date.now() / 1000), content: digest });
    return fetch(`${platform.url}/v1/snapshots/${digest}`, {
      method: "PUT",
      headers: { ...signed, "hedgerow-gateway": "test-gate" },
      body: new Uint8Array(body),
    });
  };

  test("are kept under their digest and given back", async () => {
    await using platform = await open();
    expect((await put(platform, sha256, jpeg)).status).toBe(201);
    expect(await (await fetch(`${platform.url}/v1/snapshots`)).json()).toEqual({
      snapshots: [{ sha256, bytes: 9, gateway: "test-gate" }],
    });
    const answer = await fetch(`${platform.url}/v1/snapshots/${sha256}`);
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    expect(Buffer.from(await answer.arrayBuffer()).equals(jpeg)).toBe(true);
  });

  test("with other bytes than the digest says are refused", async () => {
    await using platform = await open();
    expect((await put(platform, sha256, Buffer.from("another"))).status).toBe(422);
    expect((await fetch(`${platform.url}/v1/snapshots/${sha256}`)).status).toBe(404);
  });

  test("an event before its picture is asked to wait", async () => {
    await using platform = await open();
    const { id, body } = makeEntry(1, { image: { sha256, bytes: 9 } });
    expect(await (await post(platform, `[${body}]`)).json()).toMatchObject({ rejected: [{ id, permanent: false }] });
  });
});

describe("people", () => {
  test("see a page that escapes what came from outside and runs no script", async () => {
    await using platform = await open();
    await post(platform, `[${makeEntry(1, { note: "<script>alert(1)</script>" }).body}]`);
    const answer = await fetch(platform.url);
    const text = await answer.text();
    expect(text).toContain("motion.detected");
    expect(text).toContain("&lt;script&gt;");
    expect(text).not.toContain("<script");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("can send it away from this machine only, and not from a form of another site", async () => {
    await using platform = await open();
    const control = (headers: Record<string, string>, body: string) =>
      fetch(`${platform.url}/control`, { method: "POST", headers, body });
    expect((await control({ "content-type": "text/plain" }, '{"away":true}')).status).toBe(415);
    expect((await control({ "content-type": "application/json" }, '{"away":"yes"}')).status).toBe(400);
    expect((await control({ "content-type": "application/json" }, '{"away":true}')).status).toBe(200);
    expect((await post(platform, batch(1))).status).toBe(503);
    await control({ "content-type": "application/json" }, '{"away":true,"how":"refuse"}');
    await expect(post(platform, batch(1))).rejects.toThrow("fetch failed");
    await control({ "content-type": "application/json" }, '{"away":false}');
    expect((await post(platform, batch(1))).status).toBe(200);
  });
});

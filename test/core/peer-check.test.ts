// Only the peer that a person wrote into the kit is contacted: names are checked after they were resolved, certificates before a byte is sent.
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { createServer as createTlsServer } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectPeer, type Peer, type PeerTrust, refusalOf } from "../../src/core/peer-check.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { portOf } from "../helpers/http-cameras.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;

type Listening = AsyncDisposable & {
  readonly port: number;
  readonly connections: () => number;
  readonly heard: () => string;
};

/** Notes who came and what was heard. */
async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  let heard = "";
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => socket.destroy())));
  server.on("secureConnection", (socket: Socket) => socket.on("data", (data) => (heard += String(data))));
  const port = await portOf(server);
  return {
    port,
    connections: () => sockets.size,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function reach(peer: Partial<Peer> & { readonly port: number }, stop = never) {
  const outcome = await connectPeer({ host: "127.0.0.1", trust: null, connectMs: 5000, ...peer }, stop);
  if (outcome.kind === "connected") outcome.socket.destroy();
  return outcome;
}

const FORBIDDEN = [
  "127.0.0.1",
  "127.9.9.9",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "0.0.0.0",
  "::",
  "169.254.7.7",
  "fe80::1",
  "fe80::1%eth0",
  "224.0.0.251",
  "ff02::fb",
  "255.255.255.255",
  "::ffff:0.0.0.0",
  "64:ff9b::7f00:1",
];

describe("a name", () => {
  test.each(FORBIDDEN)("that leads to %s is refused, and nobody is contacted", async (address) => {
    await using server = await listening(createServer());
    const outcome = await reach({ host: "cam.example", port: server.port, resolve: async () => [address] });
    expect(outcome).toMatchObject({ kind: "failed", how: "refused", hint: expect.stringContaining("address") });
    expect(JSON.stringify(outcome)).not.toContain(address);
    expect(server.connections()).toBe(0);
  });

  test("that leads to an address of this machine on its network is refused as well", async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    for (const { address } of own) {
      const outcome = await reach({ host: "cam.example", port: 9, resolve: async () => [address] });
      expect(outcome, address).toMatchObject({ how: "refused" });
    }
    expect(own.length).toBeGreaterThan(0);
  });

  test("is asked for once a connection, so that it cannot lead elsewhere between check and use", async () => {
    const answers = [["127.0.0.1"], ["203.0.113.9"]];
    let asked = 0;
    const resolve = async (): Promise<string[]> => answers[asked++] ?? [];
    expect(await reach({ host: "cam.example", port: 9, resolve })).toMatchObject({ how: "refused" });
    expect(asked).toBe(1);
  });

  test("that has a link-local address beside its usual one is contacted at the usual one", async () => {
    const resolve = async () => ["fe80::1", "192.0.2.1"];
    const outcome = await reach({ host: "cam.local", port: 9, resolve, connectMs: 50 });
    expect(outcome).toMatchObject({ how: expect.stringMatching(/^(unreachable|timeout)$/) });
    for (const address of ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])
      expect(refusalOf(address, "resolved"), address).toBeNull();
  });

  test("is no address in another notation: the resolver's answer is looked at", async () => {
    await using server = await listening(createServer());
    expect(await reach({ host: "0x7f.1", port: server.port })).toMatchObject({ how: "refused" });
    expect(server.connections()).toBe(0);
  });

  test("that nobody knows is unreachable", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    expect(await reach({ host: "cam.example", port: 9, resolve })).toEqual({
      kind: "failed",
      how: "unreachable",
      why: "cannot be reached (ENOTFOUND)",
    });
    expect(await reach({ host: "cam.example", port: 9, resolve: async () => [] })).toMatchObject({ how: "refused" });
  });

  test("of this machine, localhost, means it without asking a resolver", async () => {
    await using server = await listening(createServer());
    const resolve = () => Promise.reject(new Error("asked"));
    for (const host of ["localhost", "cam.localhost", "LOCALHOST."])
      expect(await reach({ host, port: server.port, resolve }), host).toMatchObject({ kind: "connected" });
  });
});

describe("an address that a person wrote", () => {
  test("may be this machine's", async () => {
    await using server = await listening(createServer());
    expect(await reach({ port: server.port })).toMatchObject({ kind: "connected" });
    expect(refusalOf("::1", "literal")).toBeNull();
    expect(refusalOf("169.254.7.7", "literal")).toBeNull();
  });

  test.each(["0.0.0.0", "[::]", "::", "224.0.0.251", "[ff02::fb]", "255.255.255.255", "[::ffff:0:0]"])(
    "may not be %s, which is of no one machine",
    async (host) => {
      expect(await reach({ host, port: 9 })).toMatchObject({ kind: "failed", how: "refused" });
    },
  );

  test("where nobody listens is unreachable", async () => {
    expect(await reach({ port: 1 })).toMatchObject({ how: "unreachable", why: "cannot be reached (ECONNREFUSED)" });
  });
});

describe("a certificate", () => {
  const at = (name: string): string => `${directory.path}/${name}`;
  let directory: Awaited<ReturnType<typeof tempDir>>;
  let ca = "";
  let servers: Record<"good" | "self" | "expired" | "weak", { cert: string; key: string; sha256: string }>;
  const load = async ({ certFile, keyFile }: { certFile: string; keyFile: string }) => {
    const cert = await readFile(certFile, "utf8");
    const sha256 = new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
    return { cert, key: await readFile(keyFile, "utf8"), sha256 };
  };
  const openssl = (...args: readonly string[]) => promisify(execFile)("openssl", args);

  beforeAll(async () => {
    directory = await tempDir();
    const made = await makeCertificates(directory.path);
    ca = await readFile(made.caFile, "utf8");
    const [old, weak] = [
      { certFile: at("old.crt"), keyFile: made.keyFile },
      { certFile: at("weak.crt"), keyFile: at("weak.key") },
    ];
    await openssl("req", "-new", "-key", old.keyFile, "-subj", "/CN=localhost", "-out", at("old.csr"));
    const signed = ["-CA", made.caFile, "-CAkey", at("ca.key"), "-CAcreateserial"];
    await openssl("x509", "-req", "-in", at("old.csr"), ...signed, "-days", "-1", "-out", old.certFile);
    const rsa = ["-newkey", "rsa:1024", "-nodes", "-subj", "/CN=cam", "-keyout", weak.keyFile, "-out", weak.certFile];
    await openssl("req", "-x509", "-days", "2", ...rsa);
    servers = {
      good: await load(made),
      self: await load(await made.issue("cam", "self")),
      expired: await load(old),
      weak: await load(weak),
    };
  });
  afterAll(() => directory[Symbol.asyncDispose]());

  const shown = async (which: keyof typeof servers, trust: (sha256: string) => PeerTrust, host = "127.0.0.1") => {
    const { cert, key, sha256 } = servers[which];
    // As old cameras do: Node's own server would refuse to show a key of 1024 bits.
    await using server = await listening(createTlsServer({ cert, key, ciphers: "DEFAULT@SECLEVEL=0" }));
    const outcome = await reach({ host, port: server.port, trust: trust(sha256) });
    return { outcome, sha256, heard: server.heard() };
  };

  test.each(["good", "self", "expired", "weak"] as const)("that is pinned convinces by itself: %s", async (which) => {
    const { outcome } = await shown(which, (certSha256) => ({ certSha256 }));
    expect(outcome).toMatchObject({ kind: "connected" });
  });

  test("other than the pinned one is refused, named, and told nothing, also where its authority is believed", async () => {
    const { outcome, sha256, heard } = await shown("good", () => ({ ca, certSha256: "ab".repeat(32) }));
    expect(outcome).toMatchObject({ kind: "failed", how: "untrusted", hint: expect.stringContaining("certSha256") });
    expect(outcome).toMatchObject({ why: expect.stringContaining(sha256) });
    expect(outcome).toMatchObject({ why: expect.stringContaining("ab".repeat(32)) });
    expect(heard).toBe("");
  });

  test("of the private authority convinces under its name and its address", async () => {
    for (const host of ["127.0.0.1", "localhost"])
      expect((await shown("good", () => ({ ca }), host)).outcome, host).toMatchObject({ kind: "connected" });
  });

  test.each([
    ["good", false, "127.0.0.1", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["good", true, "cam.localhost", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["self", true, "127.0.0.1", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["expired", true, "127.0.0.1", "CERT_HAS_EXPIRED"],
  ] as const)(
    "that does not convince (%s, authority: %s, at %s) is named with the remedy",
    async (which, hasCa, host, code) => {
      const { outcome, sha256 } = await shown(which, () => (hasCa ? { ca } : {}), host);
      expect(outcome).toMatchObject({ kind: "failed", how: "untrusted", why: expect.stringContaining(code) });
      expect(outcome).toMatchObject({ hint: expect.stringContaining(`certSha256: ${sha256}`) });
    },
  );

  test("is waited for no longer than allowed", async () => {
    await using silent = await listening(createServer());
    const outcome = await reach({ port: silent.port, trust: {}, connectMs: 100 });
    expect(outcome).toMatchObject({ kind: "failed", how: "timeout" });
  });

  test("of a peer that speaks no TLS is unreachable", async () => {
    await using plain = await listening(createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    const outcome = await reach({ port: plain.port, trust: {} });
    expect(outcome).toMatchObject({ how: "unreachable", hint: expect.stringMatching(/without encryption.*rtsp:\/\//) });
  });
});

test("a stop ends it at once", async () => {
  await using silent = await listening(createServer());
  const stop = new AbortController();
  const reaching = reach({ port: silent.port, trust: {}, connectMs: 60_000 }, stop.signal);
  stop.abort();
  expect(await reaching).toMatchObject({ how: "stopped" });
  expect(await reach({ port: silent.port }, stop.signal)).toMatchObject({ how: "stopped" });
});

// An HTTPS camera is asked only once its certificate has convinced; one that does not costs its bound to connect, no more.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openHttpSnapshotCamera } from "../../src/camera/http-snapshot.ts";
import { openMjpegCamera } from "../../src/camera/mjpeg.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { PeerTrust } from "../../src/core/peer-check.ts";
import { openDeafPort } from "../contracts/camera/harness.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { type HttpCameraServer, serveSnapshotCamera } from "../helpers/http-cameras.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;
const PICTURE = Buffer.from("\xff\xd8\xff picture \xff\xd9", "latin1");
const LOGIN = { user: "hedge", password: "hawthorn", scheme: "basic" } as const;
const WRONG_PIN = "ab".repeat(32);

let directory: Awaited<ReturnType<typeof tempDir>>;
let ca = "";
let good: { cert: string; key: string };
let expired: { cert: string; key: string };

beforeAll(async () => {
  directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const at = (name: string): string => `${directory.path}/${name}`;
  const openssl = (...args: readonly string[]) => promisify(execFile)("openssl", args);
  await openssl("req", "-new", "-key", made.keyFile, "-subj", "/CN=localhost", "-out", at("old.csr"));
  const signed = ["-CA", made.caFile, "-CAkey", at("ca.key"), "-CAcreateserial", "-days", "-1"];
  await openssl("x509", "-req", "-in", at("old.csr"), ...signed, "-out", at("old.crt"));
  const key = await readFile(made.keyFile, "utf8");
  ca = await readFile(made.caFile, "utf8");
  good = { key, cert: await readFile(made.certFile, "utf8") };
  expired = { key, cert: await readFile(at("old.crt"), "utf8") };
});
afterAll(() => directory[Symbol.asyncDispose]());

async function grabFrom(server: HttpCameraServer, trust: PeerTrust): Promise<number> {
  const deps = { id: "gate-cam", clock: systemClock, url: server.url, credentials: "hedge:hawthorn", ...trust };
  await using camera = openHttpSnapshotCamera(deps);
  using frame = await camera.grab(never);
  return frame.size;
}

test("a private authority and a pinned certificate convince, the pinned one although it has expired", async () => {
  await using server = await serveSnapshotCamera({ picture: PICTURE, login: LOGIN, tls: good });
  expect(await grabFrom(server, { ca })).toBe(PICTURE.length);
  expect(await grabFrom(server, { certSha256: server.certSha256 })).toBe(PICTURE.length);
  await using old = await serveSnapshotCamera({ picture: PICTURE, login: LOGIN, tls: expired });
  expect(await grabFrom(old, { certSha256: old.certSha256 })).toBe(PICTURE.length);
});

test("a certificate that does not convince is told nothing, not even what is asked, and is named with the remedy", async () => {
  await using server = await serveSnapshotCamera({ picture: PICTURE, login: LOGIN, tls: good });
  await using old = await serveSnapshotCamera({ picture: PICTURE, login: LOGIN, tls: expired });
  const cases = [
    [server, {}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    [server, { certSha256: WRONG_PIN }, WRONG_PIN],
    [old, { ca }, "CERT_HAS_EXPIRED"],
  ] as const;
  for (const [camera, trust, why] of cases) {
    const message = expect.stringMatching(`${why}.*${camera.certSha256}|${camera.certSha256}.*${why}`);
    const hint = expect.stringContaining("certSha256");
    await expect(grabFrom(camera, trust)).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE", message, hint });
    expect(camera.asked).toEqual([]);
  }
});

test.each(["http", "https"])("a camera that hangs at connect costs its bound to connect (%s)", async (scheme) => {
  await using port = await openDeafPort();
  const url = `${scheme}://127.0.0.1:${port.port}/`;
  await using camera = openMjpegCamera({ id: "gate-cam", clock: systemClock, url, grabMs: 200 });
  await expect(camera.grab(never)).rejects.toMatchObject({ code: "CAMERA_TIMEOUT" });
});

test("a camera that asked for digest once cannot be talked into telling the password in the clear", async () => {
  await using server = await serveSnapshotCamera({ picture: PICTURE, login: { ...LOGIN, scheme: "digest" } });
  await using camera = openHttpSnapshotCamera({
    id: "gate-cam",
    clock: systemClock,
    url: server.url,
    credentials: "hedge:hawthorn",
  });
  (await camera.grab(never))[Symbol.dispose]();
  server.relock({ scheme: "basic" });
  await expect(camera.grab(never)).rejects.toMatchObject({ hint: expect.stringContaining("digest") });
  expect(server.asked.every(({ authorization }) => !(authorization ?? "").startsWith("Basic"))).toBe(true);
});

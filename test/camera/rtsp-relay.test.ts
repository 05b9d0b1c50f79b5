// Shown: what our relay says to a camera and what it lets through: each login, one connection of our own user, no sound, no
// UDP, no redirect, nothing but RTSP. The decoder is a socket of the test, the camera a server of our own.
import { spawn, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openRtspRelay } from "../../src/camera/rtsp-relay.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { Decoder } from "../helpers/rtsp-decoder.ts";
import { type Client, lacksFfmpeg, serveRtspCamera } from "../helpers/rtsp-server.ts";
import { streetPicture } from "../helpers/street-picture.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;
const LOGIN = { user: "hedge", password: "hawthorn:4711" };
const ownLogin = () => ({ user: LOGIN.user, password: LOGIN.password });
const WITHIN_MS = 10_000;
const picture = await streetPicture();
const isThere = lacksFfmpeg === null;
if (!isThere) console.warn("SKIPPED: the RTSP relay is not tested: Debian package ffmpeg is missing");

test.runIf(isThere).each([
  ["basic", { schemes: ["basic"] }],
  ["digest with MD5", { schemes: ["MD5"] }],
  ["digest with MD5 as in 1999, without qop", { schemes: ["MD5"], hasQop: false }],
  ["digest with SHA-256", { schemes: ["basic", "MD5", "SHA-256"] }],
  ["nonces that are good for one request", { schemes: ["SHA-256"], uses: 1 }],
] as const)("a camera with %s is let know who asks, and the decoder hears nothing of it", async (_, door) => {
  await using camera = await serveRtspCamera({ picture, door: { ...LOGIN, ...door } });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: ownLogin() }, WITHIN_MS, never);
  const decoder = await Decoder.come(relay);
  expect(await decoder.play()).toBe("playing");
  expect(camera.door?.wrong).toBe(0);
  expect(relay.failure()).toBeNull();
  expect(relay.url).not.toContain("stream1");
});

test.runIf(isThere)("each request is asked of the camera at its own address, with a number of its own", async () => {
  await using camera = await serveRtspCamera({ picture, door: { ...LOGIN, schemes: ["MD5"] } });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: ownLogin() }, WITHIN_MS, never);
  await (await Decoder.come(relay)).play();
  expect(camera.asked.map(({ method, uri }) => `${method} ${uri}`)).toEqual([
    `OPTIONS ${camera.url}`,
    `OPTIONS ${camera.url}`,
    `DESCRIBE ${camera.url}`,
    `SETUP ${camera.url}/picture`,
    `PLAY ${camera.url}`,
  ]);
  expect(camera.asked.map(({ headers }) => headers.get("cseq"))).toEqual(["1", "2", "3", "4", "5"]);
  expect(camera.asked.slice(1).map(({ headers }) => /nc=(\d+)/.exec(headers.get("authorization") ?? "")?.[1])).toEqual([
    "00000001",
    "00000002",
    "00000003",
    "00000004",
  ]);
});

test.runIf(isThere).each([
  ["wrong", "wrong user name or password", 1],
  ["stale", "wrong user name or password", 0],
] as const)("a camera that refuses for ever (%s) is asked no third time", async (keepsRefusing, why, wrong) => {
  await using camera = await serveRtspCamera({ picture, door: { ...LOGIN, schemes: ["MD5"], keepsRefusing } });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: ownLogin() }, WITHIN_MS, never);
  expect(await (await Decoder.come(relay)).play()).toBe("");
  await relay.ended;
  expect(relay.failure()).toMatchObject({ code: "CAMERA_UNREACHABLE", message: `camera cam: ${why}` });
  expect(camera.door?.wrong).toBe(wrong);
  expect(camera.asked.length).toBeLessThanOrEqual(3);
});

test.runIf(isThere)("without a login, a camera that wants one is told as that", async () => {
  await using camera = await serveRtspCamera({ picture, door: { ...LOGIN, schemes: ["MD5"] } });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
  await (await Decoder.come(relay)).play();
  await relay.ended;
  expect(relay.failure()?.message).toBe("camera cam: it wants a user name and password");
  expect(relay.failure()?.hint).toContain("credentialsFile");
});

test.runIf(isThere)(
  "sound that a camera offers is not told to the decoder, and that it is offered is known",
  async () => {
    await using camera = await serveRtspCamera({ picture, hasSound: true });
    await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
    const decoder = await Decoder.come(relay);
    const description = await decoder.ask("DESCRIBE");
    expect(description).toContain("m=video");
    expect(description).not.toMatch(/audio|sound|PCMA/);
    expect(relay.hasSound()).toBe(true);
  },
);

test.runIf(isThere)("UDP is refused here, and the camera hears nothing of it", async () => {
  await using camera = await serveRtspCamera({ picture });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
  const decoder = await Decoder.come(relay);
  expect(await decoder.ask("SETUP", "/picture", ["Transport: RTP/AVP/UDP;unicast;client_port=5000-5001"])).toMatch(
    /^RTSP\/1\.0 461 /,
  );
  expect(camera.asked).toEqual([]);
});

test.runIf(isThere).each<[string, (at: Client) => void, RegExp]>([
  [
    "answers with a redirect",
    ({ say }) => say("302 Found", { Location: "rtsp://192.0.2.9/secret" }),
    /another address/,
  ],
  [
    "asks to go elsewhere",
    ({ socket }) => socket.write("REDIRECT rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    /another address/,
  ],
  ["sends a page", ({ socket }) => socket.write("<html>secret</html>"), /no RTSP stream/],
  [
    "answers what nobody asked",
    ({ say }) => {
      for (const _ of [1, 2]) say("200 OK", {}, "v=0\r\nm=video 0 RTP/AVP 26\r\n");
    },
    /no RTSP stream/,
  ],
  ["has no picture", ({ say }) => say("200 OK", {}, "v=0\r\nm=audio 0 RTP/AVP 8\r\n"), /no video/],
  ["chooses a container", ({ say }) => say("200 OK", {}, "v=0\r\nm=video 0 RTP/AVP 33\r\n"), /cannot be decoded/],
  ["asks without end", ({ socket }) => socket.write("OPTIONS * RTSP/1.0\r\n\r\n".repeat(40)), /asks without end/],
  ["hangs up", ({ socket }) => socket.destroy(), /closed the connection/],
  ["resets", ({ socket }) => socket.resetAndDestroy(), /connection broke/],
])("a camera that %s ends it, for a reason without its words", async (_, act, why) => {
  await using camera = await serveRtspCamera({ picture });
  camera.behave((request, at) => {
    const isNow = typeof request === "object" && request.method === "DESCRIBE";
    if (isNow) act(at);
    return isNow;
  });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
  const decoder = await Decoder.come(relay);
  expect(await decoder.ask("DESCRIBE")).not.toContain("secret");
  await relay.ended;
  expect(relay.failure()?.message).toMatch(why);
  expect(`${relay.failure()?.message} ${relay.failure()?.hint}`).not.toMatch(/secret|192\.0/);
  await expect.poll(() => camera.connections()).toBe(0);
});

test.runIf(isThere)("what a camera asks of us is answered here: nothing is implemented", async () => {
  await using camera = await serveRtspCamera({ picture });
  const answered = Promise.withResolvers<string>();
  camera.behave((request, { socket }) => {
    if (request !== "connected") return false;
    socket.once("data", () => socket.write("GET_PARAMETER * RTSP/1.0\r\nCSeq: 7\r\n\r\n"));
    socket.on("data", (text) => {
      if (String(text).startsWith("RTSP/1.0 501")) answered.resolve(String(text));
    });
    return false;
  });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
  const decoder = await Decoder.come(relay);
  expect(await decoder.ask("OPTIONS")).toMatch(/^RTSP\/1\.0 200/);
  expect(await answered.promise).toContain("CSeq: 7");
});

test.runIf(isThere)("one decoder may come; the next finds nobody", async () => {
  await using camera = await serveRtspCamera({ picture });
  await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
  const decoder = await Decoder.come(relay);
  await decoder.ask("OPTIONS");
  await expect(Decoder.come(relay)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

const canChangeUser = process.getuid?.() === 0 && spawnSync("setpriv", ["--reuid", "65534", "true"]).status === 0;

test.runIf(canChangeUser && isThere)(
  "a process of another user is cut, and our own decoder may still come",
  async () => {
    await using camera = await serveRtspCamera({ picture });
    await using relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
    const port = new URL(relay.url).port;
    const script = `trap "" PIPE; exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'OPTIONS * RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r\\n' >&3; cat <&3; echo over`;
    const stranger = spawn("setpriv", ["--reuid", "65534", "--clear-groups", "bash", "-c", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(Buffer.concat(await Array.fromAsync(stranger.stdout)).toString()).toBe("over\n");
    expect(camera.asked).toEqual([]);
    expect(await (await Decoder.come(relay)).play()).toBe("playing");
  },
);

test.runIf(isThere)(
  "a relay that is closed while it plays says TEARDOWN, and leaves the camera and the decoder",
  async () => {
    await using camera = await serveRtspCamera({ picture });
    const relay = await openRtspRelay({ id: "cam", url: camera.url, login: null }, WITHIN_MS, never);
    const decoder = await Decoder.come(relay);
    await decoder.play();
    await relay[Symbol.asyncDispose]();
    await relay[Symbol.asyncDispose]();
    expect(camera.asked.at(-1)?.method).toBe("TEARDOWN");
    await expect.poll(() => camera.connections()).toBe(0);
    await expect.poll(() => decoder.socket.destroyed).toBe(true);
    expect(relay.failure()).toBeNull();
  },
);

test.runIf(isThere)("rtsps: the certificate must be of the authority, or the very one that is named", async () => {
  await using folder = await tempDir();
  const certificates = await makeCertificates(folder.path);
  const { caFile, certFile, keyFile } = certificates;
  const ca = await readFile(caFile, "utf8");
  const pin = new X509Certificate(await readFile(certFile)).fingerprint256.replaceAll(":", "").toLowerCase();
  await using camera = await serveRtspCamera({
    picture,
    tls: { certFile, keyFile },
    door: { ...LOGIN, schemes: ["basic"] },
  });
  for (const trust of [{ ca }, { certSha256: pin }]) {
    await using relay = await openRtspRelay(
      { id: "cam", url: camera.url, login: ownLogin(), ...trust },
      WITHIN_MS,
      never,
    );
    expect(await (await Decoder.come(relay)).play()).toBe("playing");
  }
  const asked = camera.asked.length;
  const other = await certificates.issue("other", "self");
  for (const trust of [
    {},
    { ca: await readFile(other.certFile, "utf8") },
    { certSha256: pin.replace(/./, (c) => (c === "0" ? "1" : "0")) },
  ])
    await expect(
      openRtspRelay({ id: "cam", url: camera.url, login: ownLogin(), ...trust }, WITHIN_MS, never),
    ).rejects.toMatchObject({
      code: "CAMERA_UNREACHABLE",
    });
  expect(camera.asked.length).toBe(asked);
});

test.each([
  ["never greets", "CAMERA_TIMEOUT"],
  ["is not there", "CAMERA_UNREACHABLE"],
] as const)("a camera that %s costs its bound", async (what, code) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  if (what === "is not there") await new Promise<void>((resolve) => server.close(() => resolve()));
  const source = { id: "cam", url: `rtsps://127.0.0.1:${port}/`, login: null };
  await expect(openRtspRelay(source, 100, never)).rejects.toMatchObject({ code });
});

// Shown: what `hedgerow doctor` finds of platforms and cameras, against servers that are here, and that it tells them nothing.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookAtCameras } from "../../src/cli/doctor/cameras.ts";
import type { Diagnosis } from "../../src/cli/doctor/diagnosis.ts";
import { lookAtPlatform } from "../../src/cli/doctor/platform.ts";
import { lookAtRedaction } from "../../src/cli/doctor/redaction.ts";
import { makeAuthority, makeCertificates as makePlatformCertificates } from "../forward/certificates.ts";
import { startProxy } from "../forward/test-proxy.ts";
import { serveTls } from "../forward/tls-platform.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { fakeStatus } from "../helpers/fake-house.ts";
import { camera, fakeMachine, POLICY, said, siteOf } from "../helpers/fake-machine.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;

/** A platform's address with one server behind it. */
async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: portOf(server), [Symbol.asyncDispose]: async () => server.close().closeAllConnections() };
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  return typeof address === "object" && address !== null && "port" in address ? Number(address.port) : 0;
}

test("a platform that answers is told nothing, and its Date shows a clock that is wrong", async () => {
  const asked: string[] = [];
  await using platform = await serve((request, response) => {
    asked.push(
      `${request.method} ${request.url} ${"webhook-id" in request.headers} ${"content-length" in request.headers}`,
    );
    response.writeHead(404, { date: "Mon, 01 Jun 2026 12:10:00 GMT" }).end();
  });
  await using machine = await fakeMachine();
  const url = `http://127.0.0.1:${platform.port}/hedgerow`;
  await using site = await siteOf({
    gateway: `gateway: { id: elm-street }\nplatform: [{ id: main, kind: https, url: "${url}" }]\n`,
  });
  expect(said(await lookAtPlatform(machine.machine, site.site, never))).toEqual([
    "ok: platform main answers",
    "trouble: this clock is 600 s behind the platform's, and signatures of another time are refused",
  ]);
  expect(asked).toEqual(["GET /hedgerow false false"]);
  const running = {
    ...fakeStatus(),
    sinks: [{ id: "main", state: "paused", why: "answered 401", lastAcceptedAt: null }],
  };
  expect(said(await lookAtPlatform(machine.machine, { ...site.site, running }, never)).at(-1)).toBe(
    "warning: platform main, says the gateway: answered 401",
  );
});

test("a platform that is away, and none at all", async () => {
  await using machine = await fakeMachine();
  const port = await freePort();
  const gateway = `gateway: { id: elm-street }\nplatform: [{ id: main, kind: https, url: "http://127.0.0.1:${port}" }]\n`;
  await using away = await siteOf({ gateway });
  expect(said(await lookAtPlatform(machine.machine, away.site, never))).toEqual([
    "trouble: platform main: cannot be reached (ECONNREFUSED)",
  ]);
  await using none = await siteOf({ gateway: "gateway: { id: elm-street }\n" });
  expect(said(await lookAtPlatform(machine.machine, none.site, never))).toEqual([
    "note: gateway.yaml names no platform: everything stays in the buffer",
  ]);
});

test("a platform behind a proxy, by a client certificate, is asked as the gateway itself would", async () => {
  const [platforms, clients] = [makePlatformCertificates("127.0.0.1"), makeAuthority("Clients")];
  // It is noon of 1 June 2026 here.
  const mine = clients.issue("elm-street", { from: "260101000000Z", to: "260615000000Z" });
  const ended = clients.issue("elm-street", { from: "250101000000Z", to: "260515000000Z" });
  await using platform = await serveTls({
    ...platforms,
    ca: clients.pem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  await using proxy = await startProxy({ login: "gate:made-up-word" });
  await using machine = await fakeMachine();
  const lines = [
    `url: "${platform.url}", caFile: ca.pem, certFile: client.pem, keyFile: client.key`,
    `proxy: "${proxy.url}", proxyCredentialsFile: login`,
  ];
  const gateway = `gateway: { id: elm-street }\nplatform: [{ id: main, kind: https, ${lines.join(", ")} }]\n`;
  const look = async (client: { cert: string; key: string }, login: string) => {
    const others = { "ca.pem": platforms.ca, "client.pem": client.cert, "client.key": client.key, login };
    await using site = await siteOf({ gateway, others });
    return said(await lookAtPlatform(machine.machine, site.site, never)).filter((line) => !line.includes("clock"));
  };
  expect(await look(mine, "gate:made-up-word\n")).toEqual([
    "ok: platform main answers",
    "warning: platform main: the client certificate under certFile ends on 2026-06-15",
  ]);
  expect(platform.clients.map((serial) => Number.parseInt(serial ?? "", 16))).toEqual([mine.serial]);
  expect(await look(ended, "gate:other\n")).toEqual([
    `trouble: platform main: cannot be reached: the proxy ${proxy.host} refuses the login in proxyCredentialsFile (407)`,
    "trouble: platform main: the client certificate under certFile ended on 2026-05-15",
  ]);
});

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a camera that answers, one that does not, and one whose login cannot be read", async () => {
  await using machine = await fakeMachine();
  const heard: string[] = [];
  await using server = await serve((request) => void heard.push(request.url ?? ""));
  const source = (port: number): string =>
    camera(`{ kind: http-snapshot, url: "http://127.0.0.1:${port}/x.jpg", credentialsFile: gate-cam.cred }`);
  const others = { "gate-cam.cred": "viewer:made-up-word\n" };
  await using good = await siteOf({ kit: source(server.port), others });
  expect(said(await lookAtCameras(machine.machine, good.site, never))).toEqual([
    "ok: camera gate-cam: its user name and password can be read",
    "ok: camera gate-cam answers",
  ]);
  expect(heard).toEqual([]);
  await using gone = await siteOf({ kit: source(await freePort()), others });
  await writeFile(join(gone.folder, "gate-cam.cred"), "made-up-word\n");
  const found = await lookAtCameras(machine.machine, gone.site, never);
  expect(said(found)).toEqual([
    "trouble: camera gate-cam: the credentials of gate-cam are not one line user:password",
    "trouble: camera gate-cam cannot be reached (ECONNREFUSED)",
  ]);
  expect(JSON.stringify(found)).not.toContain("made-up-word");
});

test("a camera's own certificate is shown, so that it can be pinned", async () => {
  await using directory = await tempDir();
  const { keyFile, certFile } = await makeCertificates(directory.path);
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)]);
  const server = createTlsServer({ key, cert }).listen(0, "127.0.0.1");
  await once(server, "listening");
  await using _closed = { [Symbol.asyncDispose]: async () => server.close().closeAllConnections() };
  await using machine = await fakeMachine();
  await using site = await siteOf({
    kit: camera(`{ kind: http-snapshot, url: "https://127.0.0.1:${portOf(server)}/x.jpg" }`),
  });
  const [found] = await lookAtCameras(machine.machine, site.site, never);
  expect(found).toMatchObject({
    state: "trouble",
    text: expect.stringMatching(/^camera gate-cam shows a certificate that is not trusted/),
    remedy: expect.stringMatching(/certSha256: [0-9a-f]{64}$/),
  });
});

test("a folder on a disk is warned of, and one in memory is not", async () => {
  await using site = await siteOf({ kit: camera("{ kind: folder, path: drop }") });
  const folder = join(site.folder, "drop");
  await mkdir(folder);
  const under = (type: string): string => `1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / ${folder} rw - ${type} x rw\n`;
  await using disk = await fakeMachine({ files: { "proc/self/mountinfo": under("ext4") } });
  expect(said(await lookAtCameras(disk.machine, site.site, never))).toEqual([
    expect.stringMatching(/^warning: camera gate-cam: its folder .* lies on a disk/),
  ]);
  await using memory = await fakeMachine({ files: { "proc/self/mountinfo": under("tmpfs") } });
  expect(said(await lookAtCameras(memory.machine, site.site, never))).toEqual([
    "ok: camera gate-cam: its folder lies in memory",
  ]);
});

test("a camera on a cable needs its device, and a service that may use it", async () => {
  const unit = "etc/systemd/system/hedgerow.service";
  await using bare = await fakeMachine();
  await using usb = await siteOf({ kit: camera("{ kind: v4l2, device: /dev/no-such-video }") });
  expect(said(await lookAtCameras(bare.machine, usb.site, never))).toEqual([
    expect.stringMatching(/^trouble: camera gate-cam: the USB camera cannot be read: ENOENT/),
  ]);
  await using pi = await siteOf({ kit: camera("{ kind: rpicam }") });
  await using closed = await fakeMachine({ files: { [unit]: "" } });
  expect(said(await lookAtCameras(closed.machine, pi.site, never))).toEqual([
    "trouble: camera gate-cam: the service hedgerow may not use cameras on a cable",
  ]);
  await using opened = await fakeMachine({ files: { [unit]: "", [`${unit}.d/camera.conf`]: "" } });
  expect(await lookAtCameras(opened.machine, pi.site, never)).toEqual([]);
});

test("a camera that the policy does not allow is not asked for", async () => {
  await using machine = await fakeMachine();
  let connections = 0;
  const server = createTcpServer(() => {
    connections += 1;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  await using _closed = { [Symbol.asyncDispose]: async () => void server.close() };
  const kit = camera(`{ kind: rtsp, url: "rtsp://127.0.0.1:${portOf(server)}/" }`);
  await using site = await siteOf({ kit, policy: POLICY.replace("gate-cam", "other") });
  expect(said(await lookAtCameras(machine.machine, site.site, never))).toEqual([
    "note: camera gate-cam does not start: the policy does not name it",
  ]);
  await using ended = await siteOf({ kit, policy: POLICY.replace("2027", "2025") });
  expect(said(await lookAtCameras(machine.machine, ended.site, never))).toEqual([
    "note: camera gate-cam was allowed until 2025-06-30 only",
  ]);
  expect(connections).toBe(0);
});

test("a model that is not the one of the policy is trouble, also while the gateway runs", async () => {
  await using machine = await fakeMachine();
  await using site = await siteOf({});
  const model = (sha256: string) => ({ file: join(site.folder, "faces.onnx"), sha256 });
  const judged = (sha256: string): Promise<Diagnosis[]> => {
    const { settings } = site.site;
    const [entry] = Object.values(settings.policy.cameras);
    if (entry === undefined) throw new Error("unreachable");
    const cameras = { "gate-cam": { ...entry, redact: { ...entry.redact, model: model(sha256) } } };
    const running = fakeStatus();
    return lookAtRedaction(
      machine.machine,
      { ...site.site, running, settings: { ...settings, policy: { ...settings.policy, cameras } } },
      never,
    );
  };
  const theirs = createHash("sha256").update("made-up model").digest("hex");
  expect(said(await judged(theirs))[0]).toMatch(/^trouble: the model .* cannot be read: ENOENT/);
  await writeFile(join(site.folder, "faces.onnx"), "made-up model");
  expect(said(await judged(theirs))).toEqual([
    expect.stringMatching(/^ok: the model .* is the one that the policy names$/),
    "ok: the running gateway has a face finder that works",
  ]);
  expect(said(await judged("0".repeat(64)))[0]).toMatch(/^trouble: the model .* is not the one that the policy names/);
});

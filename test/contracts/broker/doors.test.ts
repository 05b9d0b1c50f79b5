// Shown: the same broker behind TLS and WebSocket: who may come in with a certificate, what a foreign page may not, and a
// renewed certificate. Clients are mqtt.js and Node's own TLS; certificates come from openssl.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { connectAsync, type IClientOptions } from "mqtt";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { openBrokerHouse } from "../../helpers/broker-house.ts";
import { type Certificates, makeCertificates } from "../../helpers/certificates.ts";
import { connectPacket, PACKET, rawClient } from "../../helpers/raw-mqtt.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

async function openHouse({ hasWss = false, asksDevices = true } = {}) {
  const directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const { certFile, keyFile, caFile } = made;
  const house = await openBrokerHouse({
    tls: { port: 0, certFile, keyFile, clientCaFile: asksDevices ? caFile : undefined },
    websocket: { port: 0, tls: hasWss },
  });
  const ca = await readFile(caFile);
  const url = `mqtts://127.0.0.1:${house.broker.tlsPort}`;
  return {
    ...house,
    ca,
    made,
    async secure(options: IClientOptions) {
      const client = await connectAsync(url, { ca, reconnectPeriod: 0, ...options });
      client.on("error", () => undefined);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function pemOf(made: Certificates, commonName: string, self?: "self") {
  const { certFile, keyFile } = await made.issue(commonName, self);
  return { cert: await readFile(certFile), key: await readFile(keyFile) };
}

test("over TLS a password logs in, and a wrong one does not", async () => {
  await using house = await openHouse();
  const client = await house.secure({ username: "a", password: "right" });
  await client.publishAsync("a/x", "1", { qos: 1 });
  client.end(true);
  expect(house.taken.map(({ login }) => login.id)).toEqual(["a"]);
  await expect(house.secure({ username: "a", password: "wrong" })).rejects.toMatchObject({ code: 5 });
});

test("a certificate that the authority signed logs its common name in without password", async () => {
  await using house = await openHouse();
  const client = await house.secure(await pemOf(house.made, "porch-lux"));
  await client.publishAsync("porch-lux/x", "1", { qos: 1 });
  client.end(true);
  expect(house.taken.map(({ login }) => login)).toEqual([{ kind: "device", id: "porch-lux" }]);
});

test("a certificate signed by nobody, or another's name beside one, logs nobody in", async () => {
  await using house = await openHouse();
  await expect(house.secure(await pemOf(house.made, "porch-lux", "self"))).rejects.toMatchObject({ code: 5 });
  await expect(house.secure({ ...(await pemOf(house.made, "b")), username: "a" })).rejects.toMatchObject({ code: 5 });
});

test("without clientCaFile no certificate logs in", async () => {
  await using house = await openHouse({ asksDevices: false });
  await expect(house.secure(await pemOf(house.made, "porch-lux"))).rejects.toMatchObject({ code: 5 });
});

test("TLS 1.1, plain MQTT and a silent handshake come to nothing, and the port goes on", async () => {
  await using house = await openHouse();
  const port = house.broker.tlsPort ?? 0;
  const old: ConnectionOptions = {
    port,
    ca: house.ca,
    minVersion: "TLSv1.1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  };
  await expect(once(connectTls(old), "secureConnect")).rejects.toThrow("alert protocol version");
  const plain = connectSocket(port, "127.0.0.1");
  plain.on("error", () => undefined);
  plain.write(connectPacket({ clientId: "x", username: "a", password: "right" }));
  await once(plain, "close");
  expect(house.board.get("broker.refused.tls")).toBeGreaterThanOrEqual(2);
  (await house.secure({ username: "a", password: "right" })).end(true);
});

test("a renewed certificate serves the connections after it, and half a renewal disturbs nobody", async () => {
  await using house = await openHouse();
  const { certFile, keyFile } = house.made;
  const serial = async () => {
    const socket = connectTls({ port: house.broker.tlsPort ?? 0, ca: house.ca, checkServerIdentity: () => undefined });
    await once(socket, "secureConnect");
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };
  expect(await serial()).toBe("localhost");
  const renewed = await house.made.issue("renewed");
  await copyFile(renewed.certFile, certFile);
  for (let n = 0; n < 3; n++) expect(await serial()).toBe("localhost");
  await copyFile(renewed.keyFile, keyFile);
  await expect.poll(serial).toBe("renewed");
});

test.each([
  ["absent", null],
  ["no PEM", "not a certificate"],
])("a certificate that is %s is named before any port opens", async (_, text) => {
  await using directory = await tempDir();
  const { keyFile } = await makeCertificates(directory.path);
  const certFile = `${directory.path}/other.crt`;
  if (text !== null) await writeFile(certFile, text);
  await expect(openBrokerHouse({ tls: { port: 0, certFile, keyFile } })).rejects.toMatchObject({
    code: "CERTIFICATE_UNUSABLE",
  });
});

test("a key of another certificate is named", async () => {
  await using directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const { certFile } = made;
  const { keyFile } = await made.issue("other");
  await expect(openBrokerHouse({ tls: { port: 0, certFile, keyFile } })).rejects.toMatchObject({
    code: "CERTIFICATE_UNUSABLE",
    message: expect.stringContaining("is not that of the certificate"),
  });
});

for (const hasWss of [false, true]) {
  test(`MQTT passes over ${hasWss ? "wss" : "ws"}, in both directions and up to the size of a packet`, async () => {
    await using house = await openHouse({ hasWss });
    const url = `${hasWss ? "wss" : "ws"}://127.0.0.1:${house.broker.websocketPort}/mqtt`;
    const client = await connectAsync(url, { username: "a", password: "right", wsOptions: { ca: house.ca } });
    const heard = new Promise<string>((resolve) => client.once("message", (_, payload) => resolve(payload.toString())));
    await client.subscribeAsync("a/cmd", { qos: 1 });
    await client.publishAsync("a/x", "x".repeat(60_000), { qos: 1 });
    expect(await house.broker.send({ topic: "a/cmd", payload: Buffer.from("on"), qos: 1 })).toBe(true);
    expect(await heard).toBe("on");
    client.end(true);
    expect(house.taken[0]?.payload.length).toBe(60_000);
  });
}

const upgrade = (port: number | null, options: { origin?: string; protocol?: string }) =>
  new Promise<number>((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, options.protocol ?? "mqtt", {
      ...(options.origin !== undefined && { origin: options.origin }),
    });
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => undefined);
    socket.on("close", () => socket.terminate());
  });

test("a page of this machine may open a WebSocket, a foreign page may not, and only for MQTT", async () => {
  await using house = await openHouse();
  const port = house.broker.websocketPort;
  expect(await upgrade(port, {})).toBe(101);
  expect(await upgrade(port, { origin: "http://127.0.0.1:8080" })).toBe(101);
  expect(await upgrade(port, { origin: "https://evil.example" })).toBe(403);
  expect(await upgrade(port, { origin: "null" })).toBe(403);
  expect(await upgrade(port, { origin: "http://127.0.0.1.evil.example" })).toBe(403);
  expect(await upgrade(port, { protocol: "chat" })).toBe(400);
});

test("text frames, large frames before the login and plain HTTP end a WebSocket's connection", async () => {
  await using house = await openHouse();
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${house.broker.websocketPort}/`, "mqtt");
    socket.on("error", () => undefined);
    await once(socket, "open");
    return socket;
  };
  for (const message of ["text", Buffer.alloc(32 * 1024, 0x10)]) {
    const socket = await open();
    socket.send(message);
    await once(socket, "close");
  }
  const plain = connectSocket(house.broker.websocketPort ?? 0, "127.0.0.1");
  using http = rawClient(plain);
  plain.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  expect((await http.end()).toString()).toMatch(/^HTTP\/1\.1 426 /);
  const large = connectSocket(house.broker.websocketPort ?? 0, "127.0.0.1");
  using headers = rawClient(large);
  large.write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(8000)}\r\n\r\n`);
  expect((await headers.end()).toString()).toMatch(/^HTTP\/1\.1 431 /);
  using client = rawClient(connectSocket(house.broker.port, "127.0.0.1"));
  client.send(connectPacket({ clientId: "x", username: "a", password: "right" }));
  expect(await client.next(PACKET.connack)).toBe(0);
});

// Shown with the real program: through a proxy with a login, to a platform of a private authority that asks for a client
// certificate, events arrive; so they do while the certificate is renewed and the gateway's key is changed, with none refused.
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { createServer } from "node:tls";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { z } from "zod";
import { openPlatform } from "../../src/demo/platform.ts";
import { callGateway } from "../../src/web/local-socket.ts";
import { type Authority, makeAuthority, makeCertificates } from "../forward/certificates.ts";
import { startProxy } from "../forward/test-proxy.ts";
import { openHouse } from "../helpers/gateway-process.ts";

/** TLS in front of a port of this machine, as a reverse proxy of a platform is; `seen`: serial numbers of client certificates. */
async function frontOf(port: number, options: { cert: string; key: string; ca: string }) {
  const seen: number[] = [];
  const server = createServer({ ...options, requestCert: true }, (near) => {
    seen.push(Number.parseInt(near.getPeerX509Certificate()?.serialNumber ?? "", 16));
    const far = connect(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return { url, seen, [Symbol.asyncDispose]: async () => void server.close() };
}

test("by proxy, private authority and client certificate, over a renewal and a change of keys, each event arrives", async () => {
  const [platforms, clients] = [makeCertificates("127.0.0.1"), makeAuthority("Clients")];
  const trusted: string[] = [];
  await using platform = await openPlatform({
    host: "127.0.0.1",
    port: 0,
    publicKeys: new Map([["test-street", trusted]]),
  });
  const { cert, key } = platforms;
  await using front = await frontOf(Number(new URL(platform.url).port), { cert, key, ca: clients.pem });
  await using proxy = await startProxy({ login: "gate:made-up-word" });
  const writeClient = async (folder: string, { cert: pem, key: itsKey }: ReturnType<Authority["issue"]>) => {
    await writeFile(join(folder, "client.pem"), pem);
    await writeFile(join(folder, "client.key"), itsKey, { mode: 0o600 });
  };
  const first = clients.issue("test-street");
  await using house = await openHouse({
    kit: {
      bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
      devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
    },
    platform: [
      {
        id: "main",
        kind: "https",
        url: front.url,
        caFile: "ca.pem",
        certFile: "client.pem",
        keyFile: "client.key",
        proxy: proxy.url,
        proxyCredentialsFile: "proxy-login",
      },
    ],
    async prepare(dataDir) {
      const folder = dirname(dataDir);
      await writeFile(join(folder, "ca.pem"), platforms.ca);
      await writeFile(join(folder, "proxy-login"), "gate:made-up-word\n", { mode: 0o600 });
      await writeClient(folder, first);
    },
  });
  const ask = async (...args: string[]) =>
    JSON.parse(await house.hedgerow(...args, "--config", house.config, "--json"));
  trusted.push((await ask("key", "show")).publicKey);
  const { password } = await ask("bridge", "credentials", "z2m");
  await house.start();
  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
  await using _client = { [Symbol.asyncDispose]: () => client.endAsync(true) };
  const arrives = async (lux: number) => {
    await client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance: lux }), { qos: 1 });
    const levels = () => platform.store.events().map(({ data }) => data["lux"] ?? data["illuminanceLux"]);
    await expect.poll(levels, { timeout: 15_000 }).toContain(lux);
  };

  await arrives(11);
  expect(new Set(front.seen)).toEqual(new Set([first.serial]));
  const renewed = clients.issue("test-street");
  await writeClient(house.directory, renewed);
  await arrives(22);
  expect(front.seen.at(-1)).toBe(renewed.serial);

  const rotate = async (isFinal: boolean) => await callGateway(house.dataDir, "rotateKey", { isFinal });
  const nextPublicKey = (await rotate(false))?.nextPublicKey ?? "";
  await arrives(33);
  trusted.push(nextPublicKey);
  expect((await rotate(true))?.publicKey).toBe(nextPublicKey);
  const [former] = trusted.splice(0, 1);
  await arrives(44);
  const answer = await fetch(`${platform.url}/v1/stats`);
  expect(await answer.json()).toMatchObject({ refused: {}, conflicts: 0 });
  expect(proxy.seen()).not.toMatch(/cloudevents|webhook/i);

  // The page names both keys from the next edge of the policy's time bucket on.
  const publicKeys = async () => {
    const page = await fetch(`http://127.0.0.1:${house.statusPort}/api/v1/transparency`);
    return z.object({ publicKeys: z.array(z.string()) }).parse(await page.json()).publicKeys;
  };
  await expect.poll(publicKeys, { timeout: 10_000 }).toEqual([nextPublicKey, former]);
});

// Shown: the whole program with TLS, client certificates and WebSocket, as gateway.yaml says: a paired device's certificate
// logs in, one that was never paired does not.
import { readFile } from "node:fs/promises";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { makeCertificates } from "../../helpers/certificates.ts";
import { freePorts, openHouse } from "../../helpers/gateway-process.ts";
import { manyDevices } from "../../helpers/many-devices.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

test("gateway.yaml opens TLS and WebSocket; certificates log in who is paired", async () => {
  await using directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const { kit, password, prepare } = manyDevices(2);
  const [tlsPort, websocketPort] = await freePorts(2);
  const { certFile, keyFile, caFile } = made;
  await using house = await openHouse({
    kit,
    prepare,
    broker: {
      tls: { port: tlsPort, certFile, keyFile, clientCaFile: caFile },
      websocket: { port: websocketPort, tls: true },
    },
  });
  await house.start();
  const ca = await readFile(caFile);
  const certificateOf = async (name: string) => {
    const issued = await made.issue(name);
    return { cert: await readFile(issued.certFile), key: await readFile(issued.keyFile), ca, reconnectPeriod: 0 };
  };
  const url = `mqtts://127.0.0.1:${tlsPort}`;
  const paired = await connectAsync(url, await certificateOf("lux-0"));
  await paired.publishAsync("sensors/lux-0", JSON.stringify({ illuminance: 7 }), { qos: 1 });
  await expect(connectAsync(url, await certificateOf("lux-9"))).rejects.toMatchObject({ code: 5 });
  const page = await connectAsync(`wss://127.0.0.1:${websocketPort}`, {
    username: "lux-1",
    password,
    wsOptions: { ca },
  });
  await page.publishAsync("sensors/lux-1", JSON.stringify({ illuminance: 8 }), { qos: 1 });
  paired.end(true);
  page.end(true);
});

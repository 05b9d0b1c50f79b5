// Shown: the certificates of the broker's own TLS and of each sink are read before any port opens, each for itself and then together.
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { makeCertificates } from "../helpers/certificates.ts";
import { GATEWAY, said } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const texts = { cert: "", key: "", otherKey: "", ca: "" };

beforeAll(async () => {
  await using directory = await tempDir();
  const made = await makeCertificates(directory.path);
  const other = await made.issue("other");
  const read = (file: string) => readFile(file, "utf8");
  texts.cert = await read(made.certFile);
  texts.key = await read(made.keyFile);
  texts.otherKey = await read(other.keyFile);
  texts.ca = await read(made.caFile);
});

const TLS = "broker: { tls: { certFile: c.pem, keyFile: k.pem, clientCaFile: ca.pem } }\n";

async function mistakesOf(others: Readonly<Record<string, string>>) {
  const { mistakes } = await said({ gateway: GATEWAY + TLS, others });
  return mistakes;
}

test("a certificate, its key and the authority of devices are fine together", async () => {
  expect(await mistakesOf({ "c.pem": texts.cert, "k.pem": texts.key, "ca.pem": texts.ca })).toEqual([]);
});

test("a key of another certificate is named", async () => {
  expect(await mistakesOf({ "c.pem": texts.cert, "k.pem": texts.otherKey, "ca.pem": texts.ca })).toEqual([
    expect.stringContaining("./k.pem is not the key of the certificate in ./c.pem"),
  ]);
});

test("a key that is none is named", async () => {
  expect(await mistakesOf({ "c.pem": texts.cert, "k.pem": texts.ca, "ca.pem": texts.ca })).toEqual([
    expect.stringContaining("./k.pem holds no private key in PEM"),
  ]);
});

test("each file that is absent or no certificate is named", async () => {
  const mistakes = await mistakesOf({ "c.pem": "nothing", "k.pem": texts.key });
  expect(mistakes).toEqual([
    expect.stringContaining("./c.pem holds no certificate in PEM"),
    expect.stringContaining("./ca.pem cannot be read: there is no such file"),
  ]);
});

test("a sink's client certificate needs its own key, and says at which sink it has another's", async () => {
  const files = "certFile: c.pem, keyFile: k.pem";
  const sinks = [
    `{ id: main, kind: https, url: "https://platform.example", ${files} }`,
    `{ id: city, kind: mqtt, url: "mqtts://broker.example", ${files} }`,
  ];
  const gateway = `gateway: { id: elm-street }\nplatform:\n  - ${sinks.join("\n  - ")}\n`;
  const mistakesWith = async (key: string) =>
    (await said({ gateway, others: { "c.pem": texts.cert, "k.pem": key } })).mistakes;
  expect(await mistakesWith(texts.key)).toEqual([]);
  const misfit = "./k.pem is not the key of the certificate in ./c.pem";
  expect(await mistakesWith(texts.otherKey)).toEqual([
    expect.stringContaining(misfit),
    expect.stringContaining(misfit),
  ]);
});

test("the page's own certificate needs its own key, which others may not read", async () => {
  const gateway = `${GATEWAY}status: { tls: { certFile: c.pem, keyFile: k.pem } }\n`;
  const mistakesWith = async (key: string) =>
    (await said({ gateway, others: { "c.pem": texts.cert, "k.pem": key } })).mistakes;
  expect(await mistakesWith(texts.key)).toEqual([]);
  expect(await mistakesWith(texts.otherKey)).toEqual([
    expect.stringMatching(/gateway\.yaml:\d+:\d+ \.\/k\.pem is not the key of the certificate in \.\/c\.pem/),
  ]);
});

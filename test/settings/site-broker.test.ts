// Shown: what gateway.yaml may not say of the site's broker: sensors are private until this house has filtered them.
import { expect, test } from "vitest";
import { GATEWAY, said } from "../helpers/settings-folder.ts";

const external = (section: string): string => `${GATEWAY}broker: { mode: external, external: { ${section} } }\n`;
const mistakesOf = async (section: string, others: Readonly<Record<string, string>> = {}): Promise<string[]> =>
  (await said({ gateway: external(section), others })).mistakes;

test.each([
  ["this machine", "url: 'mqtt://127.0.0.1:1883'"],
  ["a private network", "url: 'mqtt://192.168.1.20'"],
  ["a name of the house", "url: 'mqtt://mosquitto.local'"],
  ["the internet, by TLS", "url: 'mqtts://broker.example'"],
])("the site's broker may be on %s", async (_, section) => {
  expect(await mistakesOf(section)).toEqual([]);
});

test.each([
  [
    "plain mqtt over the internet",
    "url: 'mqtt://broker.example'",
    "sensors must not be heard by plain mqtt; write mqtts://",
  ],
  ["an address of another kind", "url: 'http://127.0.0.1:1883'", "write an address such as mqtts://"],
  [
    "a login in the address",
    "url: 'mqtts://me:secret@broker.example'",
    "write it into files, usernameFile and passwordFile",
  ],
  ["certificates without TLS", "url: 'mqtt://127.0.0.1', caFile: ca.pem", "the address is plain mqtt; write mqtts://"],
  ["a certificate without its key", "url: 'mqtts://a.example', certFile: c.pem", "certFile and keyFile go together"],
  ["a password without a name", "url: 'mqtts://a.example', passwordFile: p", "a password needs a user name"],
  ["a file that is not there", "url: 'mqtts://a.example', usernameFile: nobody", "there is no such file"],
])("%s is refused, with the remedy", async (_, section, remedy) => {
  const mistakes = await mistakesOf(section, { "ca.pem": "x", "c.pem": "x", p: "x" });
  expect(mistakes.some((line) => line.includes(remedy))).toBe(true);
  expect(mistakes.join("\n")).not.toContain("secret@");
});

test("an authority's file that holds no certificate is named", async () => {
  const mistakes = await mistakesOf("url: 'mqtts://a.example', caFile: ca.pem", { "ca.pem": "nothing" });
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain("holds no certificate");
});

test("the port of a broker that is not opened may be the page's port", async () => {
  const listen = "mode: external, listen: { port: 8080 }, external: { url: 'mqtt://127.0.0.1' }";
  expect((await said({ gateway: `${GATEWAY}broker: { ${listen} }\n` })).mistakes).toEqual([]);
});

// Shown here: what is right in one file and yet does not fit the others, or the world, is named at its line.
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inspectSettings } from "../../src/settings/load.ts";
import { GATEWAY, POLICY, said, settingsFolder } from "../helpers/settings-folder.ts";

const device = (id: string, topic: string, profile = "generic/json"): string =>
  `  - { id: ${id}, profile: ${profile}, topic: ${JSON.stringify(topic)}, zone: z }\n`;

test.each([
  [
    "two devices with one id",
    `devices:\n${device("a", "x")}${device("a", "y")}`,
    "3:11 there are two devices with the id a; give one another id",
  ],
  [
    "two devices with one topic",
    `devices:\n${device("a", "x")}${device("b", "x")}`,
    "the topic x of device b overlaps with the topic x of device a; give each its own",
  ],
  [
    "a discovered profile that is none",
    `discovered: [{ name: a, entry: { title: A } }]\n`,
    "the discovered profile a is no profile: messages: ",
  ],
  [
    "a topic with a wildcard",
    `devices:\n${device("a", "x/#")}`,
    "the topic of device a holds + or #, which stand for any topic in MQTT",
  ],
  [
    "a topic of the broker's own",
    `devices:\n${device("a", "$SYS/x")}`,
    "the topic of device a begins with $, which belongs to the broker",
  ],
  [
    "a device above a bridge",
    `bridges: [{ id: z, family: zigbee2mqtt, base: home/z }]\ndevices:\n${device("a", "home")}`,
    "the topic home of device a covers the base of bridge z; a device's topic lies below the base, or beside it",
  ],
  [
    "a bridge below a bridge",
    "bridges:\n  - { id: a, family: zigbee2mqtt, base: z }\n  - { id: b, family: zigbee2mqtt, base: z/y }\n",
    "3:41 the base z/y of bridge b overlaps with the base z of bridge a; give each its own",
  ],
  [
    "a base that ends with /",
    "bridges: [{ id: a, family: zigbee2mqtt, base: z/ }]\n",
    "the base of bridge a ends with /; remove it",
  ],
  [
    "a trigger that is no device",
    "cameras: [{ id: c, zone: z, source: { kind: file, path: x.jpg }, triggers: [gone] }]\n",
    "camera c is triggered by gone, but there is no such device; add it under devices, or remove it here",
  ],
  [
    "a profile that does not exist",
    `devices:\n${device("a", "x", "tasmota/relais")}`,
    "device a has the profile tasmota/relais, which does not exist; did you mean tasmota/relay?",
  ],
  [
    "a family without bridge",
    "bridges: [{ id: a, family: zigbee2mqt, base: z }]\n",
    "bridge a is of the family zigbee2mqt, which has no bridge; did you mean zigbee2mqtt?",
  ],
  [
    "a password in an address",
    "cameras: [{ id: c, zone: z, source: { kind: http-snapshot, url: 'http://me:pw@192.168.1.2/' }, triggers: [] }]\n",
    "the address holds a password, which settings must not; write it into a file and name that under credentialsFile",
  ],
  [
    "a secret that is not there",
    "cameras: [{ id: c, zone: z, source: { kind: http-snapshot, url: 'http://192.168.1.2/', credentialsFile: no.cred } }]\n",
    "the secret in ./no.cred cannot be read: there is no such file; Check that",
  ],
])("a kit with %s is refused", async (_, kit, sentence) => {
  const { mistakes } = await said({ kit });
  expect(mistakes).toEqual([expect.stringContaining(sentence)]);
  expect(mistakes[0]).toMatch(/^kit\.yaml:\d+:\d+ /);
  expect(mistakes[0]).not.toContain("pw");
});

test("devices of one bridge may lie below each other, and families wrap one topic differently", async () => {
  const bridge = "bridges: [{ id: z, family: zigbee2mqtt, base: z }]\n";
  expect(
    await said({
      kit: `${bridge}devices:\n${device("a", "z/x", "zigbee2mqtt/occupancy")}${device("b", "z/x/y", "zigbee2mqtt/occupancy")}`,
    }),
  ).toEqual({ mistakes: [], warnings: [] });
  expect(await said({ kit: `devices:\n${device("a", "lamp", "tasmota/relay")}${device("b", "lamp")}` })).toEqual({
    mistakes: [],
    warnings: [],
  });
});

test("what is odd but not wrong is a warning, and the settings load", async () => {
  const camera = "cameras: [{ id: cam, zone: z, source: { kind: file, path: x.jpg } }]\n";
  const policy = `${POLICY}languages: [en, es]\ncameras: { old: { purpose: { en: Look }, until: 2026-05-31 } }\n`;
  const { mistakes, warnings } = await said({ gateway: "gateway: { id: elm-street }\n", policy, kit: camera });
  expect(mistakes).toEqual([]);
  expect(warnings).toEqual([
    "gateway.yaml:1:1 platform names no sink: events wait in the buffer until they expire",
    "policy.yaml:4:12 the policy speaks of camera old, but there is no such camera in the kit",
    "policy.yaml:4:28 the purpose of camera old is not written in es, which languages names",
    "policy.yaml:4:49 camera old was allowed until 2026-05-31 only, so it does not start; agree on a new day, or remove the camera",
    "kit.yaml:1:11 camera cam has no triggers and no schedule.at, so it takes pictures by hand only",
    "kit.yaml:1:17 camera cam does not start, since the policy does not name it; add it under cameras in the policy",
  ]);
});

test("a device behind another one is a warning, whichever is written first", async () => {
  const sentence = "the topic x/y of device b lies below the topic x of device a, whose login speaks for it";
  for (const devices of [device("a", "x") + device("b", "x/y"), device("b", "x/y") + device("a", "x")]) {
    const { mistakes, warnings } = await said({ kit: `devices:\n${devices}` });
    expect(mistakes).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(sentence)]);
  }
});

test("a device may have a discovered profile that the kit brings along", async () => {
  const bridge = "bridges: [{ id: z, family: zigbee2mqtt, base: z }]\n";
  const entry = '{ title: Shed, messages: [{ on: "{topic}", read: [{ kind: motion, at: /on }] }] }';
  const kit = `${bridge}discovered: [{ name: shed, entry: ${entry} }]\ndevices:\n${device("a", "z/x", "discovered/shed")}`;
  expect(await said({ kit })).toEqual({ mistakes: [], warnings: [] });
  expect((await said({ kit: kit.replace("name: shed", "name: other") })).mistakes).toEqual([
    expect.stringContaining("device a has the profile discovered/shed, which does not exist"),
  ]);
});

test("a device below a bridge of another family is a warning", async () => {
  const { mistakes, warnings } = await said({
    kit: `bridges: [{ id: z, family: zigbee2mqtt, base: z }]\ndevices:\n${device("a", "z/x")}`,
  });
  expect(mistakes).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining("device a has a profile of generic, but its topic lies below bridge z of zigbee2mqtt"),
  ]);
});

const platform = (url: string): string => `gateway: { id: g }\nplatform: [{ id: main, kind: https, url: "${url}" }]\n`;

test.each([
  "http://platform.example/x",
  "http://8.8.8.8",
  "http://[2001:db8::1]/",
  "http://10.evil.example",
  "http://localhost.evil.example",
])("events do not travel to %s by plain http", async (url) => {
  expect((await said({ gateway: platform(url) })).mistakes).toEqual([
    expect.stringMatching(/^gateway\.yaml:2:42 .* is not on this machine or a private network.*write https:\/\/$/),
  ]);
});

test.each([
  "http://127.0.0.1:8081",
  "http://localhost:1",
  "http://[::1]:1/",
  "http://192.168.1.9",
  "http://172.31.0.1",
  "http://10.0.0.1",
  "http://[fd00::5]",
  "http://pi.local",
  "http://platform:8080",
  "https://platform.example",
])("%s may be the platform's address", async (url) => {
  expect(await said({ gateway: platform(url) })).toEqual({ mistakes: [], warnings: [] });
});

test("secrets and certificates are read before anything opens", async () => {
  const sink =
    "gateway: { id: g }\nplatform: [{ id: main, kind: https, url: 'https://p.example', caFile: ca.pem, sharedSecretFile: empty }]\n";
  expect((await said({ gateway: sink, others: { "ca.pem": "not a certificate", empty: " \n" } })).mistakes).toEqual([
    expect.stringContaining("gateway.yaml:2:71 ./ca.pem holds no certificate in PEM"),
    expect.stringContaining("gateway.yaml:2:97 the secret in ./empty cannot be read: it is empty"),
  ]);
});

test("a secret that everybody may read is a warning", async () => {
  await using folder = await settingsFolder({
    gateway:
      "gateway: { id: g }\nplatform: [{ id: main, kind: https, url: 'https://p.example', sharedSecretFile: s }]\n",
  });
  await writeFile(join(folder.path, "s"), "secret", { mode: 0o644 });
  await chmod(folder.path, 0o755);
  const { warnings } = await inspectSettings(folder.file);
  expect(warnings.map(({ text }) => text)).toEqual([
    expect.stringContaining("may be read by every user of this machine; run chmod 600 on it"),
  ]);
});

test("a secret in a folder closed to others is no warning, whatever its own mode", async () => {
  await using folder = await settingsFolder({
    gateway:
      "gateway: { id: g }\nplatform: [{ id: main, kind: https, url: 'https://p.example', sharedSecretFile: secrets/s }]\n",
  });
  await mkdir(join(folder.path, "secrets"), { mode: 0o750 });
  await writeFile(join(folder.path, "secrets/s"), "secret", { mode: 0o644 });
  expect((await inspectSettings(folder.file)).warnings).toEqual([]);
});

test("the remedy for an open secret of another owner does not lock the gateway out", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip("only root can give files away");
  await using folder = await settingsFolder({
    gateway:
      "gateway: { id: g }\nplatform: [{ id: main, kind: https, url: 'https://p.example', sharedSecretFile: s }]\n",
  });
  const secret = join(folder.path, "s");
  await writeFile(secret, "secret", { mode: 0o644 });
  await chmod(folder.path, 0o755);
  await chown(secret, 65_534, process.getegid?.() ?? 0);
  expect((await inspectSettings(folder.file)).warnings.map(({ text }) => text)).toEqual([
    expect.stringContaining("run chmod 640 on it"),
  ]);
});

test.each([
  ["the broker and the page", "status: { port: 1883 }", "3:17 status.port 1883 is broker.listen.port too"],
  [
    "MQTT and WebSocket",
    "broker: { listen: { port: 18830 }, websocket: { port: 18830 } }",
    "3:55 broker.websocket.port 18830 is broker.listen.port too",
  ],
  ["WebSocket and the page", "broker: { websocket: { port: 8080 } }", "status.port 8080 is broker.websocket.port too"],
])("%s cannot share a port", async (_, text, complaint) => {
  expect((await said({ gateway: `${GATEWAY}${text}\n` })).mistakes).toEqual([
    expect.stringContaining(`${complaint}; choose another`),
  ]);
});

test("doors may share a port at two addresses", async () => {
  const apart = "broker: { listen: { host: 127.0.0.1, port: 8080 } }\nstatus: { host: 127.0.0.2, port: 8080 }\n";
  expect((await said({ gateway: `${GATEWAY}${apart}` })).mistakes).toEqual([]);
});

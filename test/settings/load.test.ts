// Shown here: each mistake of the three files is named with file, line, column and remedy, all at once; good ones load.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { loadKit, loadPolicy, loadSettings } from "../../src/settings/load.ts";
import { GATEWAY, POLICY, said, settingsFolder } from "../helpers/settings-folder.ts";

async function refusal(promise: Promise<unknown>): Promise<GatewayError> {
  const thrown = await promise.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (thrown instanceof GatewayError) return thrown;
  throw new Error(`expected a GatewayError, got ${String(thrown)}`);
}

test("good settings load with defaults, absolute paths and the policy's digest", async () => {
  await using folder = await settingsFolder({ others: { "ca.txt": "x" } });
  const settings = await loadSettings(folder.file);
  expect(settings.gateway.gateway).toEqual({ id: "elm-street", dataDir: join(folder.path, "data"), timezone: "UTC" });
  expect(settings.gateway.broker.listen).toEqual({ host: "0.0.0.0", port: 1883 });
  expect(settings.gateway.kit).toBe(join(folder.path, "kit.yaml"));
  expect(settings.policySha256).toBe(createHash("sha256").update(POLICY).digest("hex"));
  expect(settings.policy.events.motion).toEqual({ mode: "none" });
  expect(settings.warnings).toEqual([]);
});

test("all mistakes of all files come at once, each with file, line, column and remedy", async () => {
  const { mistakes } = await said({
    gateway:
      "gateway:\n  id: Elm Street\nbroker:\n  lissten: { port: 1 }\nlog: { level: loud }\nstatus: { port: many }\n",
    policy: "version: 2\ncontroller: { name: 7 }\nevents: { timeBucketS: 0 }\ncameras: { Gate: {} }\n",
    kit: "bridges:\ncameras:\n  - { id: cam, zone: z, source: { kind: rtps } }\n",
  });
  expect(mistakes).toEqual([
    'gateway.yaml:2:7 gateway.id "Elm Street" is not valid: use lower-case letters, digits and -, 63 characters at most',
    "gateway.yaml:4:3 broker.lissten is not known; did you mean listen?",
    'gateway.yaml:5:15 log.level must be trace, debug, info, warn or error, not "loud"',
    'gateway.yaml:6:17 status.port must be a number, not "many"',
    "policy.yaml:1:10 version must be 1, not 2",
    "policy.yaml:2:1 controller.contact is missing; write a text",
    "policy.yaml:2:21 controller.name must be a text; put 7 in quotes",
    "policy.yaml:3:24 events.timeBucketS must be at least 1",
    "policy.yaml:4:12 cameras.Gate has a name that is not valid: use lower-case letters, digits and -, 63 characters at most",
    "kit.yaml:1:9 bridges is empty; write a list, or remove the line",
    'kit.yaml:3:41 cameras[0].source.kind must be rtsp, http-snapshot, mjpeg, mqtt, folder, v4l2, rpicam or file, not "rtps"; did you mean rtsp?',
  ]);
});

test("the error names the folder and holds a line for each mistake", async () => {
  await using folder = await settingsFolder({ gateway: `${GATEWAY}colour: red\nkitt: x\n` });
  const error = await refusal(loadSettings(folder.file));
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.message).toBe(
    `2 mistakes in the settings in ${folder.path}\ngateway.yaml:3:1 colour is not known; known here: gateway, policy, profiles, kit, broker, platform, spool, redactor, status, notices, log\ngateway.yaml:4:1 kitt is not known; did you mean kit?`,
  );
});

test.each([
  ["is empty", "", "gateway.yaml:1:1 the file is empty; begin with its example in config/"],
  ["is only a comment", "# hello\n", "gateway.yaml:1:1 the file is empty; begin with its example in config/"],
  ["is a list", "- a\n", "gateway.yaml:1:1 the file must be a group of keys, not a list"],
  ["is no YAML", "gateway: [\n", "gateway.yaml:2:1 "],
  [
    "is not UTF-8",
    new Uint8Array([0xff, 0xfe, 0x67, 0x00]),
    "gateway.yaml cannot be read: it is not a text in UTF-8; save it as UTF-8",
  ],
  ["is larger than 1 MiB", `#${" ".repeat(1_100_000)}\n${GATEWAY}`, "gateway.yaml cannot be read: it has 1100"],
])("a gateway.yaml that %s is refused in a sentence", async (_, gateway, sentence) => {
  const { mistakes } = await said({ gateway });
  expect(mistakes.join("\n")).toContain(sentence);
});

test("a gateway.yaml that is not there, or is a folder, is named with the reason", async () => {
  await using folder = await settingsFolder({ gateway: null });
  expect(await refusal(loadSettings(folder.file))).toMatchObject({
    code: "CONFIG_UNREADABLE",
    message: `${folder.path}/gateway.yaml cannot be read: there is no such file`,
  });
  await mkdir(folder.file);
  expect((await refusal(loadSettings(folder.file))).message).toContain("it is a folder, not a file");
});

test("without a policy nothing starts, and the place that names it is shown", async () => {
  await using folder = await settingsFolder({ gateway: `${GATEWAY}policy: nowhere.yaml\n`, policy: null });
  const error = await refusal(loadSettings(folder.file));
  expect(error.code).toBe("POLICY_MISSING");
  expect(error.message).toContain("gateway.yaml:3:9 the policy");
  expect(await refusal(loadPolicy(join(folder.path, "nowhere.yaml")))).toMatchObject({ code: "POLICY_MISSING" });
});

test("a policy by itself is refused for a mask without area, as it is with the rest", async () => {
  const masks = "masks: [ { name: window, polygon: [[0.1, 0.5], [0.9, 0.5], [0.5, 0.5]] } ]";
  const policy = `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01, ${masks} } }\n`;
  await using folder = await settingsFolder({ policy });
  const error = await refusal(loadPolicy(join(folder.path, "policy.yaml")));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  expect(error.message).toContain("the mask window of camera gate covers no area");
});

test("a kit that nobody named may be missing; one that is named may not", async () => {
  expect(await said({ kit: null })).toMatchObject({
    mistakes: [],
    warnings: ["gateway.yaml:1:1 the kit ./kit.yaml does not exist; add devices with hedgerow device pair"],
  });
  expect((await said({ gateway: `${GATEWAY}kit: other.yaml\n` })).mistakes).toEqual([
    "gateway.yaml:3:6 the kit ./other.yaml does not exist; write it (see config/kit.example.yaml), or remove the line",
  ]);
});

test("the digest of a policy is that of its bytes, and a kit alone gets absolute paths", async () => {
  await using folder = await settingsFolder({
    kit: "cameras: [{ id: c, zone: z, source: { kind: file, path: x.jpg } }]\n",
  });
  const { policy, sha256 } = await loadPolicy(join(folder.path, "policy.yaml"));
  expect(policy.controller.name).toBe("Elm Street");
  expect(sha256).toBe(createHash("sha256").update(POLICY).digest("hex"));
  expect((await loadKit(join(folder.path, "kit.yaml"))).cameras[0]?.source).toEqual({
    kind: "file",
    path: join(folder.path, "x.jpg"),
  });
});

test("a thousand mistakes are answered with the first hundred", async () => {
  await using folder = await settingsFolder({
    gateway: `${GATEWAY}${Array.from({ length: 1000 }, (_, n) => `wrong${n}: 1\n`).join("")}`,
  });
  const { message } = await refusal(loadSettings(folder.file));
  expect(message.split("\n").length).toBe(102);
  expect(message).toContain("and 900 more");
});

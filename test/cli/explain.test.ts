// `hedgerow explain` as a person or a program uses it: single payloads, several lines, a kit, wrong usage. What messages
// mean is in test/devices.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainInput } from "../../src/cli/explain.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { tempDir } from "../helpers/temp-dir.ts";

type Options = Parameters<typeof explainInput>[0]["options"];

async function explain(options: Options, ...chunks: (string | Buffer)[]): Promise<string[]> {
  const printed: string[] = [];
  const input = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  await explainInput({ options, input, print: (line) => void printed.push(line), startMs: Date.UTC(2027, 4, 1, 12) });
  return printed;
}

test("a payload becomes one JSON object with kind, value, unit and time", async () => {
  const [line = "", ...more] = await explain(
    { topic: "zigbee2mqtt/porch", json: true },
    '{"occupancy":true,"illuminance":8,"mac":"02:00"}\n',
  );
  expect(more).toEqual([]);
  expect(JSON.parse(line)).toEqual({
    outcome: "readings",
    reason: null,
    profile: "zigbee2mqtt/any",
    device: "zigbee2mqtt/porch",
    readings: [
      { kind: "motion", value: true, unit: null, at: "2027-05-01T12:00:00.000Z" },
      { kind: "illuminance", value: 8, unit: "lx", at: "2027-05-01T12:00:00.000Z" },
    ],
    removed: ["mac"],
  });
});

test("without --json it is a sentence", async () => {
  expect(await explain({ topic: "zigbee2mqtt/porch" }, '{"occupancy":true,"illuminance":8,"x":1}')).toEqual([
    "readings (zigbee2mqtt/any, zigbee2mqtt/porch): motion true, illuminance 8 lx; not kept: x",
  ]);
  expect(await explain({ topic: "tele/x/SENSOR" }, '{"Switch1":"ON"}')).toEqual([
    "ignored (tasmota/any, x): not-mapped, understood, but this profile reads nothing in it; not kept: Switch1",
  ]);
});

test("a payload that comes in pieces is one payload", async () => {
  expect(await explain({ topic: "zigbee2mqtt/p" }, '{"occupancy":', "true}")).toHaveLength(1);
  expect(await explain({ topic: "zigbee2mqtt/p" }, '{\n  "occupancy": true\n}\n')).toHaveLength(1);
});

test("several payloads, one a line, are answered one by one", async () => {
  const lines = await explain({ topic: "zigbee2mqtt/p", json: true }, '{"occupancy":true}\n{"occupancy":true}\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { outcome: "readings" },
    { outcome: "ignored", reason: "repeat" },
  ]);
});

test("lines keep state, and afterMs counts from the line before", async () => {
  const line = (afterMs: number) =>
    JSON.stringify({ topic: "tele/zb/SENSOR", payload: '{"ZbReceived":{"0x1":{"Occupancy":1}}}', afterMs });
  const answers = await explain(
    { lines: true, json: true },
    [line(0), "", line(50_000), line(89_999), line(90_000)].join("\r\n"),
  );
  expect(answers.map((answer) => JSON.parse(answer))).toMatchObject([
    { outcome: "readings", readings: [{ at: "2027-05-01T12:00:00.000Z" }] },
    { outcome: "ignored", reason: "repeat" },
    { outcome: "ignored", reason: "repeat" },
    { outcome: "readings", readings: [{ at: "2027-05-01T12:03:49.999Z" }] },
  ]);
});

test("a line's payload may be JSON instead of text, and --topic stands in where a line has none", async () => {
  const [answer = ""] = await explain(
    { lines: true, json: true, topic: "zigbee2mqtt/p" },
    '{"payload":{"occupancy":true}}',
  );
  expect(JSON.parse(answer)).toMatchObject({ outcome: "readings", device: "zigbee2mqtt/p" });
});

test("a payload larger than a packet is too large, and is not read to its end", async () => {
  const half = Buffer.alloc(LIMITS.packetBytes / 2 + 1, 32);
  const [answer = ""] = await explain({ topic: "zigbee2mqtt/p", json: true }, half, half, half, half);
  expect(JSON.parse(answer)).toMatchObject({ outcome: "dropped", reason: "too-large" });
});

test("a picture on a sensor's topic is not JSON", async () => {
  const [answer = ""] = await explain(
    { topic: "zigbee2mqtt/p", json: true },
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x0a, 0x0a]),
  );
  expect(JSON.parse(answer)).toMatchObject({ outcome: "dropped", reason: "not-json" });
});

test("a named profile is used, also below another base than the usual", async () => {
  const [answer = ""] = await explain(
    { topic: "our/zigbee/p", profile: "zigbee2mqtt/occupancy", json: true },
    '{"occupancy":true}',
  );
  expect(JSON.parse(answer)).toMatchObject({ outcome: "readings", profile: "zigbee2mqtt/occupancy" });
});

test("a named profile that does not read the topic says so", async () => {
  const [answer = ""] = await explain({ topic: "elsewhere/x", profile: "tasmota/relay", json: true }, "ON");
  expect(JSON.parse(answer)).toMatchObject({
    outcome: "ignored",
    reason: "not-mapped",
    profile: "tasmota/relay",
    device: null,
  });
});

test("with a kit the kit decides whose message it is, and what it does not hold awaits approval", async () => {
  await using temporary = await tempDir();
  const directory = temporary.path;
  const files = {
    "gateway.yaml": "gateway: { id: elm-street }\n",
    "policy.yaml": "version: 1\ncontroller: { name: Elm, contact: privacy@elm.example }\n",
    "kit.yaml": `
bridges: [ { id: z2m, family: zigbee2mqtt, base: our/zigbee }, { id: radio, family: rtl-433, base: our/radio } ]
devices:
- { id: drive, profile: rtl-433/sensor, topic: our/radio/pi/events/generic-motion/1, zone: yard }
- { id: porch, profile: zigbee2mqtt/occupancy, topic: our/zigbee/porch, zone: yard }
- { id: hedge, profile: tasmota/switch-pir, topic: hedge1, zone: yard }
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const lines = [
    { topic: "our/zigbee/porch", payload: { occupancy: true } },
    { topic: "tele/hedge1/SENSOR", payload: { Switch1: "ON" } },
    { topic: "our/zigbee/shed", payload: { occupancy: true } },
    { topic: "our/zigbee/bridge/state", payload: "online" },
    { topic: "tele/hedge2/SENSOR", payload: { Switch1: "ON" } },
    { topic: "our/radio/pi/events", payload: { model: "Generic-Motion", id: 1 } },
  ];
  const options: Options = { lines: true, json: true, config: join(directory, "gateway.yaml") };
  const answers = await explain(options, lines.map((line) => JSON.stringify(line)).join("\n"));
  expect(answers.map((answer) => JSON.parse(answer))).toMatchObject([
    { outcome: "readings", device: "porch", profile: "zigbee2mqtt/occupancy" },
    { outcome: "readings", device: "hedge", readings: [{ kind: "motion", value: true }] },
    { outcome: "ignored", reason: "awaits-approval", device: null },
    { outcome: "ignored", reason: "bridge-state" },
    { outcome: "dropped", reason: "no-profile" },
    { outcome: "readings", device: "drive", readings: [{ kind: "motion", value: true }] },
  ]);
});

test.each<[string, Options, string]>([
  ["no topic", {}, "x"],
  ["an unknown profile", { topic: "a", profile: "no/such" }, "x"],
  ["a line that is not JSON", { lines: true }, "occupied"],
  ["a line that is a list", { lines: true }, "[]"],
  ["a line without topic", { lines: true }, '{"payload":"x"}'],
  ["a line without payload", { lines: true }, '{"topic":"x"}'],
  ["a time that is no number", { lines: true }, '{"topic":"x","payload":"x","afterMs":"5"}'],
  ["a retained that is text", { lines: true }, '{"topic":"x","payload":"x","retained":"yes"}'],
])("%s is wrong usage", async (_, options, input) => {
  await expect(explain(options, input)).rejects.toMatchObject({ code: "USAGE" });
});

test("the program answers on standard output and exits 2 for wrong usage", async () => {
  const run = (args: readonly string[], input: string) =>
    new Promise<{ code: unknown; out: string; error: string }>((resolve) => {
      const main = join(import.meta.dirname, "../../src/main.ts");
      const child = execFile(process.execPath, [main, "explain", ...args], (failed, out, error) =>
        resolve({ code: failed?.code ?? 0, out, error }),
      );
      child.stdin?.end(input);
    });
  expect(await run(["--topic", "zigbee2mqtt/porch", "--json"], '{"occupancy":true}')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\{"outcome":"readings",.*\}\n$/),
    error: "",
  });
  expect(await run([], "x")).toMatchObject({ code: 2, out: "", error: expect.stringContaining("--topic") });
});

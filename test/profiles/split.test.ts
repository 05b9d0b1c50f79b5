// Shown here: a message that speaks of several devices is taken apart, within bounds, and whatever comes in never throws.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { compileFamily } from "../../src/profiles/compile.ts";
import { ProfileFile } from "../../src/profiles/schema.ts";
import { splitBy } from "../../src/profiles/split.ts";

const family = compileFamily(
  "test",
  ProfileFile.parse({
    title: "Test",
    setup: ["Nothing."],
    split: [
      { on: "tele/+/SENSOR", each: "/ZbReceived/*" },
      { on: "{base}/events", by: ["/model", "/id"] },
      { on: "{base}/list", each: "/devices/*", by: ["/name"] },
      { on: "{base}/some", by: ["/id"], where: [{ at: "/kind", is: "sensor" }] },
    ],
    profiles: { any: { title: "Any", messages: [{ on: "{topic}", read: [{ kind: "motion", at: "/m" }] }] } },
  }),
);
const split = (topic: string, payload: unknown) =>
  splitBy([{ family, base: "radio" }], {
    topic,
    payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
  }).map((part) => ({ ...part, payload: Buffer.from(part.payload).toString() }));

test("each member of a group becomes a message below its name, with what stands beside the group", () => {
  const parts = split("tele/tb/SENSOR", { Time: "t", ZbReceived: { "0x6172": { Occupancy: 1 }, "0x1": { A: 2 } } });
  expect(parts).toEqual([
    { topic: "tele/tb/SENSOR/0x6172", payload: '{"Time":"t","ZbReceived":{"0x6172":{"Occupancy":1}}}', isPart: true },
    { topic: "tele/tb/SENSOR/0x1", payload: '{"Time":"t","ZbReceived":{"0x1":{"A":2}}}', isPart: true },
  ]);
});

test("other groups beside the group are what the sender says of itself: they go on once, on its own topic", () => {
  const parts = split("tele/tb/SENSOR", { Time: "t", ZbReceived: { "0x1": { A: 1 }, "0x2": { A: 2 } }, Lux: { L: 4 } });
  expect(parts).toEqual([
    { topic: "tele/tb/SENSOR/0x1", payload: '{"Time":"t","ZbReceived":{"0x1":{"A":1}}}', isPart: true },
    { topic: "tele/tb/SENSOR/0x2", payload: '{"Time":"t","ZbReceived":{"0x2":{"A":2}}}', isPart: true },
    { topic: "tele/tb/SENSOR", payload: '{"Time":"t","Lux":{"L":4}}', isPart: false },
  ]);
});

test("a message is named by the values that name its device", () => {
  const [part] = split("radio/events", { model: "Interlogix-Security", id: "468d19", x: 1 });
  expect(part?.topic).toBe("radio/events/interlogix-security/468d19");
});

test("members of a list are named by a value of each; one without it is left out", () => {
  const parts = split("radio/list", { devices: [{ name: "A", m: true }, { m: false }, { name: "b/+#$c" }] });
  expect(parts.map(({ topic }) => topic)).toEqual(["radio/list/a", "radio/list/b____c"]);
  expect(parts[0]?.payload).toBe('{"devices":[{"name":"A","m":true}]}');
});

test("what is not of the form goes on whole", () => {
  for (const payload of ["ON", "[]", "{}", '{"ZbReceived":null}', '{"ZbReceived":{}}', '{"ZbReceived":{"a":1}}'])
    expect(split("tele/tb/SENSOR", payload)).toEqual([{ topic: "tele/tb/SENSOR", payload, isPart: false }]);
  expect(split("radio/some", { kind: "remote", id: 1 })).toMatchObject([{ topic: "radio/some", isPart: false }]);
  expect(split("other", { devices: [{ name: "a" }] })).toMatchObject([{ topic: "other", isPart: false }]);
});

test("no more parts than the bound", () => {
  const devices = Array.from({ length: 1000 }, (_, index) => ({ name: `n${index}` }));
  const parts = split("radio/list", { devices });
  expect(parts).toHaveLength(LIMITS.partsPerMessage);
  expect(parts.at(-1)).toHaveProperty("leftOut", 1000 - LIMITS.partsPerMessage);
  expect(parts.slice(0, -1).some((part) => "leftOut" in part)).toBe(false);
});

test("nesting without end makes no trouble: what no pointer can reach is left out", () => {
  const [part] = split(
    "tele/tb/SENSOR",
    `{"ZbReceived":{"0x1":{"A":2,"deep":${"[".repeat(50_000)}${"]".repeat(50_000)}}}}`,
  );
  expect(part).toMatchObject({ topic: "tele/tb/SENSOR/0x1", isPart: true });
  expect(part?.payload).toMatch(/"A":2/);
  expect(part?.payload.length).toBeLessThan(200);
});

test("all parts together are not much larger than the whole, whatever stands beside the group", () => {
  const ZbReceived = Object.fromEntries(Array.from({ length: LIMITS.partsPerMessage }, (_, n) => [`0x${n}`, { A: n }]));
  const group = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, {}]));
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`v${n}`, n]));
  const whole = { Time: "t", ...many, text: "x".repeat(50_000), group, ZbReceived };
  const parts = split("tele/tb/SENSOR", whole);
  expect(parts.filter(({ isPart }) => isPart)).toHaveLength(LIMITS.partsPerMessage);
  for (const { payload } of parts) expect(JSON.parse(payload)).toMatchObject({ Time: "t" });
  expect(parts.slice(0, -1).reduce((sum, { payload }) => sum + payload.length, 0)).toBeLessThan(
    JSON.stringify(whole).length,
  );
});

test("whatever comes in, each part's topic is one level or more below, without wildcards", () => {
  const payloads = fc.oneof(
    fc.json(),
    fc
      .record({ devices: fc.array(fc.record({ name: fc.oneof(fc.string(), fc.jsonValue()) })) })
      .map((v) => JSON.stringify(v)),
    fc.record({ ZbReceived: fc.dictionary(fc.string(), fc.jsonValue()) }).map((v) => JSON.stringify(v)),
  );
  fc.assert(
    fc.property(fc.constantFrom("tele/tb/SENSOR", "radio/events", "radio/list"), payloads, (topic, payload) => {
      for (const part of split(topic, payload).filter(({ isPart }) => isPart)) {
        expect(part.topic.startsWith(`${topic}/`)).toBe(true);
        expect(part.topic).not.toMatch(/[+#\p{C}]/u);
      }
    }),
  );
});

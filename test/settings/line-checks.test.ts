// Shown: what is written about a platform's line, and for how long events are kept, is refused where it could not work, and the
// words say what to write instead.
import { expect, test } from "vitest";
import { POLICY, said } from "../helpers/settings-folder.ts";

const sink = (text: string, { cell = "" } = {}): string =>
  `gateway: { id: g${cell} }\nplatform: [{ id: main, ${text} }]\n`;
const HTTPS = "kind: https, url: 'https://p.example'";
const mistakesOf = async (gateway: string): Promise<readonly string[]> => (await said({ gateway })).mistakes;

test.each(["sunset, '05:00'", "'01:00', sunrise-30"])("hours of %s need a place", async (between) => {
  const text = `${HTTPS}, connect: { between: [${between}] }`;
  expect(await mistakesOf(sink(text))).toEqual([
    expect.stringMatching(/^gateway\.yaml:2:\d+ platform main goes by the sun.*write gateway\.cell, or times such as/),
  ]);
  expect(await mistakesOf(sink(text, { cell: ", cell: u09tun" }))).toEqual([]);
});

test("a broker's hours by the sun need a place, too", async () => {
  const text = "kind: mqtt, url: 'mqtts://b.example', connect: { between: [sunset, sunrise] }";
  expect(await mistakesOf(sink(text))).toEqual([expect.stringContaining("platform main goes by the sun")]);
});

test.each(["?key=1", "#part"])("an address that ends in %s is refused, since events go below it", async (end) => {
  expect(await mistakesOf(sink(`kind: https, url: 'https://p.example/x${end}'`))).toEqual([
    expect.stringContaining("events go to {url}/v1/events"),
  ]);
});

test.each([
  ["kind: mqtt, url: 'https://b.example'", "mqtts://broker.example:8883"],
  ["kind: https, url: 'mqtts://b.example'", "https://platform.example/hedgerow"],
  [`${HTTPS}, proxy: 'socks5://proxy.example'`, "http://proxy.example:3128"],
])("of %s the remedy is %s", async (text, remedy) => {
  expect(await mistakesOf(sink(text))).toEqual([expect.stringContaining(`write an address such as ${remedy}`)]);
});

test("hours that are missing are asked for as times", async () => {
  expect(await mistakesOf(sink(`${HTTPS}, connect: {}`))).toEqual([
    expect.stringContaining('between is missing; write two times such as ["22:00", "06:00"]'),
  ]);
});

test("a class of events that is not known comes with those that are", async () => {
  const policy = (key: string) => `${POLICY}events: { retentionHoursOf: { ${key}: 24 } }\n`;
  expect((await said({ policy: policy("pictures") })).mistakes).toEqual([
    expect.stringContaining("is not known; known here: light.level, light.state, motion, house"),
  ]);
  expect((await said({ policy: policy("light.levels") })).mistakes).toEqual([
    expect.stringContaining("did you mean light.level?"),
  ]);
});

// 20,000 announcements no sender makes: options mutated and crossed, templates put together from pieces, bytes flipped. None
// throws, what comes out is bounded, and what becomes a profile is one that the schema takes. The seed is fixed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Discovery, type Entity, mergeDiscoveries, readDiscovery } from "../../src/profiles/discovery.ts";
import { DISCOVERY_LIMITS } from "../../src/profiles/discovery-limits.ts";
import { toProfile } from "../../src/profiles/discovery-profile.ts";
import { isIdentityName } from "../../src/profiles/identity.ts";
import { ProfileFile } from "../../src/profiles/schema.ts";
import { seededRandom } from "../helpers/random.ts";

const ROUNDS = 20_000;
const directory = join(import.meta.dirname, "../fixtures/discovery");
const Seeds = z.object({
  announcements: z.array(z.object({ topic: z.string(), payload: z.record(z.string(), z.unknown()) })),
});
const seeds = readdirSync(directory).flatMap(
  (file) => Seeds.parse(JSON.parse(readFileSync(join(directory, file), "utf8"))).announcements,
);
const odd: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  "",
  "~",
  "~/~",
  "__proto__",
  "a/+/b",
  "#",
  "{topic}",
  "x".repeat(600),
  "\u0000",
  "\ud800",
  [],
  [[]],
  [["mac", 7]],
  {},
  { t: "~", value_template: "{{" },
  { toString: "x", valueOf: null },
];
const pieces =
  "{{ }} {% %} if else endif not in value value_json . [ ] ( ) | , * / + - == != < > 'ON' 'OFF' \"a\" 0 1.5 a float default lower x".split(
    " ",
  );

test(`${ROUNDS} mutated announcements are read without a throw, and within their bounds`, () => {
  const random = seededRandom(20_270_103);
  const kinds = new Map<string, number>();
  let profiles = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { topic, payload } = pick(seeds, random);
    const mutated = mutate(payload, random);
    const bytes = Buffer.from(JSON.stringify(mutated));
    if (random() < 0.1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const found = readDiscovery({ topic, payload: bytes });
    kinds.set(found.kind, (kinds.get(found.kind) ?? 0) + 1);
    const entities = mergeDiscoveries([], found).filter((each) => each.kind === "entity");
    for (const { deviceName, entityName } of entities) {
      expect(Array.from(deviceName).length).toBeLessThanOrEqual(DISCOVERY_LIMITS.nameChars);
      expect(entityName).not.toMatch(/\p{Cc}/u);
    }
    profiles += isSoundProfile(entities) ? 1 : 0;
  }
  for (const kind of ["entity", "needs-profile", "several", "no"]) expect(kinds.get(kind), kind).toBeGreaterThan(50);
  expect(profiles).toBeGreaterThan(1000);
});

test("bytes that are no announcement at all are not for us", () => {
  const random = seededRandom(20_270_104);
  for (let round = 0; round < 2000; round += 1) {
    const payload = Buffer.from(
      Array.from({ length: 1 + Math.floor(random() * 200) }, () => Math.floor(random() * 256)),
    );
    expect(readDiscovery({ topic: "homeassistant/sensor/a/config", payload }).kind).toBe("no");
  }
});

test("a full packet of nesting, of options or of components is read like any other", () => {
  const { payloadBytes } = DISCOVERY_LIMITS;
  const deep = `{"device":${"[".repeat(payloadBytes / 2 - 20)}${"]".repeat(payloadBytes / 2 - 20)}}`;
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index])));
  const braces = JSON.stringify({ device_class: "motion", stat_t: "a", val_tpl: "{%".repeat(payloadBytes / 3) });
  const texts = [deep, wide, braces, "[".repeat(payloadBytes)].map((text) => read(text, "binary_sensor").kind);
  expect(texts).toEqual(["needs-profile", "needs-profile", "needs-profile", "no"]);
  expect(read("x".repeat(payloadBytes + 1))).toMatchObject({ kind: "no", why: "it is too large" });
});

test("names of JavaScript's own objects are names like any other", () => {
  const text =
    '{"__proto__":{"device_class":"motion"},"constructor":1,"stat_t":"a","dev":{"__proto__":{"name":"x"},"ids":["__proto__"]}}';
  expect(read(text)).toMatchObject({ kind: "no" });
  const device = read('{"cmps":{"__proto__":{"p":"binary_sensor","dev_cla":"motion","stat_t":"a"}}}', "device");
  expect(device).toMatchObject({ kind: "several", parts: [{ kind: "entity" }] });
  expect(Object.keys({})).toEqual([]);
  expect(read('{"dev_cla":"motion","stat_t":"a","pl_on":"__proto__"}', "binary_sensor").kind).toBe("entity");
});

function read(text: string, component = "sensor"): Discovery {
  return readDiscovery({ topic: `homeassistant/${component}/a/config`, payload: Buffer.from(text) });
}

/** Whether a profile came of it; one that the loader would refuse, or that reads an identity, fails the test. */
function isSoundProfile(entities: readonly Entity[]): boolean {
  const made = toProfile(entities);
  if (made.kind !== "profile") return false;
  expect(made.deviceTopic).not.toMatch(/[+#]/);
  const file = ProfileFile.parse({ title: "Discovered", setup: ["approve it"], profiles: { one: made.entry } });
  const rules = file.profiles["one"]?.messages.flatMap(({ read: list = [] }) => list) ?? [];
  for (const rule of rules) {
    const names = "at" in rule ? [rule.at].flat().flatMap((at) => at.split("/").slice(1)) : [];
    expect(names.filter(isIdentityName)).toEqual([]);
  }
  return rules.length > 0;
}

function mutate(payload: Readonly<Record<string, unknown>>, random: () => number): Record<string, unknown> {
  const names = Object.keys(payload);
  const changed: Record<string, unknown> = { ...payload };
  for (let left = Math.floor(random() * 3); left > 0; left -= 1) {
    const name = pick(names, random);
    const donor = pick(seeds, random).payload;
    const dice = random();
    if (dice < 0.3) delete changed[name];
    else if (dice < 0.6) changed[name] = pick(odd, random);
    else changed[pick(Object.keys(donor), random)] = pick(Object.values(donor), random);
  }
  if (random() < 0.3) changed["value_template"] = templateOf(random);
  return changed;
}

function templateOf(random: () => number): string {
  const inner = Array.from({ length: Math.floor(random() * 12) }, () => pick(pieces, random)).join(
    random() < 0.5 ? " " : "",
  );
  return random() < 0.7 ? `{{ value_json.a ${inner} }}` : inner;
}

function pick<T>(list: readonly T[], random: () => number): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error("an empty list");
  return chosen;
}

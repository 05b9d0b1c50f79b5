// Which value templates are understood, shown by what the profile made of them reads; and that all others are named, not run.
import { expect, test } from "vitest";
import { compileFamily } from "../../src/profiles/compile.ts";
import { decodeBy } from "../../src/profiles/decode.ts";
import { readDiscovery } from "../../src/profiles/discovery.ts";
import { DISCOVERY_LIMITS } from "../../src/profiles/discovery-limits.ts";
import { toProfile } from "../../src/profiles/discovery-profile.ts";
import { ProfileFile } from "../../src/profiles/schema.ts";

const LUX = { component: "sensor", unit_of_measurement: "lx" };
const MOTION = { component: "binary_sensor", device_class: "motion" };

test.each([
  ["{{ value }}", "12.5", 12.5],
  ["{{value}}", "12.5", 12.5],
  ["  {{-  value\t-}} ", "12.5", 12.5],
  ["", "12.5", 12.5],
  ["{{ value | float }}", "12.5", 12.5],
  ["{{ value|int(0) }}", "12", 12],
  ["{{ float(value) }}", "12.5", 12.5],
  ["{{ float(value, 0) * 2 }}", "12.5", 25],
  ["{{ value_json.a.b }}", '{"a":{"b":7}}', 7],
  ["{{ value_json['a'] }}", '{"a":7}', 7],
  ['{{ value_json["a"]["b c"] }}', '{"a":{"b c":7}}', 7],
  ["{{ value_json['a/b~c'] }}", '{"a/b~c":7}', 7],
  ["{{ value_json.list[1].v }}", '{"list":[{"v":1},{"v":7}]}', 7],
  ["{{ value_json.a | is_defined }}", '{"a":7}', 7],
  ["{{ value_json.a | default(5) | round(1) }}", '{"a":7}', 7],
  ["{{ value_json.a | default(5) }}", '{"b":7}', "not-mapped"],
  ["{{ value_json.a * 100 }}", '{"a":0.07}', 7],
  ["{{ 100 * value_json.a }}", '{"a":0.07}', 7],
  ["{{ (value_json.a | float / 10) | round(2) }}", '{"a":70}', 7],
  ["{{ value_json.a / 99 * 255 }}", '{"a":99}', 255],
  ["{{ 10 - value_json.a }}", '{"a":3}', 7],
  ["{{ (value_json.a + 1) * 2 - 1 }}", '{"a":3}', 7],
  ["{{ value | float * 10 | round(1) }}", "0.7", 7],
  ["{{ value_json.__proto__ }}", '{"a":1}', "not-mapped"],
  ["{{ value_json.constructor.name2 }}", '{"a":1}', "not-mapped"],
])("a number by %s", (template, payload, expected) => {
  expect(reading({ ...LUX, value_template: template }, payload)).toBe(expected);
});

test.each([
  ["{{ value_json.a }}", '{"a":"ON"}', true],
  ["{{ value_json.a | lower }}", '{"a":"on"}', true],
  ["{{ value_json.a }}", '{"a":"what"}', "bad-value"],
  ["{{ value_json.a | default('OFF') }}", '{"b":1}', false],
  ["{{ 'ON' if value_json.a else 'OFF' }}", '{"a":true}', true],
  ["{{ 'ON' if value_json.a else 'OFF' }}", '{"a":0}', false],
  ["{{ 'ON' if value_json.a else 'OFF' }}", '{"a":"anything"}', true],
  ["{{ 'ON' if value_json.a else 'OFF' }}", '{"b":true}', "not-mapped"],
  ["{{ 'ON' if not value_json.a else 'OFF' }}", '{"a":true}', false],
  ["{{ 'OFF' if value_json.a == 'closed' else 'ON' }}", '{"a":"Closed"}', false],
  ["{{ 'OFF' if value_json.a == 'closed' else 'ON' }}", '{"a":"ajar"}', true],
  ["{{ 'ON' if value_json.a != 0 else 'OFF' }}", '{"a":0}', false],
  ["{{ 'ON' if value_json.a in ['x', 'y'] else 'OFF' }}", '{"a":"y"}', true],
  ["{{ 'ON' if value_json.a in ('x', 'y') else 'OFF' }}", '{"a":"z"}', false],
  ["{{ 'ON' if value_json.a == true else 'OFF' }}", '{"a":true}', true],
  ["{{ 'ON' if value | int > 3 else 'OFF' }}", "4", true],
  ["{{ 'ON' if value | int > 3 else 'OFF' }}", "3", false],
  ["{{ 'ON' if value >= 3 else 'OFF' }}", "3", true],
  ["{{ 'ON' if value < 3 else 'OFF' }}", "3", false],
  ["{{ 'ON' if value <= 3 else 'OFF' }}", "3", true],
  ["{{ 'OFF' if value > 3 else 'ON' }}", "3", true],
  ["{{ 'OFF' if value < -3 else 'ON' }}", "-3", true],
  ["{{ 'ON' if not value > 3 else 'OFF' }}", "4", false],
  ["{%- if value_json.a == 1 -%} ON {%- else -%} OFF {%- endif -%}", '{"a":1}', true],
  ["{% if value_json.a == 1 %}ON{% else %}OFF{% endif %}", '{"a":2}', false],
  ["{{ 'ON' if value_json.a == 1 else '' }}", '{"a":2}', "not-mapped"],
])("a word by %s of %s", (template, payload, expected) => {
  expect(reading({ ...MOTION, value_template: template }, payload)).toBe(expected);
});

test.each([
  "{{ states('sensor.x') }}",
  "{{ now() }}",
  "{{ value_json.a }} {{ value_json.b }}",
  "{{ value_json.a + value_json.b }}",
  "{{ value_json.a and value_json.b }}",
  "{{ value_json.keys() }}",
  "{{ value_json['a'].split(',')[0] }}",
  "{{ value[0] }}",
  "{{ value_json.a | regex_replace('a', 'b') }}",
  "{{ value_json.a | tojson }}",
  "{{ value_json.a / 0 }}",
  "{{ value_json.a ~ 'x' }}",
  "{{ value_json['*'] }}",
  "{{ value_json[''] }}",
  "{{ value_json.mac }}",
  "{{ value_json['a\\'b'] }}",
  "{{ 'ON' }}",
  "ON",
  "{{ }}",
  "{{ value_json.a",
  "{% for a in value_json %}{{ a }}{% endfor %}",
  "{% if value_json.a %}ON{% elif value_json.b %}ON{% else %}OFF{% endif %}",
  "{% if value_json.a %}{{ value }}{% else %}OFF{% endif %}",
  "{% if value_json.a %}ON{% endif %}",
  "{{ 'yes' if value_json.a else 'no' }}",
  `{{ value_json${".a".repeat(20)} }}`,
  `{{ ${"(".repeat(60)}value${")".repeat(60)} }}`,
  `{{ value ${"+ 1 ".repeat(40)} }}`,
  `{{ value }}${" ".repeat(DISCOVERY_LIMITS.templateChars)}`,
])("beyond the simple kinds, a person is asked: %s", (value_template) => {
  const found = announce({ ...MOTION, value_template });
  expect(found.kind).toBe("needs-profile");
  if (found.kind === "needs-profile") expect(found.why).toMatch(/^its template \S/);
});

type Options = Readonly<Record<string, string>> & { readonly component: string };

function announce({ component, ...options }: Options) {
  const payload = JSON.stringify({ ...options, state_topic: "porch/state", device: { name: "Porch" } });
  return readDiscovery({ topic: `homeassistant/${component}/porch/config`, payload: Buffer.from(payload) });
}

function reading(options: Options, payload: string): unknown {
  const entity = announce(options);
  if (entity.kind !== "entity") throw new Error("why" in entity ? entity.why : entity.kind);
  const made = toProfile([entity]);
  if (made.kind !== "profile") throw new Error(made.why);
  const file = ProfileFile.parse({ title: "Discovered", setup: ["approve it"], profiles: { one: made.entry } });
  const [profile] = compileFamily("discovered", file).profiles;
  if (profile === undefined) throw new Error("no profile");
  const incoming = { ownTopic: made.deviceTopic, topic: "porch/state", payload: Buffer.from(payload) };
  const decoded = decodeBy(profile.messages, incoming);
  return decoded.outcome === "readings" ? decoded.readings[0]?.value : decoded.reason;
}

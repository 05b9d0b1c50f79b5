// Monitoring: /metrics is Prometheus text to the letter, and what is shipped for Prometheus, Grafana and Home Assistant asks for
// what there is. The grammar is that of the exposition format 0.0.4, read here line by line.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { ASKS } from "../../src/web/forms.ts";
import { type Family, metricFamilies } from "../../src/web/metric-families.ts";
import { METRIC_LIMITS } from "../../src/web/metric-limits.ts";
import { metricsText } from "../../src/web/metrics.ts";
import { OPERATIONS } from "../../src/web/api-operations.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { openTestWeb } from "../helpers/test-web.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const measured = (change: Parameters<typeof fakeHouse>[0] = {}) => ({
  status: fakeHouse(change).commands.status(),
  nowMs: NOW_MS,
  memoryBytes: 90_000_000,
});
const FAMILIES = metricFamilies(measured());
const NAMES = new Set(FAMILIES.map(({ name }) => name));
const shipped = (path: string): string => readFileSync(new URL(`../../config/${path}`, import.meta.url), "utf8");

test("the text is what Prometheus reads: families whole and once, labels and values well formed, no series twice", () => {
  const families = parse(metricsText(measured()));
  expect(families.length).toBeGreaterThan(20);
  expect(parse('# HELP a_b x\n# TYPE a_b gauge\na_b{c="1\\"\\\\"} 1\n')).toEqual(["a_b"]);
  for (const bad of [
    "a_b 1\n",
    "# HELP a_b x\n# TYPE a_b gauge\na_b 1",
    "# HELP a_b x\n# TYPE a_b gauge\na_b 1\na_b 2\n",
    "# HELP a_b x\n# TYPE a_b gauge\na_b NaN\n",
    '# HELP a_b x\n# TYPE a_b gauge\na_b{c="1"d="2"} 1\n',
    '# HELP a_b x\n# TYPE a_b gauge\na_b{c="1\n"} 1\n',
    "# HELP a_b x\n# TYPE a_b counter\na_b 1\n",
    "# HELP a_b x\n# TYPE a_b gauge\na_c 1\n",
  ])
    expect(() => parse(bad), bad).toThrow(/^(not understood|no number|not a counter|the last line)/);
});

test("each family has its unit in its name and one sentence of help", () => {
  const slips = FAMILIES.filter(
    ({ name, type, help }) =>
      !/^hedgerow_[a-z]+(_[a-z]+)*$/.test(name) ||
      name.endsWith("_total") !== (type === "counter") ||
      !/^[A-Z0-9].*\.$/.test(help),
  );
  expect(slips.map(({ name }) => name)).toEqual([]);
  expect(FAMILIES.length).toBe(NAMES.size);
});

test("a state has its series also while nothing is in it, and names of cameras never become one", () => {
  const text = metricsText(measured({ devices: [], counters: { "camera.used.gate-cam": 3 } }));
  for (const state of ["unknown", "ok", "stale", "offline", "paused"])
    expect(text).toContain(`hedgerow_devices{state="${state}"} 0\n`);
  expect(text).not.toContain("gate-cam");
});

test("a hostile name cannot break a line, and names beyond the bound are left out", () => {
  const names = Array.from({ length: METRIC_LIMITS.counters + 5 }, (_, n) => `made-up.${n}`);
  const counters = Object.fromEntries(['x"} 1\n# TYPE y gauge\\', ...names].map((name) => [name, 1]));
  const text = metricsText(measured({ counters }));
  expect(parse(text)).not.toContain("y");
  expect(text.match(/^hedgerow_count_total\{/gm)).toHaveLength(METRIC_LIMITS.counters);
});

test("the page serves this text", async () => {
  await using page = await openTestWeb();
  const { text, headers } = await page.ask("GET", "/metrics");
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(new Set(parse(text)).isSubsetOf(NAMES)).toBe(true);
});

test.each(["grafana/hedgerow.json", "prometheus/alerts.yml", "prometheus/README.md"])(
  "each number that %s names is exported, with labels and states that there are",
  (path) => {
    const text = shipped(path).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
    const asked = [...text.matchAll(/\b(hedgerow_\w+)(?:\{([^}]*)\})?/g)];
    expect(asked.length).toBeGreaterThan(2);
    const slips = asked.flatMap(([whole, name = "", inner = ""]) => {
      const family = FAMILIES.find((each) => each.name === name);
      if (family === undefined) return [whole];
      return matchersOf(inner)
        .filter((matcher) => !hasSeries(family, matcher))
        .map(() => whole);
    });
    expect(slips).toEqual([]);
  },
);

test("the dashboard is one that Grafana imports: ids once, panels beside each other, each asks something", () => {
  const { panels, uid, templating }: Dashboard = JSON.parse(shipped("grafana/hedgerow.json"));
  expect(uid).toBe("hedgerow");
  expect(templating.list.map(({ name }) => name)).toEqual(["source", "gateway"]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.filter(({ targets }) => targets.length === 0 || targets.some(({ expr }) => expr === ""))).toEqual([]);
});

test("each alert has its remedy, and waits before it speaks or asks for a change", () => {
  const { groups } = yamlOf("prometheus/alerts.yml");
  const rules = groups.flatMap(({ rules: each }: { rules: readonly Rule[] }) => each);
  expect(rules.length).toBeGreaterThan(5);
  for (const rule of rules) {
    expect(Object.keys(rule.annotations)).toEqual(["summary", "remedy"]);
    expect(rule.for !== undefined || rule.expr.startsWith("delta(")).toBe(true);
  }
});

test("Prometheus asks for what there is", () => {
  const [job] = yamlOf("prometheus/prometheus.yml").scrape_configs;
  expect(OPERATIONS.find(({ path }) => path === job.metrics_path)?.token).toBe("metrics");
});

test("each field that Home Assistant reads is in a real answer, and its commands are taken", async () => {
  await using page = await openTestWeb();
  const { devices } = page.house.commands.status();
  const lamp = { isOn: true, fault: null, isSwitchable: true };
  page.house.set({ devices: devices.map((each) => (each.id === "lamp-3" ? { ...each, lamp } : each)) });
  const headers = await page.enter();
  const status: Record<string, unknown> = JSON.parse((await page.ask("GET", "/api/v1/status", { headers })).text);
  const { rest, switch: switches } = yamlOf("home-assistant/hedgerow.yaml");
  const [{ sensor, binary_sensor: binary, resource }] = rest;
  const templates: string[] = [...sensor, ...binary].map((each: { value_template: string }) => each.value_template);
  templates.push(...switches.map((each: { is_on_template: string }) => each.is_on_template));
  expect(templates.length).toBeGreaterThan(8);
  for (const template of templates) {
    const paths = [...template.matchAll(/value_json\.([\w.]+)/g)].map(([, path = ""]) => path.split("."));
    expect(paths.length, template).toBeGreaterThan(0);
    for (const path of paths) expect(status, template).toHaveProperty(path);
    const things = status[paths[0]?.[0] ?? ""];
    for (const [, field = ""] of template.matchAll(/(?:selectattr|rejectattr|map)\((?:attribute=)?'(\w+)'/g))
      expect(things, template).toEqual(
        expect.arrayContaining([expect.objectContaining({ [field]: expect.anything() })]),
      );
    for (const [, path = ""] of template.matchAll(/first\)\.([\w.]+)/g))
      expect(things, template).toContainEqual(expect.toSatisfy((thing: object) => has(thing, path.split("."))));
  }
  const gets = (address: string) => new URL(address).pathname;
  expect(OPERATIONS.find(({ path }) => path === gets(resource))?.token).toBe("status");
  for (const { resource: command, state_resource: state, method, body_on: on, body_off: off } of switches) {
    expect(gets(state)).toBe(gets(resource));
    const operation = OPERATIONS.find(({ path }) => path === gets(command).replace("lamp-3", "{id}"));
    expect([operation?.method.toLowerCase(), operation?.token]).toEqual([method, "switch"]);
    expect([on, off].map((body) => ASKS.switch.parse(JSON.parse(body)))).toEqual([{ isOn: true }, { isOn: false }]);
    const told = await page.send(gets(command), JSON.parse(on), headers);
    expect([told.status, page.house.asked.at(-1)?.[1]]).toEqual([200, { id: "lamp-3", isOn: true, by: "steward" }]);
  }
});

type Rule = { readonly expr: string; readonly for?: string; readonly annotations: Readonly<Record<string, string>> };
type Dashboard = {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
};

function yamlOf(path: string) {
  const document = parseDocument(shipped(path), {
    customTags: [{ tag: "!secret", resolve: (name: string) => name }],
  });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

function has(thing: unknown, [first = "", ...rest]: readonly string[]): boolean {
  if (typeof thing !== "object" || thing === null) return false;
  const field = new Map(Object.entries(thing)).get(first);
  return rest.length === 0 ? field !== undefined : has(field, rest);
}

type Matcher = { readonly label: string; readonly value: string; readonly isPattern: boolean };

function matchersOf(inner: string): readonly Matcher[] {
  return [...inner.matchAll(/(\w+)(=~|=)"([^"]*)"/g)]
    .map(([, label = "", operator, value = ""]) => ({ label, value, isPattern: operator === "=~" }))
    .filter(({ label }) => label !== "instance");
}

/** A pattern's alternatives are each looked for. */
function hasSeries({ samples }: Family, { label, value, isPattern }: Matcher): boolean {
  const values = samples.map(({ labels = {} }) => labels[label] ?? "");
  const names = label === "name" ? [...values, ...COUNTED] : values;
  const parts = isPattern ? (/^\((.*)\)(.*)$/.exec(value) ?? [value, value, ""]) : [value, value, ""];
  return (parts[1] ?? "").split("|").every((each) => {
    const wanted = isPattern ? new RegExp(`^${each}${parts[2]}$`.replaceAll("\\\\", "\\")) : undefined;
    return names.some((name) => wanted?.test(name) ?? name === each);
  });
}

/** Counters that a gateway at work has, beside those of the made-up house. */
const COUNTED = ["entry.forwarded.main", "forward.main.retries", "reading.taken", "snapshot.made.redacted"];

/** The families' names. Throws for what Prometheus refuses, or takes for two families. */
function parse(text: string): readonly string[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families: string[] = [];
  const series = new Set<string>();
  let [helped, typed] = ["", ""];
  for (const line of text.slice(0, -1).split("\n")) {
    const [, help] = /^# HELP ([a-z_]+) \S.*$/.exec(line) ?? [];
    const [, name, type] = /^# TYPE ([a-z_]+) (gauge|counter)$/.exec(line) ?? [];
    const [, of, labels = "", value = ""] =
      /^([a-z_]+)((?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,(?!\})|(?=\})))+\})?) (\S+)$/.exec(line) ?? [];
    if (help !== undefined) helped = help;
    else if (name !== undefined && name === helped && !families.includes(name)) {
      if ((type === "counter") !== name.endsWith("_total")) throw new Error(`not a counter's name: ${line}`);
      families.push(name);
      typed = name;
    } else if (of !== undefined && of === typed && !series.has(of + labels)) {
      if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(value)) throw new Error(`no number: ${line}`);
      series.add(of + labels);
    } else throw new Error(`not understood: ${line}`);
  }
  return families;
}

// A mask drawn as a plain form: what the address says is drawn, checked as the policy is, and ends in lines that policy.yaml
// and the shell take as they are.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readYaml } from "../../src/core/yaml.ts";
import { parseWith } from "../../src/settings/issues.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { CAMERA_PAGE_LIMITS } from "../../src/web/camera-limits.ts";
import { commandOf, type Draft, draftOf, yamlOf } from "../../src/web/masks.ts";
import { openTestWeb, testWebPolicy } from "../helpers/test-web.ts";

const AT = "/cameras/gate-cam/masks";

function draft(name: string, corners: readonly (readonly [number | string, number | string])[], more = ""): Draft {
  const fields = corners.map(([x, y]) => `&x=${encodeURIComponent(x)}&y=${encodeURIComponent(y)}`).join("");
  return draftOf(new URLSearchParams(`name=${encodeURIComponent(name)}${fields}${more}`));
}

const TRIANGLE = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
] as const;

async function pageOf(query: string): Promise<string> {
  await using page = await openTestWeb();
  return (await page.ask("GET", `${AT}?${query}`, { headers: await page.enter() })).text;
}

const queryOf = (corners: readonly (readonly [number, number])[]) => corners.map(([x, y]) => `x=${x}&y=${y}`).join("&");

test("without script the corners of the address are drawn, over the masks there are, with what they cover", async () => {
  const text = await pageOf(`name=hedge&${queryOf(TRIANGLE)}`);
  expect(text).toContain('class="draft" points="0.1,0.1 0.5,0.1 0.5,0.5"');
  expect(text).toContain('class="mask" points="0.6,0.1 0.8,0.1 0.8,0.3"');
  expect(text).toMatch(/<text class="mask-name"[^>]*>neighbour window<\/text>/);
  expect(text).toContain("It covers 8.0 % of the picture.");
  expect(text).toContain('src="/cameras/gate-cam/last.jpg?v=abababababababab"');
  expect(text).not.toContain('class="note late"');
});

test.each([
  [
    "edges that cross",
    [
      [0.1, 0.1],
      [0.5, 0.5],
      [0.5, 0.1],
      [0.1, 0.5],
    ],
    "cross",
  ],
  [
    "corners on one line",
    [
      [0.1, 0.1],
      [0.2, 0.2],
      [0.3, 0.3],
    ],
    "covers no area",
  ],
] as const)("%s are warned of", async (_, corners, words) => {
  expect(await pageOf(queryOf(corners))).toMatch(new RegExp(`class="note late">[^]*${words}`));
});

test("a name that is taken is warned of", async () => {
  expect(await pageOf(`name=neighbour+window&${queryOf(TRIANGLE)}`)).toContain("Choose another name.");
});

test("a name with markup is text on the page", async () => {
  const text = await pageOf(`name=${encodeURIComponent("</pre><script>x")}&${queryOf(TRIANGLE)}`);
  expect(text).not.toContain("<script>x");
});

test.each([
  ["Half-words", [["a", "b"]], 4],
  ["too few corners", TRIANGLE.slice(0, 2), 4],
  ["the least", TRIANGLE, 3],
  ["more than the policy takes", Array.from({ length: 80 }, (_, n) => [n / 100, 0.5] as const), 64],
] as const)("%s become a mask that can be drawn", (_, corners, count) => {
  expect(draft("m", corners).corners).toHaveLength(count);
});

test("corners are held to the picture and to a thousandth, with a comma too", () => {
  expect(
    draft("m", [
      ["7", "0,25"],
      ["0.12345", ".5"],
      ["0", "1"],
    ]).corners,
  ).toEqual([
    [1, 0.25],
    [0.123, 0.5],
    [0, 1],
  ]);
});

test("a corner is added and removed without script, within the bounds", () => {
  expect(draft("m", TRIANGLE, "&do=add").corners.at(-1)).toEqual([0.3, 0.3]);
  const square = draft("m", TRIANGLE, "&do=add").corners;
  expect(draft("m", square, "&drop=0").corners).toEqual(square.slice(1));
  expect(draft("m", TRIANGLE, "&drop=0").corners, "three are the least").toHaveLength(3);
});

test("the bounds are those of the policy", () => {
  const { cornersMin, cornersMax } = CAMERA_PAGE_LIMITS;
  const isTaken = (count: number) =>
    policyWith(yamlOf({ name: "m", corners: Array.from({ length: count }, () => [0.5, 0.5] as const) }, bare())).kind;
  expect([cornersMin - 1, cornersMin, cornersMax, cornersMax + 1].map(isTaken)).toEqual([
    "wrong",
    "parsed",
    "parsed",
    "wrong",
  ]);
});

test.each(["hedge", `it's "the" \\ #1: {x}`, "窓", "- a: b"])(
  "the lines for policy.yaml mean what was drawn: %j",
  (name) => {
    const drawn = draft(name, TRIANGLE);
    const parsed = policyWith(yamlOf(drawn, bare()));
    if (parsed.kind !== "parsed") throw new Error(JSON.stringify(parsed));
    expect(parsed.value.cameras["gate-cam"]?.masks).toEqual([{ name, polygon: TRIANGLE }]);
    const beside = `    masks:\n      - { name: other, polygon: [[0, 0], [1, 0], [1, 1]] }\n${yamlOf(drawn, entry())}`;
    const both = policyWith(beside);
    if (both.kind !== "parsed") throw new Error(JSON.stringify(both));
    expect(both.value.cameras["gate-cam"]?.masks[1]?.name).toBe(name);
  },
);

test.each(["hedge", `it's $(date) "x" \\`])("the command is one that a shell reads as it was meant: %j", (name) => {
  const words = execFileSync("sh", ["-c", `printf '%s\\n' ${commandOf(draft(name, TRIANGLE), bare())}`], {
    encoding: "utf8",
  });
  expect(words.trimEnd().split("\n")).toEqual([
    ..."hedgerow camera mask gate-cam --add".split(" "),
    name,
    "--polygon",
    "0.1,0.1 0.5,0.1 0.5,0.5",
  ]);
});

function entry() {
  const found = testWebPolicy().cameras["gate-cam"];
  if (found === undefined) throw new Error("unreachable");
  return { id: "gate-cam", entry: found };
}

function bare() {
  const place = entry();
  return { ...place, entry: { ...place.entry, masks: [] } };
}

/** A policy whose camera has these lines. */
function policyWith(lines: string) {
  const text = `version: 1
controller: { name: A, contact: a@b.example }
cameras:
  gate-cam:
    purpose: { en: x }
    until: 2099-01-01
${lines}
`;
  return parseWith(SCHEMAS.policy, readYaml(text).value);
}

// A mask drawn as a plain form: what the address says is drawn, checked as the policy is, and kept in policy.yaml.
import { expect, test } from "vitest";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { CAMERA_PAGE_LIMITS } from "../../src/web/camera-limits.ts";
import { type Draft, draftOf } from "../../src/web/masks.ts";
import { enterAsVolunteer, openTestWeb } from "../helpers/test-web.ts";

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
  expect(text).toContain("It covers 8% of the picture.");
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
    "edges of the mask cross",
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
  const { cornersMin, cornersMax, masksMax } = CAMERA_PAGE_LIMITS;
  const isTaken = (corners: number, masks = 1) => {
    const polygon = Array.from({ length: corners }, () => [0.5, 0.5]);
    const entry = {
      purpose: { en: "x" },
      until: "2099-01-01",
      masks: Array.from({ length: masks }, () => ({ name: "m", polygon })),
    };
    const policy = { version: 1, controller: { name: "A", contact: "a@b.example" }, cameras: { "gate-cam": entry } };
    return SCHEMAS.policy.safeParse(policy).success;
  };
  expect([cornersMin - 1, cornersMin, cornersMax, cornersMax + 1].map((count) => isTaken(count))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([isTaken(3, masksMax), isTaken(3, masksMax + 1)]).toEqual([true, false]);
});

const FORM = { "content-type": "application/x-www-form-urlencoded" };

test("a mask that was drawn is kept in policy.yaml, beside the others, and is one of the camera's from then on", async () => {
  await using page = await openTestWeb();
  const headers = { ...(await page.enter()), ...FORM, origin: page.url };
  const kept = await page.ask("POST", AT, { headers, body: `name=hedge&${queryOf(TRIANGLE)}` });
  // A redirect would lead into the house that is being closed.
  expect([kept.status, kept.text]).toEqual([200, expect.stringContaining(`data-next="${AT}?done=kept"`)]);
  const masks = async () => (await page.site.site()).policy.cameras["gate-cam"]?.masks.map(({ name }) => name);
  expect(await masks()).toEqual(["neighbour window", "hedge"]);
  expect((await page.ask("GET", AT, { headers })).text).toContain("<bdi>hedge</bdi>");
  const gone = await page.ask("POST", AT, { headers, body: "remove=neighbour+window" });
  expect(gone.text).toContain(`data-next="${AT}?done=removed"`);
  expect(await masks()).toEqual(["hedge"]);
});

test("of two who keep a mask at the same moment neither is told so in vain: both are kept, or one is refused", async () => {
  await using page = await openTestWeb();
  const headers = { ...(await page.enter()), ...FORM, origin: page.url };
  const keep = (name: string) => page.ask("POST", AT, { headers, body: `name=${name}&${queryOf(TRIANGLE)}` });
  const both = await Promise.all([keep("hedge"), keep("gate")]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  const masks = async () => (await page.site.site()).policy.cameras["gate-cam"]?.masks.map(({ name }) => name) ?? [];
  expect(new Set(await masks())).toEqual(new Set(["gate", "hedge", "neighbour window"]));
  const same = await Promise.all([keep("yard"), keep("yard")]);
  expect(new Set(same.map(({ status }) => status))).toEqual(new Set([200, 409]));
  expect((await masks()).filter((name) => name === "yard")).toHaveLength(1);
});

test.each([
  [
    "edges on one line",
    `name=m&${queryOf([
      [0.1, 0.1],
      [0.2, 0.2],
      [0.3, 0.3],
    ])}`,
  ],
  ["a name that is taken", `name=neighbour+window&${queryOf(TRIANGLE)}`],
  ["nothing drawn", "name=m"],
])("%s is not kept", async (_, body) => {
  await using page = await openTestWeb();
  const headers = { ...(await page.enter()), ...FORM, origin: page.url };
  expect((await page.ask("POST", AT, { headers, body })).status).toBe(400);
  expect((await page.site.site()).policy.cameras["gate-cam"]?.masks).toHaveLength(1);
});

test("a volunteer sees the masks, and draws and keeps none", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const headers = await enterAsVolunteer(page);
  const { text } = await page.ask("GET", AT, { headers });
  expect(text).toContain("neighbour window");
  expect(text).not.toMatch(/<form[^>]*masks/);
  const form = { ...headers, ...FORM, origin: page.url };
  expect((await page.ask("POST", AT, { headers: form, body: "remove=neighbour+window" })).status).toBe(403);
});

// What anybody may read of the policy and of what is announced: in words, and nothing by a name that is not for everybody.
import { expect, test } from "vitest";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { openTestWeb, testStanding, testWebPolicy } from "../helpers/test-web.ts";

test("what is announced is told with its notice, naming no steward, no painted area and no zone that is not told", async () => {
  const before = policyWith({ zones: ["private-door"], masks: ["Made-up window"] });
  const now = policyWith({ zones: [], masks: [] });
  const announced = { policy: now, sha256: "ab".repeat(32), hoursLeft: 16.2, approvedBy: ["made-up-steward"] };
  await using page = await openTestWeb({ policy: before, policyStanding: testStanding(before, announced) });
  const { text } = await page.ask("GET", "/transparency");
  for (const words of [
    "These changes start after 17 hours.",
    "In pictures of camera gate-cam, the area 1 is not painted over any more, or it has moved.",
    "Write to privacy@elm.example before then if you object.",
    "One wants that so far.",
    "ab".repeat(32),
  ])
    expect(text).toContain(words);
  const json = await page.ask("GET", "/api/v1/transparency");
  expect(JSON.parse(json.text).policy).toMatchObject({
    sha256: "cd".repeat(32),
    since: "2026-06-01T00:00:00.000Z",
    words: expect.arrayContaining([
      { title: "gate-cam", sentences: expect.arrayContaining(["1 area is always hidden."]) },
    ]),
    announced: {
      hoursLeft: 17,
      approvals: 1,
      changes: expect.arrayContaining([expect.objectContaining({ effect: "looser" })]),
    },
  });
  for (const told of [text, json.text]) expect(told).not.toMatch(/made-up|private-door/i);
});

test("where zones are told, the quiet ones are named; a painted area that is called otherwise now is no change", async () => {
  const { events, ...policy } = policyWith({ zones: ["private-door"], masks: ["one"] });
  const before = { ...policy, events: { ...events, zones: true } };
  const after = policyWith({ zones: ["private-door", "yard"], masks: ["another"] });
  const now = { ...after, events: { ...after.events, zones: true } };
  const announced = { policy: now, sha256: "ab".repeat(32), hoursLeft: 1, approvedBy: [] };
  await using page = await openTestWeb({ policy: before, policyStanding: testStanding(before, announced) });
  const json = JSON.parse((await page.ask("GET", "/api/v1/transparency")).text);
  expect(json.policy.announced.changes).toEqual([{ effect: "tighter", words: expect.stringContaining("yard") }]);
  expect(JSON.stringify(json.policy.words)).toContain("private-door");
});

function policyWith({ zones, masks }: { zones: string[]; masks: string[] }): Policy {
  const { events, cameras, ...policy } = testWebPolicy();
  const [area] = cameras["gate-cam"]?.masks ?? [];
  if (area === undefined) throw new Error("unreachable");
  const named = masks.map((name) => ({ ...area, name }));
  return SCHEMAS.policy.parse({
    ...policy,
    quiet: { zones },
    events: { ...events, zones: false },
    cameras: { "gate-cam": { ...cameras["gate-cam"], masks: named } },
  });
}

test("while nothing is agreed on, the page and the sign say so in each language", async () => {
  const policy = { ...testWebPolicy(), draft: true };
  await using page = await openTestWeb({ policy, policyStanding: testStanding(policy) });
  expect((await page.ask("GET", "/transparency?lang=en")).text).toContain("Nothing has been agreed on yet.");
  expect((await page.ask("GET", "/transparency?lang=uk")).text).toContain("Ще нічого не погоджено.");
  expect((await page.ask("GET", "/sign?lang=de")).text).toContain("Entwurf: noch nicht vereinbart");
});

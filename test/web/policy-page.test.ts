// The page of what was agreed, over real HTTP: what is announced and what becomes looser by it; two stewards approve, volunteers look.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import type { PolicyStanding } from "../../src/policy/standing.ts";
import { enterAsVolunteer, openTestWeb, post, testWebPolicy } from "../helpers/test-web.ts";

const policy = testWebPolicy();
const looser = { ...policy, events: { ...policy.events, motion: { mode: "each" as const } } };
const held = { policy, sha256: "cd".repeat(32), sinceMs: Date.UTC(2026, 5, 1) };
const announced = { policy: looser, sha256: "ef".repeat(32), hoursLeft: 13.2, approvedBy: ["ada"] };

const open = (more: Partial<PolicyStanding> = { announced }) =>
  openTestWeb({ policy, policyStanding: () => ({ ...held, announced: null, ...more }) });

test("what is announced stands on the page and on the status page, in words, with the hours that are left", async () => {
  await using web = await open();
  const headers = await web.enter();
  const { text } = await web.ask("GET", "/policy", { headers });
  expect(text).toContain("A looser policy will hold in 14 hours.");
  expect(text.match(/What becomes looser<\/h3><ul><li>[^<]{10,}/)).not.toBeNull();
  expect(text).toContain("Approved by <b>");
  expect(text).toContain('action="/policy/approve"');
  expect((await web.ask("GET", "/", { headers })).text).toContain("it holds in 14 hours");
  expect(JSON.parse((await web.ask("GET", "/api/v1/policy", { headers })).text)).toMatchObject({
    announced: { hoursLeft: 13.2 },
  });
});

test("where nothing is announced, there is nothing to approve", async () => {
  await using web = await open({});
  const { text } = await web.ask("GET", "/policy", { headers: await web.enter() });
  expect(text).toContain("policy.yaml holds as it is");
  expect(text).not.toContain('action="/policy/approve"');
});

test("who has approved is not asked again", async () => {
  await using web = await open({ announced: { ...announced, approvedBy: ["steward"] } });
  const { text } = await web.ask("GET", "/policy", { headers: await web.enter() });
  expect(text).toContain("Once 1 more steward approves it");
  expect(text).not.toContain('action="/policy/approve"');
});

test("a steward approves in their own name, whatever the request says; a refusal is read on the page", async () => {
  await using web = await open();
  const headers = await web.enter();
  const { sha256 } = announced;
  const answer = await post(web, "/policy/approve", { sha256, by: "ada" }, headers);
  expect(answer).toMatchObject({ status: 303, headers: { location: "/policy?said=approved" } });
  expect(web.house.asked).toContainEqual(["approvePolicy", { sha256, by: "steward" }]);
  expect(await web.send("/api/v1/policy/approve", { sha256, by: "ada" }, headers)).toMatchObject({ status: 400 });
  web.house.refusal = new GatewayError("ALREADY_EXISTS", "you have approved it already");
  const refused = await post(web, "/policy/approve", { sha256 }, headers);
  expect(refused.text).toContain("You have approved it already");
});

test("a volunteer looks and approves nothing; a stranger sees neither", async () => {
  await using web = await open();
  const headers = await enterAsVolunteer(web);
  expect((await web.ask("GET", "/policy", { headers })).text).not.toContain('action="/policy/approve"');
  expect(await post(web, "/policy/approve", { sha256: announced.sha256 }, headers)).toMatchObject({
    status: 403,
  });
  expect(await web.ask("GET", "/policy")).toMatchObject({ status: 303 });
  expect(await web.ask("GET", "/api/v1/policy")).toMatchObject({ status: 401 });
});

test("characters that nobody sees are taken out of what was typed into the policy", async () => {
  const named = { ...looser, controller: { ...looser.controller, name: "Elm\u0007 <b>Street</b>\u0000" } };
  await using web = await open({ announced: { ...announced, policy: named } });
  const { text } = await web.ask("GET", "/policy", { headers: await web.enter() });
  expect(text).toContain("Elm  &lt;b&gt;Street&lt;/b&gt;");
  for (const unseen of ["\u0000", "\u0007"]) expect(text).not.toContain(unseen);
});

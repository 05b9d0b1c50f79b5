// The page of what was agreed, over real HTTP: what is announced and what becomes looser by it; two stewards approve, volunteers look.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { languageOf } from "../../src/languages/say.ts";
import type { PolicyStanding } from "../../src/policy/standing.ts";
import { policyHistory } from "../../src/web/policy-history.ts";
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
  expect(text).toMatch(/Approved by \u2068?<b>/);
  expect(text).toMatch(/<meter min="0" max="24" value="10.8" aria-label="10 hours of 24 hours are over">/);
  expect(text).toContain('action="/policy/approve"');
  expect((await web.ask("GET", "/", { headers })).text).toContain("they hold in 14 hours");
  expect(JSON.parse((await web.ask("GET", "/api/v1/policy", { headers })).text)).toMatchObject({
    announced: { hoursLeft: 13.2 },
  });
});

test("where nothing is announced, there is nothing to approve", async () => {
  await using web = await open({});
  const { text } = await web.ask("GET", "/policy", { headers: await web.enter() });
  expect(text).toContain("what was agreed stays as it is");
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

test("a steward withdraws what is announced: what holds is written back into policy.yaml", async () => {
  await using web = await open();
  const headers = await web.enter();
  const file = join(web.dataDir, "site", "policy.yaml");
  await writeFile(file, (await readFile(file, "utf8")).replace("linkPct: false", "linkPct: true"));
  expect((await web.ask("GET", "/policy", { headers })).text).toContain('href="/policy/withdraw"');
  const asked = await web.ask("GET", "/policy/withdraw", { headers });
  expect(asked.text).toContain('action="/policy/withdraw"');
  expect(await post(web, "/policy/withdraw", {}, headers)).toMatchObject({ status: 200 });
  expect(await readFile(file, "utf8")).toContain("linkPct: false");
});

test("where nothing is announced nothing is withdrawn; a volunteer withdraws nothing", async () => {
  await using web = await open({});
  const headers = await web.enter();
  expect(await post(web, "/policy/withdraw", {}, headers)).toMatchObject({ status: 303 });
  expect(await web.ask("GET", "/policy/withdraw", { headers })).toMatchObject({ status: 303 });
  const volunteer = await enterAsVolunteer(web);
  for (const method of ["GET", "POST"])
    expect(await web.ask(method, "/policy/withdraw", { headers: { ...volunteer, origin: web.url } })).toMatchObject({
      status: 403,
    });
});

test("how the policy changed is read from the ledger, the newest first, and what is none of it is left out", async () => {
  const line = { version: 1, number: 1, kind: "policy-change", day: "2026-11-20", digest: "", previous: "" } as const;
  const digest = "ab".repeat(32);
  const bodies = [
    JSON.stringify({ change: "withdrawn", policy: digest }),
    JSON.stringify({ change: "approved", policy: digest, approvals: 1 }),
    JSON.stringify({ change: "announced", policy: digest, tighter: 1, looser: 2 }),
    '{"change":"unheard of","policy":"<script>"}',
    "no JSON",
    null,
    JSON.stringify({ before: null, after: digest }),
  ];
  const lines = bodies.map((body) => ({ line, body }));
  // A String object, as hono makes it.
  const said = (await policyHistory(() => lines, languageOf("en"))).toString();
  expect(said.match(/<span class="what">[^<]*/g)?.map((each) => each.replace(/.*>/, ""))).toEqual([
    "It was withdrawn before it held.",
    "One steward has approved it.",
    "It was announced: 1 rule stricter, 2 rules looser.",
    "It began to hold.",
  ]);
  expect(said).toContain("20 November 2026");
  await using web = await open({});
  expect((await web.ask("GET", "/policy", { headers: await web.enter() })).text).toContain(
    "The ledger has no line of it yet.",
  );
});

test("a draft is said to be one, and leads to the questions by which people agree", async () => {
  await using web = await open({ policy: { ...policy, draft: true } });
  const { text } = await web.ask("GET", "/policy", { headers: await web.enter() });
  expect(text).toContain("Nothing is agreed on yet.");
  expect(text).toContain('href="/setup/policy"');
});

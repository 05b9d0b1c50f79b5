// How far the set-up is: a state for each step, the card of the status page, and what the journal of changes says of it.
import { expect, test } from "vitest";
import { languageOf } from "../../src/languages/say.ts";
import { TO_BE_NAMED } from "../../src/settings/first-files.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { journalWordOf } from "../../src/web/noted-changes.ts";
import { setupCard, setupSteps } from "../../src/web/setup-steps.ts";
import { fakeStatus } from "../helpers/fake-house.ts";

const english = languageOf("en");
const nobody = { name: TO_BE_NAMED, contact: TO_BE_NAMED };
const draft = SCHEMAS.policy.parse({ version: 1, draft: true, controller: nobody });

test("each step tells how far it is, and the card counts what is done until somebody begins", async () => {
  const status = { ...fakeStatus(), devices: [], cameras: [] };
  const facts = { gateway: {}, platform: [], policy: draft, status };
  const states = (more: object) => setupSteps({ ...facts, ...more }, english).map(({ state }) => state);
  expect(states({})).toEqual(["open", "optional", "open", "open", "optional", "open"]);
  const agreed = { ...draft, controller: { name: "Elm", contact: "elm@elm.example" } };
  const named = { gateway: { name: "Elm" }, platform: [{ url: "https://city.example" }], policy: agreed };
  const unheard = fakeStatus()
    .devices.slice(0, 1)
    .map((device) => ({ ...device, heardAt: null }));
  expect(states({ ...named, status: { ...status, devices: unheard } })).toEqual([
    "done",
    "done",
    "done",
    "waiting",
    "optional",
    "open",
  ]);
  expect(states({ ...named, status: fakeStatus(), policy: { ...agreed, draft: false } })).toEqual([
    "done",
    "done",
    "done",
    "done",
    "done",
    "done",
  ]);
  const card = await setupCard({ ...facts, ...named }, english);
  expect(card?.toString()).toContain("Set-up: 3 of 6 steps");
  expect(setupCard({ ...facts, policy: { ...draft, draft: false } }, english)).toBeNull();
});

test("the journal of changes tells of what was set up, and not of a sign that was looked at", () => {
  expect(["/setup/site", "/setup/platform", "/setup/platform/remove"].map(journalWordOf)).toEqual(
    Array.from({ length: 3 }, () => "settings-changed"),
  );
  expect(["/setup/policy", "/setup/begin"].map(journalWordOf)).toEqual(["policy-changed", "policy-changed"]);
  expect(["/setup", "/setup/policy/show", "/setup/platform/look"].map(journalWordOf)).toEqual([null, null, null]);
});

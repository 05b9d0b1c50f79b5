// The set-up through its pages: what is typed stands in the files, what is refused loses nothing, and only a steward may.
import { once } from "node:events";
import { createServer } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { TO_BE_NAMED } from "../../src/settings/first-files.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { fakeBridge, fakeHouse, fakeProposal } from "../helpers/fake-house.ts";
import { enterAsVolunteer, openTestWeb, PASSPHRASE, post } from "../helpers/test-web.ts";

const draft: Policy = SCHEMAS.policy.parse({
  version: 1,
  draft: true,
  controller: { name: TO_BE_NAMED, contact: TO_BE_NAMED },
  events: { motion: { mode: "counts" } },
});
const ANSWERS = {
  name: "Elm Street Association",
  contact: "privacy@elm.example",
  "language-en": "yes",
  motion: "none",
  light: "no",
  kept: "24",
  zones: "yes",
  cell: "5",
};

async function openFresh(policy = draft) {
  const page = await openTestWeb({ policy });
  const steward = await page.enter();
  const text = (name: string) => readFile(join(page.dataDir, "site", name), "utf8");
  const get = (path: string) => page.ask("GET", path, { headers: steward });
  const send = (path: string, fields: Readonly<Record<string, string>>) => post(page, path, fields, steward);
  return { page, steward, text, get, send, [Symbol.asyncDispose]: () => page[Symbol.asyncDispose]() };
}

test("whoever has typed the code comes to the steps, and to the status page where all is agreed", async () => {
  for (const [policy, path] of [
    [draft, "/setup/steps"],
    [{ ...draft, draft: false }, "/"],
  ] as const) {
    await using page = await openTestWeb({ policy });
    const answered = await post(page, "/setup", { code: page.web.setupCode ?? "", passphrase: PASSPHRASE });
    expect(answered.headers.location).toBe(path);
  }
});

test("of all pages one may ask where the phone is", async () => {
  await using fresh = await openFresh();
  const allowed = async (path: string) => (await fresh.get(path)).headers["permissions-policy"];
  expect(await allowed("/setup/site")).toBe("camera=(), microphone=(), geolocation=(self)");
  expect(await allowed("/setup/steps")).toBe("camera=(), microphone=(), geolocation=()");
});

test("a bridge is no sensor yet: what it announced is approved from the step, which one comes back to", async () => {
  const house = fakeHouse({ devices: [], bridges: [fakeBridge] });
  house.proposals = [fakeProposal()];
  await using page = await openTestWeb({ policy: draft, house });
  const headers = await page.enter();
  const step = (await page.ask("GET", "/setup/sensor", { headers })).text;
  expect(step).toContain("There is no sensor yet.");
  expect(step).toContain(`href="/bridges/${fakeBridge.id}"`);
  expect(step).toContain('href="/proposals/p-1?then=%2Fsetup%2Fsensor"');
  const steps = (await page.ask("GET", "/setup/steps", { headers })).text;
  expect(steps.match(/href="[^"]*" aria-current="step"/g), "one next step").toEqual([
    'href="/setup/policy" aria-current="step"',
  ]);
});

test("the status page says of a draft that no platform was reached yet, not that none is set up", async () => {
  await using page = await openTestWeb({ policy: draft, house: fakeHouse({ sinks: [] }) });
  const status = (await page.ask("GET", "/", { headers: await page.enter() })).text;
  expect(status).toContain("not since the start");
  expect(status).not.toContain("no platform is set up");
});

test("each page and each change is for stewards", async () => {
  await using fresh = await openFresh();
  const headers = await enterAsVolunteer(fresh.page);
  const paths = "steps site platform platform/look platform/remove policy policy/show sensor camera finish begin";
  for (const path of [...paths.split(" "), "files/gateway.yaml"].map((each) => `/setup/${each}`)) {
    expect((await fresh.page.ask("GET", path)).headers.location, path).toMatch(/^\/login/);
    expect((await fresh.page.ask("GET", path, { headers })).status, path).toBe(403);
    expect((await post(fresh.page, path, {}, headers)).status, path).toBe(403);
  }
});

test("name, time zone and place are written, and the answer waits for the house to open anew", async () => {
  await using fresh = await openFresh();
  const typed = { name: "Oak Lane", timezone: "Europe/Madrid", place: "40.4168, -3.7038", letters: "5" };
  const answered = await fresh.send("/setup/site", typed);
  expect([answered.status, answered.headers["refresh"]]).toEqual([200, "4;url=/setup/steps"]);
  expect(answered.text).toContain(`data-since="${fresh.page.house.commands.status().gateway.startedAt}"`);
  expect(await fresh.text("gateway.yaml")).toMatch(/name: Oak Lane[^]*cell: ezjmg\n/);
  const shown = await fresh.get("/setup/site");
  expect(shown.text).toContain('value="ezjmg"');
  expect(shown.text).toMatch(/a field of 3\.\d km by 4\.9 km around 40\.\d+, -3\.\d+/);
  expect((await fresh.send("/setup/site", { ...typed, place: "ezjmg", letters: "6" })).status).toBe(200);
  await fresh.send("/setup/site", { ...typed, place: "" });
  expect(await fresh.text("gateway.yaml")).not.toContain("cell:");
});

test("what cannot be is refused in a sentence, what was typed stays, and nothing is written", async () => {
  await using fresh = await openFresh();
  const before = await fresh.text("gateway.yaml");
  const wrong = [
    [{ name: " " }, "Please write a name"],
    [{ timezone: "Europe/Nowhere" }, "Please choose a time zone"],
    [{ place: "Dresden" }, "This is no place"],
  ] as const;
  for (const [change, said] of wrong) {
    const typed = { name: "Oak <b>Lane", timezone: "Europe/Madrid", place: "40.4, -3.7", letters: "5", ...change };
    const answered = await fresh.send("/setup/site", typed);
    expect([answered.status, answered.text.includes('role="alert"')], said).toEqual([400, true]);
    expect(answered.text).toContain(said);
    expect(answered.text).not.toContain("<b>Lane");
    expect(answered.text).toContain(typed.place);
  }
  expect(await fresh.text("gateway.yaml")).toBe(before);
});

test("a platform is named, its password stands in a file of its own, and it is removed again", async () => {
  await using fresh = await openFresh();
  const mqtt = { id: "", kind: "mqtt", url: "mqtts://city.example:8883", username: "elm", password: "made-up-word" };
  expect((await fresh.send("/setup/platform", mqtt)).status).toBe(200);
  const written = await fresh.text("gateway.yaml");
  expect(written).toMatch(/id: city-example\n[^]*passwordFile: secrets\//);
  expect(written).not.toContain("made-up-word");
  expect(await readdir(join(fresh.page.dataDir, "site", "secrets"))).toHaveLength(2);
  const shown = await fresh.get("/setup/platform?id=city-example");
  expect(shown.text).toContain('value="mqtts://city.example:8883"');
  expect(shown.text, "what is kept is not shown").not.toContain("made-up-word");
  expect((await fresh.send("/setup/platform/remove", { id: "city-example" })).status).toBe(200);
  expect(await fresh.text("gateway.yaml")).not.toContain("city.example");
  expect((await fresh.send("/setup/platform/remove", { id: "city-example" })).status).toBe(404);
});

const NO_PLATFORMS = [
  ["https", "ftp://platform.example"],
  ["https", "platform.example"],
  ["https", "http://platform.example/plain-over-the-internet"],
  ["https", "https://user:word@platform.example"],
  ["https", "https://platform.example/?key=1"],
  ["https", "https://platform.example/a\u0000b"],
  ["https", "https://plat\nform.example/"],
  ["mqtt", "mqtts://broker.example/\u202egpj"],
  ["mqtt", "https://platform.example"],
  ["mqtt", "mqtt://platform.example"],
  ["https", `https://platform.example/${"x".repeat(300)}`],
] as const;

test("no platform is reached by another scheme, in the open, or with a login in its address", async () => {
  await using fresh = await openFresh();
  for (const [kind, url] of NO_PLATFORMS)
    for (const path of ["/setup/platform", "/setup/platform/look"]) {
      const answered = await fresh.send(path, { kind, url });
      const isTold = answered.text.includes("This is no address of a platform");
      expect([answered.status, isTold], url).toEqual([400, true]);
    }
});

test("whether a platform answers is seen before it is saved, and nothing is told to it", async () => {
  await using fresh = await openFresh();
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers["hedgerow-gateway"]]);
    response.writeHead(404).end("<script>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hedgerow`;
  const look = () => fresh.send("/setup/platform/look", { kind: "https", url });
  expect((await look()).text).toContain("It answers.");
  expect(asked).toEqual([["GET", "/hedgerow", undefined]]);
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
  const silent = await look();
  expect(silent.text).toContain("It does not answer.");
  expect(silent.text).toContain("ECONNREFUSED");
  expect(await fresh.text("gateway.yaml")).not.toContain("127.0.0.1");
});

test("the sign is shown without being kept, and what was agreed is kept as a draft until somebody begins", async () => {
  await using fresh = await openFresh();
  const before = await fresh.text("policy.yaml");
  const shown = await fresh.send("/setup/policy/show", ANSWERS);
  expect(shown.text).toMatch(/sign-card[^]*Elm Street Association is responsible[^]*Movement is not told/);
  expect(await fresh.text("policy.yaml")).toBe(before);
  expect((await fresh.get("/setup/begin")).headers.location, "nobody answers for the data yet").toBe("/setup/finish");
  await fresh.send("/setup/begin", {});
  expect(await fresh.text("policy.yaml")).toBe(before);
  expect((await fresh.send("/setup/policy", ANSWERS)).headers["refresh"]).toBe("4;url=/setup/steps");
  expect((await fresh.page.site.site()).policy).toMatchObject({
    draft: true,
    controller: { name: "Elm Street Association" },
    events: { motion: { mode: "none" }, retentionHours: 24, cellLetters: 5 },
  });
  expect((await fresh.get("/setup/finish")).text).toContain("Movement stays in the box");
  expect((await fresh.get("/setup/begin")).text).toContain("Yes, begin");
  expect((await fresh.send("/setup/begin", {})).headers["refresh"]).toBe("4;url=/setup/finish");
  expect((await fresh.page.site.site()).policy.draft).toBe(false);
  expect((await fresh.get("/setup/begin")).headers.location).toBe("/setup/finish");
});

test("without somebody who answers for the data nothing is written, and what was typed stays", async () => {
  await using fresh = await openFresh();
  const before = await fresh.text("policy.yaml");
  const answered = await fresh.send("/setup/policy", { ...ANSWERS, contact: "" });
  expect([answered.status, answered.text.includes('role="alert"')]).toEqual([400, true]);
  expect(answered.text).toContain('value="Elm Street Association"');
  expect(await fresh.text("policy.yaml")).toBe(before);
});

test("where the files cannot be written it is said, with the page as it was typed", async () => {
  const refuse = async () => {
    throw new GatewayError("CONFIG_UNWRITABLE", "cannot write gateway.yaml");
  };
  await using page = await openTestWeb({ policy: draft });
  await using refusing = await openTestWeb({ policy: draft, site: { ...page.site, changeSite: refuse } });
  const steward = await refusing.enter();
  const typed = { name: "Oak Lane", timezone: "Europe/Madrid", place: "", letters: "6" };
  const answered = await post(refusing, "/setup/site", typed, steward);
  expect(answered.status).toBe(503);
  expect(answered.text).toContain('value="Oak Lane"');
});

test("the three files are there to keep, as files, without what is secret", async () => {
  await using fresh = await openFresh();
  await fresh.send("/setup/platform", { kind: "https", url: "https://city.example", secret: "made-up-word" });
  for (const [name, held] of [
    ["gateway", "city.example"],
    ["policy", "draft: true"],
    ["kit", "devices:"],
  ] as const) {
    const { headers, text } = await fresh.get(`/setup/files/${name}.yaml`);
    expect(headers["content-disposition"]).toBe(`attachment; filename="${name}.yaml"`);
    expect(text).toContain(held);
    expect(text).not.toContain("made-up-word");
  }
  expect((await fresh.get("/setup/files/keys.yaml")).status).toBe(404);
});

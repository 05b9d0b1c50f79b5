// Tokens of programs: made on the page and shown once, kept as a hash, good for their scope, void at once, counted when wrong.
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { createTokenCommands } from "../../src/registry/tokens.ts";
import { memoryRegistry } from "../helpers/memory-registry.ts";
import { openPeopleSite } from "../helpers/people-site.ts";
import { post } from "../helpers/test-web.ts";

test("a steward makes a token, sees it once, and the program reads with it until it is removed, also in the middle of a stream", async () => {
  await using page = await openPeopleSite();
  const headers = page.as("steward");
  const made = await post(page, "/people/tokens", { name: "Home Assistant", status: "yes", switch: "yes" }, headers);
  expect(made.headers.location).toMatch(/^\/people\/made\/[\w-]+$/);
  const shown = await page.ask("GET", made.headers.location ?? "", { headers });
  const token = /hgr_[\w-]{43}/.exec(shown.text)?.[0] ?? "";
  expect((await page.ask("GET", made.headers.location ?? "", { headers: page.as("steward") })).status).toBe(404);
  expect(JSON.stringify(page.registry.data())).not.toContain(token);
  const program = { authorization: `Bearer ${token}` };
  const status = await page.ask("GET", "/api/v1/status", { headers: program });
  expect([status.status, JSON.parse(status.text).gateway.id]).toEqual([200, "elm-street"]);
  const asked = { "content-type": "application/json", ...program };
  const switched = await page.ask("POST", "/api/v1/devices/lamp-3/switch", { headers: asked, body: '{"isOn":true}' });
  const id = page.people.listTokens()[0]?.id ?? "";
  expect(switched.status).toBe(200);
  // The ledger and the journal say which program it was.
  expect(page.house.asked).toEqual([["switchLamp", { id: "lamp-3", isOn: true, by: `token:${id}` }]]);
  const journal = await page.ask("GET", "/people/journal?what=lamp-switched", { headers });
  expect(journal.text).toContain("the program Home Assistant");
  expect((await page.ask("GET", "/metrics", { headers: program })).status).toBe(403);

  const stream = await fetch(`${page.url}/api/v1/stream`, { headers: program });
  expect(stream.status).toBe(200);
  const reading = stream.text();
  expect((await post(page, `/people/tokens/${id}/remove`, {}, headers)).headers.location).toBe(
    "/people/tokens?done=token",
  );
  // Else it would never end.
  expect(await reading).toContain("event: status");
  expect((await page.ask("GET", "/api/v1/status", { headers: program })).status).toBe(401);
});

test("a token without a name or a scope is refused with the reason, and what was typed stays", async () => {
  await using page = await openPeopleSite();
  const headers = page.as("steward");
  const nameless = await post(page, "/people/tokens", { name: " ", status: "yes" }, headers);
  expect([
    nameless.status,
    nameless.text.includes("a token needs a name") || nameless.text.includes("A token needs a name"),
  ]).toEqual([400, true]);
  const useless = await post(page, "/people/tokens", { name: "Prometheus" }, headers);
  expect([useless.status, useless.text.includes('value="Prometheus"')]).toEqual([400, true]);
  for (let n = 0; n < 20; n += 1) await page.people.addToken({ name: `p${n}`, may: ["status"], by: "steward" });
  expect((await post(page, "/people/tokens", { name: "one more", status: "yes" }, headers)).status).toBe(400);
});

test("wrong tokens are counted and slowed down, and a right one beside them never waits", async () => {
  const limits = {
    attemptDelayMs: 3_600_000,
    attemptDelayMsMax: 3_600_000,
    streams: 2,
    streamMinMs: 20,
    streamHeartbeatMs: 30,
  };
  await using page = await openPeopleSite({ limits });
  const good = await page.program("status");
  const ask = (authorization: string) => page.ask("GET", "/api/v1/status", { headers: { authorization } });
  const wrong = [];
  for (const token of [`hgr_${"x".repeat(43)}`, "hgr_"]) wrong.push((await ask(`Bearer ${token}`)).status);
  expect(wrong).toEqual([401, 401]);
  // From the third on they wait for an hour here; a hundred more fill the places that there are.
  const waiting = Array.from({ length: 100 }, () => ask("Bearer hgr_wrong"));
  await expect.poll(() => page.board.get("web.refused.wrong-token")).toBe(102);
  expect((await ask(good.authorization)).status).toBe(200);
  const outcomes = await Promise.allSettled([...waiting, (async () => page.stop.abort())()]);
  const statuses = outcomes.flatMap((each) =>
    each.status === "fulfilled" && each.value !== undefined ? [each.value.status] : [],
  );
  expect(statuses.filter((status) => status === 429)).toHaveLength(40);
  expect(statuses).not.toContain(200);
});

test("no token comes in by another scheme, as a query, or as a cookie", async () => {
  await using page = await openPeopleSite();
  const { authorization } = await page.program("status", "metrics", "switch");
  const token = authorization.slice("Bearer ".length);
  const basic = Buffer.from(`steward:${token}`).toString("base64");
  for (const headers of [
    { authorization: `Basic ${basic}` },
    { authorization: token },
    { cookie: `hedgerow-session=${token}` },
    { "x-api-key": token },
  ])
    expect((await page.ask("GET", "/api/v1/status", { headers })).status).toBe(401);
  expect((await page.ask("GET", `/api/v1/status?access_token=${token}`)).status).toBe(401);
  expect((await page.ask("GET", "/api/v1/status", { headers: { authorization: `bearer   ${token}` } })).status).toBe(
    200,
  );
});

test("when a token was last used is known at once, and written once an hour at most", async () => {
  const registry = memoryRegistry();
  let nowMs = Date.UTC(2026, 5, 1);
  const clock = { ...systemClock, nowMs: () => nowMs, monotonicMs: () => nowMs };
  const tokens = createTokenCommands({ registry, clock, log: silentLog });
  let writes = 0;
  const { token } = await tokens.addToken({ name: "Prometheus", may: ["metrics"], by: "steward" });
  registry.onChange(() => (writes += 1));
  for (let minute = 0; minute < 60; minute += 1) {
    tokens.useToken(token);
    expect(tokens.listTokens()[0]?.usedAt).toBe(new Date(nowMs).toISOString());
    nowMs += 60_000;
  }
  expect(writes).toBe(1);
  tokens.useToken(token);
  await expect.poll(() => registry.data().tokens[0]?.usedAt).toBe(new Date(nowMs).toISOString());
  expect([writes, tokens.useToken("hgr_wrong"), tokens.useToken("")]).toEqual([2, null, null]);
});

// Shown: who may come in, over real HTTP: invitations and links for a new passphrase (once, for 48 hours, void with who made them),
// roles, sessions, one's own passphrase; and that no secret stands in the registry.
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openPeopleSite, type PeopleSite } from "../helpers/people-site.ts";
import { PASSPHRASE, post } from "../helpers/test-web.ts";

const WORDS = "a green hedge in May";

/** What stands between tags, as a person copies it. */
const inCode = (text: string): string => />([^<]*\/invite\/[\w-]+)</.exec(text)?.[1] ?? "";

/** Makes a link on the page, and follows to where it is shown; the path that the link holds. */
async function linkBy(page: PeopleSite, path: string, fields: Readonly<Record<string, string>> = {}) {
  const headers = page.as("steward");
  const made = await post(page, path, fields, headers);
  const shown = await page.ask("GET", made.headers.location ?? "", { headers });
  return {
    link: inCode(shown.text),
    path: new URL(inCode(shown.text)).pathname,
    shown,
    place: made.headers.location ?? "",
  };
}

test("a steward invites somebody, who opens the link, chooses a name and a passphrase and is in; the link works once", async () => {
  await using page = await openPeopleSite();
  const { link, path, shown, place } = await linkBy(page, "/people/invitations", { role: "volunteer" });
  expect(link).toMatch(/^http:\/\/[\w.:]+\/invite\/[\w-]{43}$/);
  expect(shown.text).toContain('<svg class="qr"');
  // Shown to who made it alone.
  expect((await page.ask("GET", place, { headers: page.as("steward") })).status).toBe(404);
  const secret = path.split("/").at(-1) ?? "";
  expect(JSON.stringify(page.registry.data())).not.toContain(secret);
  const opened = await page.ask("GET", path);
  expect([opened.status, opened.headers["referrer-policy"]]).toEqual([200, "no-referrer"]);
  expect((await page.ask("GET", path)).status).toBe(200);
  const weak = await post(page, path, { user: "omar", passphrase: "short" });
  expect([weak.status, weak.text.includes('value="omar"')]).toEqual([400, true]);
  const taken = await post(page, path, { user: "vera", passphrase: WORDS });
  expect(taken.status).toBe(409);
  const joined = await post(page, path, { user: "omar", passphrase: WORDS }, { origin: "null" });
  expect([joined.status, joined.headers.location]).toEqual([303, "/"]);
  const looks = await page.ask("GET", "/people", { headers: { cookie: joined.cookie ?? "" } });
  expect([looks.status, looks.text.includes("omar")]).toEqual([200, true]);
  expect(page.people.listUsers()).toContainEqual(expect.objectContaining({ user: "omar", role: "volunteer" }));
  for (const again of [await page.ask("GET", path), await post(page, path, { user: "eva", passphrase: WORDS })])
    expect(again.status).toBe(404);
  expect(page.people.listInvitations()).toEqual([]);
});

test("two who open one link at once make one account", async () => {
  await using page = await openPeopleSite();
  const { secret } = await page.people.invite({ role: "steward", by: "steward" });
  const ends = await Promise.allSettled(
    ["omar", "eva"].map((user) => page.people.acceptInvitation({ secret, user, passphrase: WORDS })),
  );
  expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(page.people.listUsers()).toHaveLength(3);
});

test("a link ends after 48 hours, when it is withdrawn, and when who made it is no steward any more", async () => {
  let nowMs = Date.UTC(2026, 5, 1);
  await using page = await openPeopleSite({ clock: { ...systemClock, nowMs: () => nowMs } });
  const { people } = page;
  const open = (secret: string) => people.invitationOf({ secret }) !== null;
  const [first, second] = [
    await people.invite({ role: "volunteer", by: "steward" }),
    await people.invite({ role: "steward", by: "steward" }),
  ];
  nowMs += 48 * 3_600_000 - 1;
  expect([open(first.secret), open(second.secret)]).toEqual([true, true]);
  expect((await post(page, `/people/invitations/${first.id}/revoke`, {}, page.as("steward"))).headers.location).toBe(
    "/people?done=revoked",
  );
  expect([open(first.secret), open(second.secret)]).toEqual([false, true]);
  nowMs += 1;
  expect([open(second.secret), people.listInvitations()]).toEqual([false, []]);
  await expect(people.invite({ role: "steward", by: "vera" })).rejects.toMatchObject({ code: "USAGE" });
  await people.setRole({ user: "vera", role: "steward" });
  const byVera = await people.invite({ role: "steward", by: "vera" });
  await people.setRole({ user: "vera", role: "volunteer" });
  expect(open(byVera.secret)).toBe(false);
  await people.setRole({ user: "vera", role: "steward" });
  expect(open(byVera.secret)).toBe(false);
});

test("a link lets somebody back in: the old passphrase holds until it is used, then it and every session are over", async () => {
  await using page = await openPeopleSite();
  const earlier = await linkBy(page, "/people/user/vera/link");
  const { path } = await linkBy(page, "/people/user/vera/link");
  expect((await page.ask("GET", earlier.path)).status).toBe(404);
  const logIn = async (passphrase: string) => (await page.send("/api/v1/login", { user: "vera", passphrase })).status;
  const vera = page.as("vera");
  expect(await logIn(PASSPHRASE)).toBe(200);
  // The name cannot be chosen: it is theirs.
  const back = await post(page, path, { user: "steward", passphrase: WORDS });
  expect(back.status).toBe(303);
  expect((await page.ask("GET", "/people", { headers: vera })).status).toBe(303);
  expect([await logIn(PASSPHRASE), await logIn(WORDS)]).toEqual([401, 200]);
  expect(page.people.listUsers().map(({ user, role }) => `${user} ${role}`)).toEqual([
    "steward steward",
    "vera volunteer",
  ]);
});

test("a link for a new passphrase ends with the old one: who changed theirs is let out by no link of before", async () => {
  await using page = await openPeopleSite();
  const { path } = await linkBy(page, "/people/user/vera/link");
  const ask = { old: PASSPHRASE, passphrase: WORDS };
  expect((await post(page, "/people/you/passphrase", ask, page.as("vera"))).status).toBe(303);
  expect((await page.ask("GET", path)).status).toBe(404);
  expect((await post(page, path, { passphrase: "another hedge in June" })).status).toBe(404);
  expect((await page.send("/api/v1/login", { user: "vera", passphrase: WORDS })).status).toBe(200);
});

test("roles change from the page, and the last steward stays one", async () => {
  await using page = await openPeopleSite();
  const set = (user: string, role: string) => post(page, `/people/user/${user}/role`, { role }, page.as("steward"));
  const refused = await set("steward", "volunteer");
  expect([refused.status, refused.text.includes("the last steward")]).toEqual([400, true]);
  expect((await set("vera", "steward")).status).toBe(303);
  expect((await set("steward", "volunteer")).status).toBe(303);
  expect((await page.ask("GET", "/people/tokens", { headers: page.as("steward") })).status).toBe(403);
  const removed = await post(page, "/people/user/steward/remove", {}, page.as("vera"));
  expect(removed.headers.location).toBe("/people?done=removed");
  expect((await post(page, "/people/user/vera/remove", {}, page.as("vera"))).status).toBe(400);
  const nobody = await post(page, "/people/user/nobody/role", { role: "steward" }, page.as("vera"));
  expect(nobody.status).toBe(404);
});

test("one's own passphrase changes against the old one; every other session ends, this one goes on with a new cookie", async () => {
  await using page = await openPeopleSite();
  const [here, there] = [page.as("vera"), page.as("vera")];
  const change = (old: string, passphrase: string) =>
    post(page, "/people/you/passphrase", { old, passphrase, user: "steward" }, here);
  const wrong = await change("wrong passphrase", WORDS);
  expect([wrong.status, wrong.text.includes("This is not your passphrase of now.")]).toEqual([400, true]);
  expect((await change(PASSPHRASE, "short")).status).toBe(400);
  const changed = await change(PASSPHRASE, WORDS);
  expect([changed.status, changed.headers.location]).toEqual([303, "/people/you?done=passphrase"]);
  const looks = async (headers: { cookie: string }) => (await page.ask("GET", "/api/v1/status", { headers })).status;
  expect([await looks(here), await looks(there), await looks({ cookie: changed.cookie ?? "" })]).toEqual([
    401, 401, 200,
  ]);
  expect((await page.send("/api/v1/login", { user: "steward", passphrase: PASSPHRASE })).status).toBe(200);
});

test("sessions are listed with browser and address; each ends its own, a steward anybody's, and all at once on leaving", async () => {
  await using page = await openPeopleSite();
  const logIn = (agent: string) =>
    page.send("/api/v1/login", { user: "vera", passphrase: PASSPHRASE }, { "user-agent": agent });
  const phone = await logIn("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0");
  const desk = await logIn(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  );
  const odd = await logIn("<b>odd</b>");
  const own = { cookie: phone.cookie ?? "" };
  const { text } = await page.ask("GET", "/people/you", { headers: own });
  expect(text).toContain("Firefox on Android");
  expect(text).toContain("Chrome on Linux");
  expect(text).toContain("Another browser");
  expect(text).toContain("127.0.0.1");
  const ids = [...text.matchAll(/\/people\/you\/sessions\/([\w-]+)\/end/g)].map(([, id = ""]) => id);
  expect(ids).toHaveLength(3);
  const looks = async (cookie = "") => (await page.ask("GET", "/api/v1/status", { headers: { cookie } })).status;
  // The first in the list is the one that was used last.
  const [, latest = ""] = ids;
  await post(page, `/people/you/sessions/${latest}/end`, {}, page.as("steward"));
  expect(await looks(odd.cookie)).toBe(200);
  await post(page, `/people/sessions/${latest}/end`, {}, own);
  expect(await looks(odd.cookie)).toBe(200);
  await post(page, `/people/you/sessions/${latest}/end`, {}, own);
  expect(await looks(odd.cookie)).toBe(401);
  const [, last = ""] =
    /\/people\/sessions\/([\w-]+)\/end/.exec(
      (await page.ask("GET", "/people/user/vera", { headers: page.as("steward") })).text,
    ) ?? [];
  await post(page, `/people/sessions/${last}/end`, {}, page.as("steward"));
  const left = [await looks(desk.cookie), await looks(phone.cookie)];
  expect(new Set(left)).toEqual(new Set([200, 401]));
  const [alive, other] = [page.as("vera"), page.as("vera")];
  expect((await post(page, "/people/you/leave", {}, alive)).headers.location).toBe("/login");
  expect([await looks(alive.cookie), await looks(other.cookie), await looks(page.as("steward").cookie)]).toEqual([
    401, 401, 200,
  ]);
});

test("a volunteer sees who there is, and neither who came when nor how to change it", async () => {
  await using page = await openPeopleSite();
  await page.people.invite({ role: "steward", by: "steward" });
  const { text } = await page.ask("GET", "/people", { headers: page.as("vera") });
  expect(text).toContain("<bdi>steward</bdi>");
  for (const word of ["Last login", "Has not logged in", "/people/user/", "/people/invitations", "Journal", "Programs"])
    expect(text).not.toContain(word);
});

test("there is room for fifty open invitations, and for no more", async () => {
  await using page = await openPeopleSite();
  for (let n = 0; n < 50; n += 1) await page.people.invite({ role: "volunteer", by: "steward" });
  const refused = await post(page, "/people/invitations", { role: "volunteer" }, page.as("steward"));
  expect([refused.status, refused.text.includes("invitations are open already")]).toEqual([400, true]);
});

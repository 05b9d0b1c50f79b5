// The two doors of the page, http and https, and their cookies: what is overheard at the plain one is worth nothing at the other.
import { once } from "node:events";
import { request } from "node:https";
import { expect, test } from "vitest";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { openPeopleSite, type PeopleSite } from "../helpers/people-site.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

const settings = {
  ...SCHEMAS.gateway.parse({ gateway: { id: "elm-street", name: "Elm Street" } }),
  status: { host: "127.0.0.1", port: 0, tls: { port: 0 } },
};

/** By https, checked against the house's own authority. */
async function askSecurely(
  { web }: PeopleSite,
  {
    method = "GET",
    path,
    cookie = "",
    origin,
    body,
  }: { method?: string; path: string; cookie?: string; origin?: string; body?: unknown },
): Promise<{ readonly status: number; readonly cookies: readonly string[]; readonly location: string }> {
  const { tls } = web;
  if (tls?.authority == null) throw new Error("this site has https");
  const named = origin === undefined ? {} : { origin, host: new URL(origin).host };
  const headers = { cookie, connection: "close", "content-type": "application/json", ...named };
  const asked = request({ host: "127.0.0.1", port: tls.port, ca: tls.authority.pem, method, path, headers });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [answered] = await once(asked, "response");
  answered.resume();
  await once(answered, "end");
  const { location = "", "set-cookie": cookies = [] } = answered.headers;
  return { status: answered.statusCode, cookies, location };
}

test("each door has cookies of its own, and a session of one is none at the other, whatever name it is sent under", async () => {
  await using page = await openPeopleSite({ settings });
  const body = { user: "steward", passphrase: PASSPHRASE };
  const plain = await page.send("/api/v1/login", body);
  const secure = await askSecurely(page, { method: "POST", path: "/api/v1/login", body });
  expect([plain.status, secure.status]).toEqual([200, 200]);
  const [session = "", browser = ""] = secure.cookies;
  for (const [each, name] of [
    [session, "session"],
    [browser, "browser"],
  ] as const) {
    expect(each).toMatch(
      new RegExp(`^__Host-hedgerow-${name}=[\\w.-]+; Max-Age=\\d+; Path=/; HttpOnly; Secure; SameSite=Strict$`),
    );
  }
  for (const each of plain.headers["set-cookie"] ?? []) {
    expect(each).toMatch(/^hedgerow-(session|browser)=[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
  }
  const [overheard = ""] = (plain.cookie ?? "").split("=").slice(1);
  const [kept = ""] = (session.split(";")[0] ?? "").split("=").slice(1);
  const looksPlainly = async (cookie: string) =>
    (await page.ask("GET", "/api/v1/status", { headers: { cookie } })).status;
  const looksSecurely = async (cookie: string) => (await askSecurely(page, { path: "/api/v1/status", cookie })).status;
  expect([
    await looksPlainly(`hedgerow-session=${overheard}`),
    await looksSecurely(`__Host-hedgerow-session=${kept}`),
  ]).toEqual([200, 200]);
  for (const name of ["hedgerow-session", "__Host-hedgerow-session"]) {
    expect(await looksSecurely(`${name}=${overheard}`)).toBe(401);
    expect(await looksPlainly(`${name}=${kept}`)).toBe(401);
  }
});

test("logging out takes the cookie of its own door away and ends the session there", async () => {
  await using page = await openPeopleSite({ settings });
  const body = { user: "steward", passphrase: PASSPHRASE };
  const { cookies } = await askSecurely(page, { method: "POST", path: "/api/v1/login", body });
  const cookie = cookies[0]?.split(";")[0] ?? "";
  const left = await askSecurely(page, { method: "POST", path: "/logout", cookie });
  expect([left.location, left.cookies[0]]).toEqual([
    "/login",
    expect.stringMatching(/^__Host-hedgerow-session=; Max-Age=0; Path=\/;.*Secure/),
  ]);
  expect((await askSecurely(page, { path: "/api/v1/status", cookie })).status).toBe(401);
});

test("leaving everywhere ends the sessions of both doors", async () => {
  await using page = await openPeopleSite({ settings });
  const body = { user: "steward", passphrase: PASSPHRASE };
  const { cookies } = await askSecurely(page, { method: "POST", path: "/api/v1/login", body });
  const cookie = cookies[0]?.split(";")[0] ?? "";
  const plain = page.as("steward");
  await askSecurely(page, { method: "POST", path: "/people/you/leave", cookie });
  expect((await page.ask("GET", "/api/v1/status", { headers: plain })).status).toBe(401);
});

test("a page that came by plain http changes nothing by https, also where both are of one name and port", async () => {
  await using page = await openPeopleSite({ settings });
  const logIn = (origin: string) =>
    askSecurely(page, {
      method: "POST",
      path: "/api/v1/login",
      origin,
      body: { user: "steward", passphrase: PASSPHRASE },
    });
  expect((await logIn("http://localhost")).status).toBe(403);
  expect((await logIn("https://localhost")).status).toBe(200);
});

// Every route that there is, and who may ask for it: strangers, volunteers, programs with a token, pages of other sites. The routes
// are those of the router itself: one that nobody has put into the table below fails here.
import { expect, test } from "vitest";
import { openPeopleSite, type PeopleSite } from "../helpers/people-site.ts";

/** Who may: anybody; who is logged in; who is logged in, of their own account; stewards. */
const TABLE = {
  anybody: `
    GET /healthz  GET /readyz  GET /metrics  GET /login  POST /login  GET /setup  POST /setup  POST /logout  GET /sign  GET /tls
    GET /transparency  GET /transparency/dpia  GET /transparency/ledger.jsonl  GET /transparency/receipts
    GET /transparency/record  GET /transparency/register.json  GET /invite/:secret  POST /invite/:secret  GET /pair/:token
    POST /pair/:token  POST /api/v1/login  POST /api/v1/logout  POST /api/v1/setup  GET /api/v1/transparency
    GET /api/v1/receipts  GET /api/v1/ledger/head`,
  looking: `
    GET /  GET /api  GET /api/openapi.json  GET /buffer  GET /buffer/requeue  GET /buffer/send/:id  GET /history  GET /policy
    GET /policy/approve  GET /about  GET /devices  GET /devices/:id  GET /bridges/:id  GET /people
    GET /cameras  GET /cameras/:id  GET /cameras/:id/last.jpg  GET /cameras/:id/masks  GET /cameras/:id/forget
    GET /cameras/:id/look  GET /cameras/:id/pause  GET /cameras/:id/pictures/:file{[0-9a-f]{64}\\.jpg}
    GET /cameras/:id/test  GET /cameras/:id/test.jpg
    GET /api/v1/bridges  GET /api/v1/cameras/:id  GET /api/v1/dead-letters  GET /api/v1/devices  GET /api/v1/devices/:id/heard
    GET /api/v1/families  GET /api/v1/history  GET /api/v1/policy  GET /api/v1/proposals  GET /api/v1/status  GET /api/v1/stream`,
  oneself: `
    GET /people/you  GET /people/you/leave  POST /people/you/leave  GET /people/you/passphrase  POST /people/you/passphrase
    POST /people/you/sessions/:id/end`,
  stewards: `
    GET /setup/*  POST /setup/*  GET /notices  GET /notices/*  POST /notices/*  GET /erase  GET /erase/*  POST /erase
    GET /policy/withdraw  GET /api/v1/notices  GET /cameras/:id/credentials
    GET /disclosures  POST /disclosures  GET /api/v1/disclosures  POST /api/v1/disclosures  GET /devices/new  GET /devices/new/*
    POST /devices/new/*  GET /devices/:id/*  POST /devices/:id/*  GET /bridges/:id/*  POST /bridges/:id/*  GET /proposals
    GET /cameras/new  GET /cameras/new/*  GET /cameras/:id/edit  GET /cameras/:id/edit/*  GET /cameras/:id/remove
    GET /proposals/*  POST /proposals/*  GET /paired/:ref  POST /cameras/*  POST /buffer/*  POST /policy/*
    GET /people/journal  GET /people/tokens  GET /people/invitations  GET /people/made/:ref  GET /people/user/*
    POST /people/invitations  POST /people/invitations/*  POST /people/user/*  POST /people/tokens  POST /people/tokens/*
    POST /people/sessions/:id/end  POST /api/v1/*`,
} as const;
type Who = keyof typeof TABLE;

const ROWS = Object.entries(TABLE).flatMap(([who, rows]) =>
  [...rows.matchAll(/(GET|POST) (\S+)/g)].map(([, method = "", way = ""]) => ({ who, method, way })),
);

type Route = { readonly method: string; readonly way: string; readonly path: string; readonly who: Who | undefined };

/** Each with its row: the one of its own, else the one whose beginning fits. */
function routesOf({ web }: PeopleSite): Route[] {
  const all = web.routes.filter(({ method, path }) => method !== "ALL" && !path.startsWith("/assets/"));
  return [...new Set(all.map(({ method, path }) => `${method} ${path}`))].map((each) => {
    const [method = "", way = ""] = each.split(" ");
    const row =
      ROWS.find((known) => known.method === method && known.way === way) ??
      ROWS.find(
        (known) => known.method === method && known.way.endsWith("*") && way.startsWith(known.way.slice(0, -1)),
      );
    const file = `${"a".repeat(64)}.jpg`;
    const path = way.replace(/:file\{.*/, file).replaceAll(/:[a-z]+(\{[^}]*\})?|\*/g, "x");
    return { method, way, path, who: whoIn(row?.who) };
  });
}

function whoIn(who: string | undefined): Who | undefined {
  return who === "anybody" || who === "looking" || who === "oneself" || who === "stewards" ? who : undefined;
}

/** Asks for a route with a body that no route takes. */
async function statusOf(page: PeopleSite, { method, path }: Route, headers: Readonly<Record<string, string>>) {
  const body = method === "POST" ? { body: "[]" } : {};
  const answered = await page.ask(method, path, {
    headers: { "content-type": "application/json", ...headers },
    ...body,
  });
  return { status: answered.status, location: answered.headers.location ?? "", text: answered.text };
}

const name = ({ method, way }: Route): string => `${method} ${way}`;

test("each route has its row in the table, and each row its route", async () => {
  await using page = await openPeopleSite();
  const routes = routesOf(page);
  expect(routes.filter(({ who }) => who === undefined).map(name)).toEqual([]);
  const isThere = (method: string, way: string): boolean =>
    routes.some(
      (route) =>
        route.method === method && (route.way === way || (way.endsWith("*") && route.way.startsWith(way.slice(0, -1)))),
    );
  expect(ROWS.filter(({ method, way }) => !isThere(method, way))).toEqual([]);
});

test("a stranger is led to the login, or gets 401 as a program, everywhere but where anybody may", async () => {
  await using page = await openPeopleSite();
  for (const route of routesOf(page)) {
    const { status, location, text } = await statusOf(page, route, {});
    const isLedAway = status === 401 ? text.includes("Please log in first.") : location.startsWith("/login?next=");
    const isLedHome = route.way === "/" && location === "/login";
    const isToLogin = location === "/login" && route.way === "/logout";
    expect([name(route), isLedAway || isLedHome], `${status} ${location}`).toEqual([
      name(route),
      route.who !== "anybody",
    ]);
    if (route.who === "anybody" && !isToLogin) expect(location).toBe(route.way === "/setup" ? location : "");
  }
});

test("a volunteer is refused what stewards do, and nothing else", async () => {
  await using page = await openPeopleSite();
  // It never ends.
  for (const route of routesOf(page).filter(({ way }) => way !== "/api/v1/stream")) {
    const { status } = await statusOf(page, route, page.as("vera"));
    expect([name(route), status === 403]).toEqual([name(route), route.who === "stewards"]);
  }
});

test("another name for this gateway, as DNS rebinding gives it, gets nothing from any route", async () => {
  await using page = await openPeopleSite();
  for (const route of routesOf(page)) {
    const { status } = await statusOf(page, route, { host: "evil.example", ...page.as("steward") });
    expect([name(route), status]).toEqual([name(route), 421]);
  }
});

test.each([
  { origin: "http://evil.example" },
  { origin: "null" },
  { origin: "http://127.0.0.1:1" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
])("no form of another site (%j) changes anything, whoever looks at that site", async (foreign) => {
  await using page = await openPeopleSite();
  const before = JSON.stringify(page.registry.data());
  for (const route of routesOf(page).filter(({ method }) => method === "POST")) {
    const isLink = /^\/(pair|invite)\//.test(route.way) && foreign.origin === "null";
    const { status } = await statusOf(page, route, { ...foreign, ...page.as("steward") });
    // Their own page gives no referrer, so their browser names no origin; who has the link needs no cookie.
    expect([name(route), status]).toEqual([name(route), isLink ? 404 : 403]);
  }
  expect(page.house.asked).toEqual([]);
  expect(JSON.stringify(page.registry.data())).toBe(before);
});

const GOOD_FOR: Readonly<Record<string, string>> = {
  "GET /api/v1/status": "status",
  "GET /api/v1/stream": "status",
  "GET /metrics": "metrics",
  "POST /api/v1/devices/:id/switch": "switch",
};

test("a token is good for what it was made for and for nothing else, also beside a steward's cookie", async () => {
  await using page = await openPeopleSite();
  const programs = [
    ["status", await page.program("status")],
    ["metrics", await page.program("metrics")],
    ["switch", await page.program("switch")],
  ] as const;
  for (const route of routesOf(page)) {
    if (route.who === "anybody" && route.way !== "/metrics") continue;
    for (const [scope, program] of programs.filter(([each]) => !(route.way.endsWith("/stream") && each === "status"))) {
      const { status } = await statusOf(page, route, { ...program, ...page.as("steward") });
      expect([name(route), scope, status === 403]).toEqual([name(route), scope, GOOD_FOR[name(route)] !== scope]);
    }
  }
});

test("a wrong token gets 401 on each route that asks who one is, whatever cookie is beside it", async () => {
  await using page = await openPeopleSite();
  for (const route of routesOf(page)) {
    if (route.who === "anybody" && route.way !== "/metrics") continue;
    const headers = { authorization: `Bearer hgr_${"x".repeat(43)}`, ...page.as("steward") };
    expect([name(route), (await statusOf(page, route, headers)).status]).toEqual([name(route), 401]);
  }
});

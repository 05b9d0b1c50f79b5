// The API's description is true: every route stands in it and back, who may is who may, bodies' examples are taken, real answers
// are as described and hold nothing beside it, and the document is OpenAPI 3.1 that says so.
import { expect, test } from "vitest";
import { z } from "zod";
import { OPERATIONS, type Operation, routeOf } from "../../src/web/api-operations.ts";
import { API_ANSWERS } from "../../src/web/api-answers.ts";
import { exampleAnswer, openApiOf } from "../../src/web/openapi.ts";
import { openPeopleSite } from "../helpers/people-site.ts";
import { enterAsVolunteer, openTestWeb, type TestWeb } from "../helpers/test-web.ts";

const nameOf = ({ method, path }: Pick<Operation, "method" | "path">): string => `${method} ${path}`;
const NAMED = OPERATIONS.map((operation) => [nameOf(operation), operation] as const);

/** What stands for programs elsewhere than below /api/v1. */
const FOR_PROGRAMS = /^\/(api\/v1\/|metrics$|healthz$|readyz$|cameras\/:id\/last\.jpg$|transparency\/ledger\.jsonl$)/;

/** Things that the test's house has. */
const IDS: Readonly<Record<string, string>> = {
  devices: "lamp-3",
  bridges: "z2m",
  cameras: "gate-cam",
  proposals: "p-1",
  sinks: "main",
};

test("each route for programs is described, and each description has its route", async () => {
  await using page = await openTestWeb();
  const routes = page.web.routes
    .filter(({ method, path }) => method !== "ALL" && FOR_PROGRAMS.test(path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(routes.length).toBeGreaterThan(25);
  const described = OPERATIONS.map((each) => `${each.method} ${routeOf(each)}`);
  expect([...new Set(routes)].toSorted()).toEqual(described.toSorted());
});

test("who may is who may, and what is answered is what is described", async () => {
  await using page = await openTestWeb();
  const steward = await page.enter();
  const volunteer = await enterAsVolunteer(page);
  page.house.histories.set("device:lamp-3", HISTORY);
  const slips: string[] = [];
  for (const operation of OPERATIONS) {
    if (ONCE.has(nameOf(operation)) || operation.answer === STREAM) continue;
    const isEntry = /\/log(in|out)$/.test(operation.path);
    const stranger = await asked(page, operation, {});
    // On the gateway itself, as here, monitoring needs no login.
    const isOpen = operation.who === "anybody" || operation.who === "here-or-login";
    if ((stranger.status === 401) === isOpen) slips.push(`${nameOf(operation)}: a stranger got ${stranger.status}`);
    const looker = isEntry ? stranger : await asked(page, operation, volunteer);
    if ((looker.status === 403) !== (operation.who === "steward"))
      slips.push(`${nameOf(operation)}: a volunteer got ${looker.status}`);
    slips.push(...unlike(operation, isEntry ? stranger : await asked(page, operation, steward)));
  }
  expect(slips).toEqual([]);
});

test("a token opens what is described for it, and nothing else", async () => {
  await using page = await openPeopleSite();
  const all = await page.program("status", "metrics", "switch");
  const slips: string[] = [];
  for (const operation of OPERATIONS.filter(({ who, answer }) => who !== "anybody" && answer !== STREAM)) {
    const { token } = operation;
    const own = token === undefined ? null : await asked(page, operation, await page.program(token));
    if (own !== null && own.status !== 200) slips.push(`${nameOf(operation)}: its token got ${own.status}`);
    const other = await asked(page, operation, all);
    if ((other.status === 403) !== (token === undefined)) slips.push(`${nameOf(operation)}: ${other.status}`);
  }
  expect(slips).toEqual([]);
});

test("what is answered to who is refused is as described", async () => {
  await using page = await openTestWeb();
  for (const [path, status] of [
    ["/api/v1/status", 401],
    ["/api/v1/login", 400],
  ] as const) {
    const { text, status: got } = await page.ask(status === 400 ? "POST" : "GET", path);
    expect([got, isAsDescribed(API_ANSWERS.error, JSON.parse(text))]).toEqual([status, true]);
  }
});

test.each(NAMED)("%s: its examples are what its schemas allow", (_, operation) => {
  const { body, answer } = operation;
  expect(body?.schema.safeParse(body.example).error).toBeUndefined();
  const example = exampleAnswer(operation);
  expect(example === null).toBe(!("schema" in answer));
  if ("schema" in answer) expect(answer.schema.safeParse(JSON.parse(example ?? "")).error).toBeUndefined();
});

test("the document is OpenAPI 3.1: each operation once, each variable named, each reference there", () => {
  const document = JSON.parse(JSON.stringify(openApiOf(OPERATIONS)));
  expect(document.openapi).toBe("3.1.1");
  const operations = Object.entries<Record<string, OpenOperation>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).toSorted()).toEqual(
    OPERATIONS.map(nameOf).toSorted(),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]+$/.test(id))).toEqual([]);
  for (const { path, operation } of operations) {
    const named = (operation.parameters ?? []).filter((each) => each.in === "path").map(({ name }) => `{${name}}`);
    expect(named).toEqual(path.match(/\{\w+\}/g) ?? []);
    for (const { content = {} } of [operation.requestBody ?? {}, operation.responses["200"] ?? {}]) {
      const { schema, example } = content["application/json"] ?? {};
      if (schema !== undefined) expect(z.fromJSONSchema(schema).safeParse(example).error, path).toBeUndefined();
      // Fields may be added to what is answered, not to what is sent.
      const isSent = operation.requestBody?.content === content;
      expect(JSON.stringify(schema ?? {}).includes('"additionalProperties":false'), path).toBe(isSent);
    }
    const schemes = operation.security.flatMap((each) => Object.keys(each));
    expect(schemes.filter((each) => !Object.hasOwn(document.components.securitySchemes, each))).toEqual([]);
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
  expect([...new Set(references)]).toEqual(["#/components/schemas/Error"]);
  expect(document.components.schemas.Error.required).toEqual(["error"]);
});

test("the document and the page are for who has a login; the page has each operation", async () => {
  await using page = await openTestWeb();
  expect((await page.ask("GET", "/api/openapi.json")).status).toBe(401);
  expect((await page.ask("GET", "/api")).status).toBe(303);
  const headers = await page.enter();
  const document = await page.ask("GET", "/api/openapi.json", { headers });
  expect(JSON.parse(document.text)).toEqual(JSON.parse(JSON.stringify(openApiOf(OPERATIONS))));
  const { text } = await page.ask("GET", "/api", { headers });
  expect(OPERATIONS.filter(({ path, method }) => !text.includes(`<b>${method}</b> ${path}`))).toEqual([]);
  expect(text).toContain(`curl -b login.txt ${page.url}/api/v1/devices`);
});

test("an unknown path of the API is 404 as JSON, a wrong method 405 with those that there are", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const nowhere = await page.ask("GET", "/api/v1/nowhere", { headers });
  expect([nowhere.status, isAsDescribed(API_ANSWERS.error, JSON.parse(nowhere.text))]).toEqual([404, true]);
  const wrong = await page.ask("GET", "/api/v1/devices/lamp-3/pause", { headers });
  expect([wrong.status, wrong.headers.allow]).toEqual([405, "POST"]);
  const posted = await page.send("/api/v1/status", {}, headers);
  expect([posted.status, posted.headers.allow]).toEqual([405, "GET, HEAD"]);
  const head = await page.ask("HEAD", "/api/v1/status", { headers });
  expect([head.status, head.text]).toEqual([200, ""]);
});

type Body = {
  readonly content?: Readonly<
    Record<string, { readonly schema?: Parameters<typeof z.fromJSONSchema>[0]; readonly example?: unknown }>
  >;
};
type OpenOperation = {
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
  readonly operationId: string;
  readonly security: readonly Record<string, unknown>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
};

const HISTORY = {
  fromMs: 0,
  toMs: 3_600_000,
  changes: [{ atMs: 0, state: "ok" }],
  lows: [{ day: "1970-01-01", batteryPct: 80, linkPct: null }],
} as const;
const STREAM = OPERATIONS.find(({ path }) => path === "/api/v1/stream")?.answer;
/** What the page does when it is opened here. */
const ONCE: ReadonlySet<string> = new Set(["POST /api/v1/setup"]);

function asked(page: TestWeb, { method, path, body }: Operation, headers: Readonly<Record<string, string>>) {
  const at = path.replace("{id}", IDS[/^\/(?:api\/v1\/)?(\w+)/.exec(path)?.[1] ?? ""] ?? "unknown");
  const example = path.endsWith("/login") ? { user: "steward", passphrase: "correct horse battery" } : body?.example;
  return method === "GET" ? page.ask("GET", at, { headers }) : page.send(at, example ?? {}, headers);
}

function unlike(
  operation: Operation,
  { status, headers, text }: Awaited<ReturnType<TestWeb["ask"]>>,
): readonly string[] {
  const { answer } = operation;
  const type = headers["content-type"] ?? "";
  const is =
    "schema" in answer
      ? status === 200 && isAsDescribed(answer.schema, JSON.parse(text))
      : type.startsWith(answer.type);
  return is ? [] : [`${nameOf(operation)}: ${status} ${type} ${text}`];
}

/** Also that it holds nothing beside: schemas drop what they do not name. */
function isAsDescribed(schema: z.ZodType, value: unknown): boolean {
  const { data, success } = schema.safeParse(value);
  return success && JSON.stringify(sorted(data)) === JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}

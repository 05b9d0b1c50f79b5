// The API's own description, for people at /api and for programs as openapi.json; and what is answered where the API has no such
// path, or not this method.
import type { Hono } from "hono";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { OPERATIONS } from "./api-operations.ts";
import { apiPage } from "./api-page.ts";
import { type OpenApi, openApiOf } from "./openapi.ts";

const NO_PATH = "The API has no such path. /api lists what there is.";

/** The last of all routes: it answers for every path below /api/ that no other has. */
export function addApiDescription(app: Hono<WebEnv>, deps: AppDeps): void {
  // The same for every gateway; made when first asked for, which takes a Pi a while.
  let document: OpenApi | undefined;
  app.get("/api", (c) => {
    const { language } = nowOf(c, deps);
    const body = apiPage({ address: addressOf(c), language });
    return c.html(framed(c, deps, { title: language.say("api.title"), body }));
  });
  app.get("/api/openapi.json", (c) => {
    document ??= openApiOf(OPERATIONS);
    return c.json(document);
  });
  app.all("/api/*", (c) => {
    const allowed = methodsOf(c.req.path);
    if (allowed.length === 0) return c.json({ error: NO_PATH }, 404);
    c.header("allow", allowed.join(", "));
    return c.json({ error: `Only ${allowed.join(" and ")} can be asked of this path.` }, 405);
  });
}

/** What a path of the API can be asked with (RFC 9110, 15.5.6); nothing where there is no such path. */
function methodsOf(path: string): readonly string[] {
  const methods = OPERATIONS.filter((each) => patternOf(each.path).test(path)).map(({ method }) => method);
  return methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

/** As the reader has found it. The guard has looked at the host. */
function addressOf(c: WebContext): string {
  return `${new URL(c.req.url).protocol}//${c.req.header("host") ?? ""}`;
}

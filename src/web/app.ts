// What every request passes before a route sees it: safe headers, the right door, a bounded body, a session.
import { Hono } from "hono";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { checksAccess } from "./access.ts";
import { type AppDeps, type Refusal, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { addApi } from "./api.ts";
import { addApiDescription } from "./api-routes.ts";
import { readBody } from "./bounded-body.ts";
import { METHODS, safeHeaders, turnedAway } from "./guard.ts";
import { notesChanges } from "./noted-changes.ts";
import { addPages } from "./pages.ts";
import { addTls, publicUrlFor, towardsHttps } from "./tls-routes.ts";

const BROKEN_OFF: Refusal = { status: 400, title: "door.broken-off-title", key: "door.broken-off" };
const NOT_FOUND: Refusal = { status: 404, title: "page.no-such-title", key: "page.no-such" };
const STOPPING: Refusal = { status: 503, title: "page.stopping-title", key: "page.stopping" };
const FAILED: Refusal = { status: 500, title: "page.failed-title", key: "page.failed" };
const TOO_LARGE: Refusal = {
  status: 413,
  title: "door.too-large-title",
  key: "door.too-large",
  values: { size: `${LIMITS.requestBytes / 1024} KiB` },
};

/** The whole page and API, without a server: `fetch(request, { address })`. */
export function createApp(deps: AppDeps, stop: AbortSignal): Hono<WebEnv> {
  const { board, log } = deps;
  const app = new Hono<WebEnv>();
  // Set after the safe headers, and stricter: the path of a one-time link is a secret.
  for (const links of ["/pair/*", "/invite/*"])
    app.use(links, async (c, next) => {
      await next();
      c.header("referrer-policy", "no-referrer");
    });
  // The one page that may ask where the phone is, when its button is pressed; browsers let only encrypted pages ask.
  app.use("/setup/site", async (c, next) => {
    await next();
    c.header("permissions-policy", "camera=(), microphone=(), geolocation=(self)");
  });
  app.use(safeHeaders());
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    const { method, path } = c.req;
    const host = c.req.header("host") ?? "";
    const site = c.req.header("sec-fetch-site");
    const publicUrl = publicUrlFor(c, deps);
    const { isSecure } = c.env;
    const turned = turnedAway({ method, host, path, origin: c.req.header("origin"), site, publicUrl, isSecure });
    if (turned === null) return await next();
    board.count(`web.request-refused.${turned.why}`);
    if (turned.why === "method") c.header("allow", METHODS.join(", "));
    return await sayNo(c, deps, { ...turned, title: "door.not-like-this-title" });
  });
  app.use(towardsHttps(deps));
  app.use(async (c, next) => {
    const body = await readBody(c, LIMITS.requestBytes);
    return body === "read" ? await next() : await sayNo(c, deps, body === "broken" ? BROKEN_OFF : TOO_LARGE);
  });
  app.use(checksAccess(deps, stop));
  app.use(notesChanges(deps.journal));
  addApi(app, deps, stop);
  addPages(app, deps, stop);
  addApiDescription(app, deps);
  addTls(app, deps);
  app.notFound((c) => sayNo(c, deps, NOT_FOUND));
  app.onError((thrown, c) => failed(thrown, { c, stop, deps, log }));
  return app;
}

type Failure = {
  readonly c: WebContext;
  readonly stop: AbortSignal;
  readonly deps: AppDeps;
  readonly log: AppDeps["log"];
};

function failed(thrown: unknown, { c, stop, deps, log }: Failure): Response | Promise<Response> {
  // Whoever waited for their turn to log in has gone away, or the gateway is: nobody's mistake.
  if (stop.aborted || c.req.raw.signal.aborted) return sayNo(c, deps, STOPPING);
  deps.board.count("web.failed");
  const path = c.req.path.replace(/^\/(pair|paired|invite)\/.*/, "/$1/…");
  log.error({ path, cause: messageOf(thrown) }, "request failed");
  return sayNo(c, deps, FAILED);
}

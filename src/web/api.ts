// The page as JSON (interfaces §5), the live stream, the pictures, and what monitoring asks for.
import type { Hono } from "hono";
import { languageOf } from "../languages/say.ts";
import {
  type AppDeps,
  letIn,
  letOut,
  type Refusal,
  sayNo,
  type WebContext,
  type WebEnv,
  whileAsking,
} from "./answers.ts";
import { type Admission, REFUSALS, refusalIn } from "./accounts.ts";
import { LogInAsk, SetUpAsk } from "./api-asks.ts";
import { addBufferApi } from "./buffer-routes.ts";
import { addCameraApi } from "./camera-api.ts";
import { addDeviceApi } from "./device-api.ts";
import { addDisclosuresApi } from "./disclosures-routes.ts";
import { addEraseApi } from "./erase-routes.ts";
import { jsonOf } from "./forms.ts";
import { isLoopback } from "./loopback.ts";
import { addNoticesApi } from "./notices-routes.ts";
import { addPolicyApi } from "./policy-routes.ts";
import { metricsText } from "./metrics.ts";
import { browserWordOf } from "./session-cookie.ts";

const NO_PICTURE: Refusal = { status: 404, title: "api.no-picture-title", key: "api.no-picture" };
const FOR_MONITORING: Refusal = { status: 401, title: "api.numbers-title", key: "api.numbers" };
const TOO_MANY: Refusal = { status: 503, title: "page.too-many-title", key: "page.too-many" };

export function addApi(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { accounts, commands, transparency, clock, streams } = deps;
  app.post("/api/v1/setup", async (c) => {
    const ask = SetUpAsk.safeParse(await jsonOf(c));
    if (!ask.success) return c.json({ error: 'Send JSON: {"code": "…", "passphrase": "…"}.' }, 400);
    return answer(c, deps, await accounts.setUp({ ...ask.data, address: c.env.address }, whileAsking(c, stop)));
  });
  app.post("/api/v1/login", async (c) => {
    const ask = LogInAsk.safeParse(await jsonOf(c));
    if (!ask.success) return c.json({ error: 'Send JSON: {"user": "…", "passphrase": "…"}.' }, 400);
    const from = { address: c.env.address, browserWord: browserWordOf(c) };
    return answer(c, deps, await accounts.logIn({ ...ask.data, ...from }, whileAsking(c, stop)));
  });
  app.post("/api/v1/logout", (c) => {
    letOut(c, deps);
    return c.json({});
  });
  addDeviceApi(app, deps);
  addCameraApi(app, deps, stop);
  addBufferApi(app, deps);
  addEraseApi(app, deps);
  addDisclosuresApi(app, deps);
  addPolicyApi(app, deps);
  addNoticesApi(app, deps, stop);
  app.get("/api/v1/status", (c) => c.json(commands.status()));
  app.get("/api/v1/transparency", (c) => c.json(transparency.view()));
  app.get("/api/v1/stream", (c) => {
    const isWelcome = () => c.get("isStillIn")();
    const isBrief = c.req.query("brief") !== undefined;
    return streams.serve(c, { isWelcome, isBrief }) ?? sayNo(c, deps, TOO_MANY);
  });
  app.get("/cameras/:id/last.jpg", async (c) => {
    const camera = commands.status().cameras.find(({ id }) => id === c.req.param("id"));
    const jpeg = camera === undefined ? null : await commands.lastImage(camera.id);
    if (jpeg === null) return await sayNo(c, deps, NO_PICTURE);
    return c.body(new Uint8Array(jpeg), 200, { "content-type": "image/jpeg" });
  });
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", (c) => (stop.aborted ? c.text("stopping\n", 503) : c.text("ready\n")));
  // Loopback, or a login: counters tell when somebody walks by, and a neighbour on the Wi-Fi has no business with that.
  app.get("/metrics", (c) => {
    if (!isLoopback(c.env.address) && c.get("session") === undefined) return sayNo(c, deps, FOR_MONITORING);
    const measured = { status: commands.status(), nowMs: clock.nowMs(), memoryBytes: process.memoryUsage.rss() };
    return c.text(metricsText(measured), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    });
  });
}

function answer(c: WebContext, deps: AppDeps, admission: Admission): Response {
  if (admission.kind === "refused") {
    const { why } = admission;
    return c.json({ error: refusalIn(languageOf("en"), why), why }, REFUSALS[why].status);
  }
  letIn(c, deps, admission);
  return c.json({ user: admission.account.user, role: admission.account.role });
}

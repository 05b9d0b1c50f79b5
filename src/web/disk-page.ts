// The page while the gateway cannot use its disk: what is wrong, the one next step, and nothing that would need the disk.
import { Hono } from "hono";
import { DISK_LIMITS } from "../core/disk-limits.ts";
import type { DiskTrouble } from "../core/disk-trouble.ts";
import { languageOf } from "../languages/say.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { isForPrograms, type WebEnv } from "./answers.ts";
import { type Assets, readAssets } from "./assets.ts";
import { METHODS, safeHeaders, turnedAway } from "./guard.ts";
import { type Html, html } from "./html.ts";
import { icon } from "./icons.ts";
import { page } from "./layout.ts";
import { type HttpServer, openServer } from "./server.ts";

/** `trouble` is asked for each answer. */
type Deps = {
  readonly settings: GatewaySettings;
  readonly trouble: () => DiskTrouble;
};

/** Said of every wait, whatever the disk's trouble is. */
const MEANWHILE =
  "Until then nothing is taken from sensors and no picture is made. Most sensors keep what they have to say, and send it again by themselves.";

/**
 * Serves the page where the gateway's own will be: 503 with `retry-after` for all but `/healthz`, as JSON for programs. Throws
 * like openServer.
 */
export async function openDiskPage({ settings, trouble }: Deps): Promise<HttpServer> {
  const assets = await readAssets();
  const app = new Hono<WebEnv>();
  app.use(safeHeaders());
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    const { method, path } = c.req;
    const turned = turnedAway({
      method,
      host: c.req.header("host") ?? "",
      path,
      origin: c.req.header("origin"),
      site: c.req.header("sec-fetch-site"),
    });
    if (turned === null) return await next();
    if (turned.why === "method") c.header("allow", METHODS.join(", "));
    return c.json({ error: languageOf("en").say(turned.key, turned.values) }, turned.status);
  });
  app.get("/healthz", (c) => c.text("ok\n"));
  for (const { url, type, bytes } of [assets.css, assets.icon]) {
    app.get(url.replace(/\?.*/, ""), (c) => c.body(bytes, 200, { "content-type": type }));
  }
  app.all("*", (c) => {
    const { kind, what, next } = trouble();
    c.header("retry-after", String(DISK_LIMITS.pageRefreshS));
    const isForPeople = c.req.method !== "POST" && c.req.path !== "/readyz" && !isForPrograms(c.req.path);
    if (!isForPeople) return c.json({ error: what, next, disk: kind }, 503);
    // A header, since the page has no script here; when the gateway is there, this loads its own page.
    c.header("refresh", String(DISK_LIMITS.pageRefreshS));
    return c.html(framed(assets, { settings, what, next }), 503);
  });
  return openServer(app, settings.status);
}

function framed(
  assets: Assets,
  { settings, what, next }: { settings: GatewaySettings; what: string; next: string },
): Html {
  const site = settings.gateway.name ?? settings.gateway.id;
  const urls = { css: assets.css.url, js: assets.js.url, icon: assets.icon.url };
  const title = "The gateway waits for its disk";
  return page(
    { title, site, path: "/", session: undefined, assets: urls, isAlone: true },
    html`<div class="narrow"><h1>${icon("warning")} ${title}</h1>
<p class="lead"><b>${what}</b> ${next}</p>
<p>${MEANWHILE}</p>
<p class="muted">The gateway tries again by itself, and this page turns into the usual one when it works.</p></div>`,
  );
}

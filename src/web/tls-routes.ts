// What https changes for routes: the page on which one installs the house's own authority, and the way there from plain http.
import type { Hono, MiddlewareHandler } from "hono";
import { type AppDeps, framed, isForPrograms, type WebContext, type WebEnv } from "./answers.ts";
import { spokenFor } from "./chosen-language.ts";
import { tlsPage } from "./tls-page.ts";

/** Public, asked for by programs, or needed by who cannot use https yet. */
const STAYS = /^\/(tls|sign|transparency|healthz|readyz|metrics|assets|api)(\/|$)/;

export function addTls(app: Hono<WebEnv>, deps: AppDeps): void {
  const { tls } = deps;
  app.get("/tls", (c) => {
    const spoken = spokenFor(c, deps);
    const { language } = spoken;
    const body = tlsPage({
      authority: tls?.authority ?? null,
      address: secureAddress(c, deps),
      isSecure: c.env.isSecure,
      language,
    });
    return c.html(framed(c, deps, { title: language.say("tls.title"), body, spoken }));
  });
  if (tls === null || tls.authority === null) return;
  const { der, pem } = tls.authority;
  // Not as an attachment: a phone then offers to install it.
  app.get("/tls/authority.crt", (c) =>
    c.body(new Uint8Array(der), 200, { "content-type": "application/x-x509-ca-cert" }),
  );
  app.get("/tls/authority.pem", (c) =>
    c.body(pem, 200, {
      "content-type": "application/x-pem-file",
      "content-disposition": 'attachment; filename="hedgerow-authority.crt"',
    }),
  );
}

/**
 * Under a name that the association's own certificate is for, pages for people go on by https. Under an address they stay: without
 * internet the name cannot be looked up, and a volunteer at the site must still get in. With our own authority they stay too,
 * since most phones do not know it.
 */
export function towardsHttps(deps: AppDeps): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const { path, method } = c.req;
    const isPage = method === "GET" && !STAYS.test(path) && !isForPrograms(path);
    if (!isPage || c.env.isSecure || ownNameOf(c, deps) === null) return await next();
    const { search } = new URL(c.req.url);
    return c.redirect(`${secureAddress(c, deps)}${path}${search}`, 307);
  };
}

/** The name that gateway.yaml gives residents, or the one that was asked for, where the association's certificate is for it. */
export function publicUrlFor(c: WebContext, deps: AppDeps): string | undefined {
  const own = ownNameOf(c, deps);
  return own === null ? deps.settings.status.publicUrl : `https://${own}`;
}

function ownNameOf(c: WebContext, { tls }: AppDeps): string | null {
  const host = askedHost(c);
  return host !== null && tls !== null && tls.authority === null && tls.isFor(host) ? host : null;
}

/** The same host by https; null where there is none. */
function secureAddress(c: WebContext, { tls }: AppDeps): string | null {
  const host = askedHost(c);
  if (tls === null || host === null) return null;
  return new URL(`https://${host}:${tls.port}`).origin;
}

function askedHost(c: WebContext): string | null {
  return URL.parse(`http://${c.req.header("host") ?? ""}`)?.hostname ?? null;
}

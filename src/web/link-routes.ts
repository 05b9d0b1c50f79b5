// The one-time link, for whoever stands at the device: no login, since the token is the secret. Looking uses nothing up.
import type { Hono } from "hono";
import {
  type AppDeps,
  framed,
  nowOf,
  type Sentence,
  sayNo,
  type WebContext,
  type WebEnv,
  whileAsking,
} from "./answers.ts";
import { linesPage, linkPage, usedLinkPage } from "./pairing-pages.ts";
import { nameOf } from "./pairing-routes.ts";

/** Wrong, used and expired links answer alike. */
const NO_LINK: Sentence = {
  status: 404,
  title: "This link does not work",
  sentence: "It works once, and for ten minutes. Please ask a steward for a new one.",
};
const TOO_MANY: Sentence = {
  status: 429,
  title: "One moment",
  sentence: "Too many attempts at once. Please wait a few seconds and try again.",
};

export function addLinks(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { links, linkAttempts } = deps;
  /** Guessing is slowed down like logins, in a line of its own: a right link must not make the next passphrase free. */
  const attempt = async <T>(c: WebContext, look: () => T | undefined): Promise<T | "too-many" | undefined> => {
    let found: T | undefined;
    const isThere = async () => {
      found = look();
      return found !== undefined;
    };
    const outcome = await linkAttempts.run(c.env.address, isThere, whileAsking(c, stop));
    if (outcome === "failed") deps.board.count("web.refused.wrong-link");
    return outcome === "too-many" ? outcome : found;
  };
  app.get("/pair/:token", async (c) => {
    const token = c.req.param("token");
    const link = await attempt(c, () => links.find(token));
    if (link === undefined || link === "too-many") return await sayNo(c, deps, link === undefined ? NO_LINK : TOO_MANY);
    const body = link.isUsed ? usedLinkPage(link, nowOf(c, deps)) : linkPage(token);
    return c.html(framed(c, deps, { title: "Set-up lines", body, isPolled: link.isUsed }));
  });
  app.post("/pair/:token", async (c) => {
    const used = await attempt(c, () => links.use(c.req.param("token")));
    if (used === undefined || used === "too-many") return await sayNo(c, deps, used === undefined ? NO_LINK : TOO_MANY);
    // Counted, so that the steward's page hears of it at once.
    deps.board.count("web.link-used");
    const name = nameOf(deps, used);
    const body = linesPage({ ...used, name, said: "", unused: null, page: null, link: null }, nowOf(c, deps));
    return c.html(framed(c, deps, { title: "Set-up lines", body, isPolled: true }));
  });
}

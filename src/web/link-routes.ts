// The one-time link, for whoever stands at the device: no login, since the token is the secret. Looking uses nothing up.
import type { Hono } from "hono";
import {
  type AppDeps,
  framed,
  nowOf,
  type Refusal,
  sayNo,
  type WebContext,
  type WebEnv,
  whileAsking,
} from "./answers.ts";
import { linesPage, linkPage, usedLinkPage } from "./pairing-lines.ts";
import { nameOf } from "./pairing-routes.ts";

/** Wrong, used and expired links answer alike. */
const NO_LINK: Refusal = { status: 404, title: "pairing.link-bad-title", key: "pairing.link-bad" };
const TOO_MANY: Refusal = { status: 429, title: "pairing.link-many-title", key: "pairing.link-many" };

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
    const now = nowOf(c, deps);
    const body = link.isUsed ? usedLinkPage(link, now) : linkPage(token, now);
    return c.html(framed(c, deps, { title: now.language.say("pairing.link-title"), body, isPolled: link.isUsed }));
  });
  app.post("/pair/:token", async (c) => {
    const used = await attempt(c, () => links.use(c.req.param("token")));
    if (used === undefined || used === "too-many") return await sayNo(c, deps, used === undefined ? NO_LINK : TOO_MANY);
    // Counted, so that the steward's page hears of it at once.
    deps.board.count("web.link-used");
    const now = nowOf(c, deps);
    const name = nameOf(deps, used, now.language);
    const body = linesPage({ ...used, name, said: "", unused: null, page: null, link: null, onward: "" }, now);
    return c.html(framed(c, deps, { title: now.language.say("pairing.link-title"), body, isPolled: true }));
  });
}

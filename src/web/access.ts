// Who may ask for what: anybody, who is logged in, a steward, or a program with a token. What nobody has thought of needs a login,
// and a change of it a steward.
import type { MiddlewareHandler } from "hono";
import type { TokenScope, TokenView } from "../core/people-commands.ts";
import {
  type AppDeps,
  isForPrograms,
  type Refusal,
  sayNo,
  tokenOf,
  type WebContext,
  type WebEnv,
  whileAsking,
} from "./answers.ts";
import { rememberLanguage } from "./chosen-language.ts";
import { cameFrom } from "./session-cookie.ts";

/** What a stranger may ask for; everything else needs a session, also what nobody has thought of yet. */
const OPEN_TO_ALL =
  /^\/(setup|login|logout|sign|tls(\/authority\.(crt|pem))?|transparency(\/receipts|\/ledger\.jsonl|\/record|\/dpia|\/register\.json)?|healthz|readyz|metrics|assets\/[\w.-]+|(pair|invite)\/[\w-]{1,64}|api\/v1\/(setup|login|logout|transparency|receipts|ledger\/head))$/;

/** Pages from which a steward changes something; every other POST behind the login is a change, too. */
const FOR_STEWARDS =
  /^\/((setup|devices\/new|proposals|paired|policy\/withdraw|erase|people\/(journal|tokens|made|user|invitations)|(api\/v1\/)?(disclosures|notices))(\/|$)|(devices|bridges)\/[^/]+\/(credentials|revoke|remove|edit|replace)$|cameras\/(new|[^/]+\/(edit|remove|credentials))(\/|$))/;

/** What everybody changes of their own account. */
const FOR_ONESELF = /^\/people\/you\//;

/** What a token is good for, and nothing else. */
const FOR_TOKENS: Readonly<Record<TokenScope, { readonly method: "GET" | "POST"; readonly path: RegExp }>> = {
  status: { method: "GET", path: /^\/api\/v1\/(status|stream)$/ },
  metrics: { method: "GET", path: /^\/metrics$/ },
  switch: { method: "POST", path: /^\/api\/v1\/devices\/[^/]+\/switch$/ },
};

const LOOK_ONLY: Refusal = { status: 403, title: "door.look-only-title", key: "door.look-only" };
const WRONG_TOKEN: Refusal = { status: 401, title: "door.token-title", key: "door.token-wrong" };
const TOO_MANY_TOKENS: Refusal = { status: 429, title: "door.token-title", key: "door.token-too-many" };
const NOT_FOR_TOKENS: Refusal = { status: 403, title: "door.token-title", key: "door.token-scope" };

/** Sets `session` for the routes, or answers in their place. */
export function checksAccess(deps: AppDeps, stop: AbortSignal): MiddlewareHandler<WebEnv> {
  const { sessions, accounts } = deps;
  return async (c, next) => {
    const { path, method } = c.req;
    const bearer = /^bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    // Of what anybody may read, only the numbers are asked for with a token.
    if (bearer !== undefined && (path === "/metrics" || !OPEN_TO_ALL.test(path)))
      return (await refusalOfToken(c, { bearer, deps }, stop)) ?? (await next());
    const find = () => sessions.find(tokenOf(c), cameFrom(c));
    const session = find();
    c.set("session", session);
    c.set("isStillIn", () => find() !== undefined);
    if (OPEN_TO_ALL.test(path)) return await next();
    const isChange = (method === "POST" && !FOR_ONESELF.test(path)) || FOR_STEWARDS.test(path);
    if (session !== undefined && isChange && session.role !== "steward") return await sayNo(c, deps, LOOK_ONLY);
    if (session !== undefined) return await next();
    if (isForPrograms(path)) return c.json({ error: "Please log in first." }, 401);
    rememberLanguage(c);
    if (!accounts.isSetUp()) return c.redirect("/setup", 303);
    return c.redirect(path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`, 303);
  };
}

/** Null: it is good for what is asked, and stands as the session of this request. A cookie beside it counts for nothing. */
async function refusalOfToken(
  c: WebContext,
  { bearer, deps }: { readonly bearer: string; readonly deps: AppDeps },
  stop: AbortSignal,
): Promise<Response | null> {
  const { commands, tokenAttempts, board } = deps;
  const token = commands.useToken(bearer);
  if (token === null) {
    board.count("web.refused.wrong-token");
    c.header("www-authenticate", "Bearer");
    // Looked up first and waited for afterwards: a program with a right token never waits for one with a wrong one beside it.
    const outcome = await tokenAttempts.run(c.env.address, async () => false, whileAsking(c, stop));
    return await sayNo(c, deps, outcome === "too-many" ? TOO_MANY_TOKENS : WRONG_TOKEN);
  }
  if (!isFor(c, token)) return await sayNo(c, deps, NOT_FOR_TOKENS);
  const id = `token:${token.id}`;
  c.set("session", { user: id, role: "volunteer", id });
  c.set("isStillIn", () => commands.useToken(bearer) !== null);
  return null;
}

function isFor({ req }: WebContext, { may }: TokenView): boolean {
  const asked = req.method === "HEAD" ? "GET" : req.method;
  return may.some((scope) => FOR_TOKENS[scope].method === asked && FOR_TOKENS[scope].path.test(req.path));
}

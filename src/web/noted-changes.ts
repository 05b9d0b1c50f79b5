// Which word of the journal a change gets, by the way that it came: each POST that succeeds is noted, also one that nobody has
// thought of here yet, as `changed` with its way. Nothing that was sent is noted, only the id that the way holds.
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { ChangeJournal, JournalWord } from "../core/change-journal.ts";
import type { WebEnv } from "./answers.ts";

/** The first that fits. `null`: noted where it is done, or nothing has changed. */
const WAYS: readonly (readonly [RegExp, JournalWord | null])[] = [
  [/^\/(login|pair|invite)(\/|$)|^\/setup$|^\/setup\/(policy\/show|platform\/look)$/, null],
  [/^\/setup\/(policy|begin)$/, "policy-changed"],
  [/^\/setup\//, "settings-changed"],
  [/^\/logout$/, "logout"],
  [/^\/people\//, null],
  [/^\/tokens/, null],
  [/^\/cameras\/:id\/(test|forget)$|^\/cameras\/(find|draft|try)/, null],
  [/^\/(devices|bridges)(\/new.*)?$/, "device-added"],
  [/^\/proposals\/:id\/approve$/, "device-added"],
  [/^\/(devices|bridges)\/:id\/(credentials|revoke|replace)$/, "device-login"],
  [/^\/(devices|bridges)\/:id\/remove$/, "device-removed"],
  [/^\/devices\/:id\/pause$/, "device-paused"],
  [/^\/devices\/:id\/resume$/, "device-resumed"],
  [/^\/devices\/:id\/(switch|on|off)$/, "lamp-switched"],
  [/^\/(devices|bridges|proposals)\//, "device-changed"],
  [/^\/cameras\/:id\/look$/, "camera-looked"],
  [/^\/cameras\/:id\/remove$/, "camera-removed"],
  [/^\/cameras\/:id\/pause$/, "camera-paused"],
  [/^\/cameras\/:id\/resume$/, "camera-resumed"],
  [/^\/cameras/, "camera-changed"],
  [/^\/policy\/approve$/, "policy-approved"],
  [/^\/policy/, "policy-changed"],
  [/^\/(buffer|dead-letters|sinks|letters)\//, "buffer-sent"],
  [/^\/notices\/(try|test)/, "notice-tried"],
  [/^\/(notices|site|platform|platforms|settings|tls)(\/|$)/, "settings-changed"],
  [/^\/erase/, "erased"],
  [/^\/disclosures/, "disclosed"],
  [/^\/(backup|export|files)/, "exported"],
];

/** `way`: the pattern of the route, such as /api/v1/devices/:id/pause. */
export function journalWordOf(way: string): JournalWord | null {
  const plain = way.replace(/^\/api\/v1(?=\/)/, "");
  const found = WAYS.find(([pattern]) => pattern.test(plain));
  return found === undefined ? "changed" : found[1];
}

/** Notes each change that somebody who is logged in has made. */
export function notesChanges(journal: ChangeJournal): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const session = c.get("session");
    await next();
    if (c.req.method !== "POST" || c.res.status >= 400 || session === undefined) return;
    const way = matchedRoutes(c).find(({ method }) => method === "POST")?.path;
    const what = way === undefined ? null : journalWordOf(way);
    if (way === undefined || what === null) return;
    const about = c.req.param("id") ?? (what === "changed" ? way : undefined);
    journal.note({ what, by: session.user, address: c.env.address, ...(about !== undefined && { about }) });
  };
}

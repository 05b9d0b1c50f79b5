// Which word of the journal a change gets, by the way that it came: each POST that succeeds is noted, also one that nobody has
// thought of here yet, as `changed` with its way. Nothing that was sent is noted, only the id that the way holds.
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { ChangeJournal, JournalWord } from "../core/change-journal.ts";
import type { WebEnv } from "./answers.ts";

/** The first that fits. `null`: noted where it is done, or nothing has changed. */
const WAYS: readonly (readonly [RegExp, JournalWord | null])[] = [
  [/^\/(login|pair|invite)(\/|$)|^\/setup$|^\/setup\/(policy\/show|platform\/look)$/, null],
  [/^\/setup\/files\//, "exported"],
  [/^\/setup\/(policy|begin)$/, "policy-changed"],
  [/^\/setup\//, "settings-changed"],
  [/^\/logout$/, "logout"],
  [/^\/people\//, null],
  // What is typed on the way to a camera is kept nowhere until it is saved.
  [/^\/cameras\/(new|:id\/edit)\/save$/, "camera-changed"],
  [/^\/cameras\/(new|:id\/edit)\/|^\/cameras\/:id\/(test|forget)$/, null],
  [/^\/(devices|bridges)(\/new.*)?$/, "device-added"],
  [/^\/proposals\/(:id\/)?approve$/, "device-added"],
  [/^\/(devices|bridges)\/:id\/(credentials|revoke|replace)$/, "device-login"],
  [/^\/(devices|bridges)\/:id\/remove$/, "device-removed"],
  [/^\/devices\/:id\/pause$/, "device-paused"],
  [/^\/devices\/:id\/resume$/, "device-resumed"],
  [/^\/devices\/:id\/switch$/, "lamp-switched"],
  [/^\/(devices|bridges|proposals)\//, "device-changed"],
  [/^\/cameras\/:id\/look$/, "camera-looked"],
  [/^\/cameras\/:id\/remove$/, "camera-removed"],
  [/^\/cameras\/:id\/pause$/, "camera-paused"],
  [/^\/cameras/, "camera-changed"],
  [/^\/policy\/approve$/, "policy-approved"],
  [/^\/policy/, "policy-changed"],
  [/^\/(buffer|dead-letters|sinks)\//, "buffer-sent"],
  [/^\/notices\/test$/, "notice-tried"],
  [/^\/notices\//, "settings-changed"],
  [/^\/erase/, "erased"],
  [/^\/disclosures/, "disclosed"],
  [/^\/backup/, "exported"],
];

/** `way`: the pattern of the route, such as /api/v1/devices/:id/pause. */
export function journalWordOf(way: string): JournalWord | null {
  const plain = way.replace(/^\/api\/v1(?=\/)/, "");
  const found = WAYS.find(([pattern]) => pattern.test(plain));
  return found === undefined ? "changed" : found[1];
}

/** Notes each change that somebody who is logged in has made, and each copy of the settings that was taken. */
export function notesChanges(journal: ChangeJournal): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const session = c.get("session");
    await next();
    if (c.res.status >= 400 || session === undefined) return;
    const way = matchedRoutes(c).find(({ method }) => method !== "ALL")?.path;
    const word = way === undefined ? null : journalWordOf(way);
    if (way === undefined || word === null || (c.req.method !== "POST" && word !== "exported")) return;
    // One form does both, and the page that follows says which it was.
    const isWoken = c.res.headers.get("location")?.endsWith("done=resumed") === true;
    const what = word === "camera-paused" && isWoken ? "camera-resumed" : word;
    const about = c.req.param("id") ?? c.req.param("name") ?? (what === "changed" ? way : undefined);
    journal.note({ what, by: session.user, address: c.env.address, ...(about !== undefined && { about }) });
  };
}

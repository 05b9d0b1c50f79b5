// What a browser reads after a change that opens the house anew: for about a second nobody answers then, and a redirect would lead
// into nothing. So the answer itself is the page that waits, and goes on by itself: with the script as soon as the house is open,
// without it by the clock.
import { type AppDeps, framed, nowOf, type WebContext } from "./answers.ts";
import { html } from "./html.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";

/** Answers a posted form after a change by `deps.site`. `next`: a path of ours to go on to. */
export function openingAnew(c: WebContext, deps: AppDeps, next: string): Response | Promise<Response> {
  const { say } = nowOf(c, deps).language;
  const { startedAt } = deps.commands.status().gateway;
  c.header("refresh", `${SETUP_LIMITS.openingS};url=${next}`);
  const body = html`<div class="narrow" id="opening" data-next="${next}" data-since="${startedAt}" data-wait-ms="${SETUP_LIMITS.openingWaitMs}">
<h1>${say("setup.opening-title")}</h1>
<p class="lead" role="status">${say("setup.opening")}</p>
<p class="muted">${say("setup.opening-by-hand")}</p>
<p><a class="button" href="${next}">${say("setup.opening-go-on")}</a></p></div>`;
  return c.html(framed(c, deps, { title: say("setup.opening-title"), body, script: "setup" }));
}

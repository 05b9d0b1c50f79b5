// Where one goes on to when a way through several pages ends: the set-up leads into the adding of a sensor, and wants one back.
import type { WebContext } from "./answers.ts";
import { type Html, html } from "./html.ts";
import type { Language } from "../languages/say.ts";

/** Pages that lead away and want one back: never an address of elsewhere. */
const PAGES = /^\/setup(\/[a-z0-9-]{1,40}){0,2}$/;

/** A page of ours to go on to; empty for none, and for what is no page of ours. */
export function thenOf(asked: string | undefined): string {
  return asked !== undefined && PAGES.test(asked) ? asked : "";
}

/** What the address asks for. */
export function thenIn(c: WebContext): string {
  return thenOf(c.req.query("then"));
}

/** A path that keeps it. */
export function withThen(path: string, onward: string): string {
  return onward === "" ? path : `${path}${path.includes("?") ? "&" : "?"}then=${encodeURIComponent(onward)}`;
}

/** Carries it through a form. */
export function thenField(onward: string): Html | null {
  return onward === "" ? null : html`<input type="hidden" name="then" value="${onward}">`;
}

/** The way back, where one came from there. */
export function thenLink(onward: string, language: Language): Html | null {
  return onward === ""
    ? null
    : html`<p><a class="button" href="${onward}">${language.say("pairing.continue-set-up")}</a></p>`;
}

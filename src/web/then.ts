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
export function withThen(path: string, then: string): string {
  return then === "" ? path : `${path}${path.includes("?") ? "&" : "?"}then=${encodeURIComponent(then)}`;
}

/** Carries it through a form. */
export function thenField(then: string): Html | null {
  return then === "" ? null : html`<input type="hidden" name="then" value="${then}">`;
}

/** The way back, where one came from there. */
export function thenLink(then: string, language: Language): Html | null {
  return then === ""
    ? null
    : html`<p><a class="button" href="${then}">${language.say("pairing.continue-set-up")}</a></p>`;
}

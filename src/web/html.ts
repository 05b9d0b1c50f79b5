// How text becomes HTML here: escaped by hono, names of people and things made harmless first.
import { html, raw } from "hono/html";

export { html, raw };
export type Html = ReturnType<typeof html>;

/** Control characters, and those that turn the direction of what follows (UAX #9): a name must not repaint the page. */
const UNSEEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A name as text for a title or a sentence: without unseen characters, 80 characters at most. */
export function plainName(name: string): string {
  const plain = name.replaceAll(UNSEEN, "").trim();
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}

/** A sentence of any length, without control characters and those that turn the direction of what follows. */
export function plainText(words: string): string {
  return words.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, " ");
}

/** A name as HTML, isolated so that right-to-left names do not reorder the words around them. */
export function named(name: string): Html {
  return html`<bdi>${plainName(name)}</bdi>`;
}

/** A sentence of a language that may hold anybody's words: what isolates them stays, control characters do not. */
export function withoutControls(words: string): string {
  return words.replaceAll(/\p{Cc}/gu, " ");
}

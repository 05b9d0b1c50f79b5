// A sentence of a language around things that are no text, such as a link or a fingerprint.
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html } from "./html.ts";

/** What stands in a sentence: text that is escaped, a number, or HTML as it is. */
type Value = string | number | { readonly html: Html };

/** The message with its values in their places; in a right-to-left language each isolated, so that none turns the others. */
export function sentence(language: Language, key: MessageKey, values: Readonly<Record<string, Value>>): Html {
  const pieces = language.pieces<{ readonly html: Html }>(key, values);
  return html`${pieces.map((piece) => (typeof piece === "string" ? piece : piece.html))}`;
}

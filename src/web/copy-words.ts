// The words of the buttons that copy what is to be typed elsewhere (assets/copy.js), in the reader's language.
import type { Language } from "../languages/say.ts";
import { type Html, html } from "./html.ts";

/** Attributes for an element around what may be copied. A button is called after what stands before it, or `pairing.copy-lines`. */
export function copyWords({ say }: Language): Html {
  return html` data-words-copy="${say("pairing.copy")}" data-words-copied="${say("pairing.copied")}" data-words-marked="${say("pairing.copy-marked")}" data-words-what="${say("pairing.copy-what", { what: "{what}" })}" data-words-lines="${say("pairing.copy-lines")}"`;
}

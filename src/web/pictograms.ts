// The pictures on the sign, drawn here: a sensor that notices what moves, and a camera. White on the sign's green.
import { type Html, html, raw } from "./html.ts";

const SHAPES = {
  sensor:
    '<rect x="7" y="14" width="16" height="20" rx="4"/><circle cx="15" cy="24" r="4"/><path d="M15 34v9M8 43h14"/><path d="M28 19a8 8 0 0 1 0 10M33 14.5a15 15 0 0 1 0 19M38 10a22 22 0 0 1 0 28"/>',
  camera:
    '<path d="M8 12.5h22a4 4 0 0 1 4 4v15a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4v-15a4 4 0 0 1 4-4Z"/><path d="m34 21 10-5v16l-10-5"/><circle cx="19" cy="24" r="6.5"/><circle cx="19" cy="24" r="1.5"/>',
} as const;

/** Decoration: the headline beside it says the same. */
export function pictogram(name: keyof typeof SHAPES): Html {
  return html`<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">${raw(SHAPES[name])}</svg>`;
}
